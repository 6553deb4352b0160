/// The labels of one series by name, in order of their names. A label without a value is as if it were not there, as
/// in Prometheus.
public struct Labels: Sendable, Hashable, Codable {
    public let pairs: [String: String]

    public init(_ pairs: [String: String] = [:]) { self.pairs = pairs.filter { !$1.isEmpty } }

    /// The label's value; empty where there is none.
    public subscript(name: String) -> String { pairs[name] ?? "" }

    public var sorted: [(name: String, value: String)] {
        pairs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func keeping(_ names: [String]) -> Labels { Labels(pairs.filter { names.contains($0.key) }) }
    func without(_ name: String) -> Labels { Labels(pairs.filter { $0.key != name }) }

    /// Whether all of the other's labels are among these.
    func includes(_ other: Labels) -> Bool { other.pairs.allSatisfy { self[$0.key] == $0.value } }
}

extension Labels: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { _, last in last })
    }
}

extension Labels: Comparable {
    public static func < (left: Labels, right: Labels) -> Bool {
        left.sorted.lexicographicallyPrecedes(right.sorted) { $0 < $1 }
    }
}

extension Labels: CustomStringConvertible {
    /// `{model="a",tenant="b"}`.
    public var description: String {
        "{" + sorted.map { "\($0.name)=\(PromQL.quoted($0.value))" }.joined(separator: ",") + "}"
    }
}
