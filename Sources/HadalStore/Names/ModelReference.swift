/// `OWNER/NAME[:VARIANT][@REVISION]`: a repository, which of its quantizations, and which state of it.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
    /// `OWNER/NAME`
    public let repository: String
    /// `Q4_K_M` of a GGUF repository.
    public var variant: String?
    /// A branch, a tag or (the beginning of) a commit.
    public var revision: String?

    private static let revisionBytesMax = 255

    public init(_ text: String) throws(StoreError) {
        var rest = text[...]
        var revision: String?
        if let at = rest.firstIndex(of: "@") {
            revision = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        var variant: String?
        if let colon = rest.firstIndex(of: ":") {
            variant = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        try self.init(repository: String(rest), variant: variant, revision: revision)
    }

    public init(repository: String, variant: String?, revision: String?) throws(StoreError) {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Self.isName($0) }) else {
            throw .badName(kind: "the repository", name: repository, problem: "is not of the form OWNER/NAME")
        }
        if let variant, !Self.isName(variant[...]) {
            throw .badName(kind: "the variant", name: variant, problem: "is not of letters, digits, '.', '_' and '-'")
        }
        if let revision {
            let isFit = revision.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
            guard isFit, !revision.isEmpty, revision.utf8.count <= Self.revisionBytesMax, !revision.contains("..")
            else {
                throw .badName(kind: "the revision", name: revision, problem: "is no branch, tag or commit")
            }
        }
        self.repository = repository
        self.variant = variant
        self.revision = revision
    }

    /// `NAME`
    public var name: String { String(repository.split(separator: "/")[1]) }

    public var description: String {
        repository + (variant.map { ":" + $0 } ?? "") + (revision.map { "@" + $0 } ?? "")
    }

    /// What owners, repositories, variants and tags are made of: no path, no option, and nothing hidden.
    package static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 96, !text.contains("..") else { return false }
        return isAlphanumeric(first)
            && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
