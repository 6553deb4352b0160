/// The labels of one series. A label without a value is as if it were not there, as in Prometheus.
public struct Labels: Sendable, Hashable, Codable {
    public struct Pair: Sendable, Hashable, Codable, Comparable {
        public let name: String
        public let value: String

        public static func < (left: Pair, right: Pair) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }

    /// In order of their names, each of which is there once.
    public let pairs: [Pair]

    public init(_ values: [String: String] = [:]) {
        pairs = values.filter { !$1.isEmpty }.map { Pair(name: $0, value: $1) }.sorted()
    }

    private init(ordered pairs: [Pair]) { self.pairs = pairs }

    /// The label's value; empty where there is none.
    public subscript(name: String) -> String { pairs.first { $0.name == name }?.value ?? "" }

    func keeping(_ names: [String]) -> Labels { Labels(ordered: pairs.filter { names.contains($0.name) }) }
    func without(_ name: String) -> Labels { Labels(ordered: pairs.filter { $0.name != name }) }

    /// Whether all of the other's labels are among these.
    func includes(_ other: Labels) -> Bool { other.pairs.allSatisfy { self[$0.name] == $0.value } }
}

extension Labels: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { _, last in last })
    }
}

extension Labels: Comparable {
    public static func < (left: Labels, right: Labels) -> Bool { left.pairs.lexicographicallyPrecedes(right.pairs) }
}

extension Labels: CustomStringConvertible {
    /// `{model="a",tenant="b"}`.
    public var description: String {
        "{" + pairs.map { "\($0.name)=\(PromQL.quoted($0.value))" }.joined(separator: ",") + "}"
    }
}
