/// A name that a person gives a model: `r1`, or `r1:7b`.
public struct ModelTag: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Names that mean something else wherever a model is named.
    private static let reserved: Set = ["guide"]

    public let text: String

    public init(_ text: String) throws(StoreError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ ModelReference.isName($0) }) else {
            throw .badName(
                kind: "the tag", name: text, problem: "is not NAME or NAME:NAME of letters, digits, '.', '_' and '-'")
        }
        if Self.reserved.contains(text) {
            throw .badName(kind: "the tag", name: text, problem: "is the name of the built-in model")
        }
        self.text = text
    }

    public var description: String { text }

    public static func < (left: ModelTag, right: ModelTag) -> Bool { left.text < right.text }
}
