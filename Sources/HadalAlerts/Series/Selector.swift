/// The series of a metric whose labels are as told.
public struct Selector: Sendable, Hashable {
    public struct Matcher: Sendable, Hashable {
        public enum Condition: Sendable, Hashable {
            case `is`(String)
            case isNot(String)
            case isOneOf([String])
            case hasPrefix(String)
        }

        public let label: String
        public let condition: Condition

        func matches(_ labels: Labels) -> Bool {
            let value = labels[label]
            return switch condition {
            case .is(let wanted): value == wanted
            case .isNot(let unwanted): value != unwanted
            case .isOneOf(let wanted): wanted.contains(value)
            case .hasPrefix(let prefix): value.hasPrefix(prefix)
            }
        }
    }

    public let metric: String
    public let matchers: [Matcher]

    public init(_ metric: String, _ conditions: KeyValuePairs<String, Matcher.Condition> = [:]) {
        self.metric = metric
        matchers = conditions.map { Matcher(label: $0, condition: $1) }
    }

    init(_ metric: String, _ matchers: [Matcher]) { (self.metric, self.matchers) = (metric, matchers) }

    func matches(_ labels: Labels) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
}

/// Which series anybody asks for: all others are left out while a scrape is read.
public struct SelectorSet: Sendable {
    private let selectors: [String: [Selector]]

    public init(_ selectors: some Sequence<Selector>) {
        self.selectors = Dictionary(grouping: Set(selectors), by: \.metric)
    }

    func has(metric: String) -> Bool { selectors[metric] != nil }
    func has(_ series: Series) -> Bool { selectors[series.metric]?.contains { $0.matches(series.labels) } ?? false }
}
