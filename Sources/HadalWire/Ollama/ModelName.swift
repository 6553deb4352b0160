/// A model's name as Ollama has it: `NAME`, `OWNER/NAME` or `HOST/OWNER/NAME`, with `:TAG` or without.
public struct ModelName: Sendable, Hashable {
    public static let bytesLimit = 200
    private static let usualTag = ":latest"

    /// Without `:latest`, which says nothing. ASCII, and no part of it begins with a dot.
    public let text: String

    public init(_ text: String, at field: String) throws(WireError) {
        guard (1...Self.bytesLimit).contains(text.utf8.count) else {
            throw .outOfRange(field: field, expected: "1 to \(Self.bytesLimit) bytes long")
        }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let name = parts.removeLast()
        let tagged = name.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count <= 2, (parts + tagged).allSatisfy(Self.isPart) else {
            throw .outOfRange(
                field: field,
                expected:
                    "NAME, OWNER/NAME or HOST/OWNER/NAME, with :TAG or without, each of letters, digits, _, - and . and not beginning with - or ."
            )
        }
        self.text = Self.plain(text)
    }

    /// `model`, or the older `name`.
    static func read(_ fields: inout FieldReader) throws(WireError) -> String {
        let (newer, older) = (try fields.string("model"), try fields.string("name"))
        guard let text = newer ?? older else { throw .missing(field: fields.field("model")) }
        return text
    }

    /// Clients add `:latest` where no tag is given.
    public static func plain(_ name: String) -> String {
        name.hasSuffix(usualTag) ? String(name.dropLast(usualTag.count)) : name
    }

    private static func isPart(_ part: Substring.UTF8View) -> Bool {
        guard let first = part.first, first != UInt8(ascii: "-"), first != UInt8(ascii: ".") else { return false }
        return part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
