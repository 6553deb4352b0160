/// What an object is called: segments of letters, digits, `.`, `_` and `-`, joined by `/`. The same names can be kept in
/// a directory and in a bucket, and need no escaping in either.
public struct ObjectName: Sendable, Hashable {
    public static let bytesMax = 512
    /// Of a segment: what file systems take (NAME_MAX).
    public static let segmentBytesMax = 255

    public let text: String

    /// - Throws: `ObjectError.badName`
    public init(_ text: String) throws(ObjectError) {
        if let problem = Self.problem(text) { throw .badName(text, problem: problem) }
        self.text = text
    }

    var segments: [String] { text.split(separator: "/").map(String.init) }

    /// What keeps a text from being a name; nil where nothing does.
    static func problem(_ text: String) -> String? {
        guard !text.isEmpty else { return "is empty" }
        guard text.utf8.count <= bytesMax else { return "has more than \(bytesMax) bytes" }
        for segment in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard !segment.isEmpty else { return "has an empty part: parts are joined by one '/'" }
            guard segment != ".", segment != ".." else { return "has the part '\(segment)'" }
            guard segment.utf8.count <= segmentBytesMax else { return "has a part of over \(segmentBytesMax) bytes" }
            guard segment.utf8.allSatisfy(isAllowed) else { return "may hold A-Z a-z 0-9 . _ - and / only" }
        }
        return nil
    }

    /// What keeps a text from being the beginning of names; nil where nothing does.
    static func prefixProblem(_ text: String) -> String? {
        text.isEmpty ? nil : problem(text.last == "." || text.last == "/" ? text + "x" : text)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension ObjectName: Comparable {
    /// By bytes, as buckets list.
    public static func < (left: ObjectName, right: ObjectName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension ObjectName: CustomStringConvertible {
    public var description: String { text }
}
