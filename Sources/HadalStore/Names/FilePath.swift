/// Where a file lies in a model: a relative path that cannot lead out of the directory. Servers and manifests say such
/// paths, and neither is trusted.
public struct FilePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let bytesMax = 1024
    /// What file systems take as one name.
    public static let nameBytesMax = 255

    public let text: String

    public init(_ text: String) throws(StoreError) {
        func refuse(_ problem: String) throws(StoreError) {
            throw .badName(kind: "the file", name: text, problem: problem)
        }
        if text.isEmpty { try refuse("has no name") }
        if text.utf8.count > Self.bytesMax { try refuse("has a path of more than \(Self.bytesMax) bytes") }
        if text.utf8.first == UInt8(ascii: "/") {
            try refuse("has an absolute path, which would lead out of the model's directory")
        }
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar.properties.generalCategory == .control || scalar.properties.isBidiControl {
                try refuse("has a character that no file of a model has")
            }
        }
        // By bytes, as the system splits it: a mark after a slash makes one character of both.
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
        {
            if part.isEmpty || part == "." || part == ".." {
                try refuse("has a path that may lead out of the model's directory")
            }
            if part.utf8.count > Self.nameBytesMax { try refuse("has a name of more than \(Self.nameBytesMax) bytes") }
        }
        self.text = text
    }

    public var parts: [Substring] { text.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) }
    /// The last part.
    public var name: String { String(parts.last ?? "") }
    /// Whether it lies in no folder.
    public var isAtTop: Bool { !text.utf8.contains(UInt8(ascii: "/")) }

    public var description: String { text }

    public static func < (left: FilePath, right: FilePath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
