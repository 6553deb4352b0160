import Foundation

/// A model at one revision: where it came from, and which bytes its files have.
public struct Manifest: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        public let path: FilePath
        /// bytes
        public let size: Int64
        public let digest: BlobDigest

        public init(path: FilePath, size: Int64, digest: BlobDigest) {
            self.path = path
            self.size = size
            self.digest = digest
        }
    }

    public static let filesMax = 10_000
    /// Of one file. So many files of that size can be added up.
    public static let fileBytesMax: Int64 = 1 << 46

    /// `huggingface`, `modelscope`, or the address of a mirror.
    public let source: String
    public let repository: String
    /// `Q4_K_M`, of a GGUF repository.
    public let variant: String?
    /// What was asked for: a branch, a tag or a commit.
    public let revision: String
    /// What that was when it was pulled.
    public let commit: String
    /// As the source says it: `mit`, `other: deepseek (https://…)`. nil: it says nothing.
    public let license: String?
    /// Patterns that the person chose weights by.
    public let include: [String]
    public let pulledAt: Date
    /// In the order of their paths, of which none is there twice.
    public let files: [File]

    /// - Throws: `StoreError.badName` where something of it cannot be.
    public init(
        source: String, repository: String, variant: String?, revision: String, commit: String, license: String?,
        include: [String], pulledAt: Date, files: [File]
    ) throws(StoreError) {
        func refuse(_ problem: String) throws(StoreError) {
            throw .badName(kind: "the model", name: repository, problem: problem)
        }
        _ = try ModelReference(repository: repository, variant: variant, revision: commit)
        if !Self.isCommit(commit) { try refuse("has a commit that is none") }
        if files.isEmpty { try refuse("has no files") }
        if files.count > Self.filesMax { try refuse("has more than \(Self.filesMax) files") }
        let folders = Set(files.flatMap { Self.folders(of: $0.path) })
        var paths: Set<String> = []
        for file in files {
            if !paths.insert(file.path.text).inserted { try refuse("has the file \(file.path) twice") }
            if folders.contains(file.path.text) { try refuse("has \(file.path) as a file and as a folder") }
            if !(0...Self.fileBytesMax).contains(file.size) {
                try refuse("has a size of \(file.size) for \(file.path)")
            }
        }
        self.source = source
        self.repository = repository
        self.variant = variant
        self.revision = revision
        self.commit = commit
        self.license = license
        self.include = include
        // As the file has it.
        self.pulledAt = Date(timeIntervalSince1970: pulledAt.timeIntervalSince1970.rounded(.down))
        self.files = files.sorted { $0.path < $1.path }
    }

    /// The same for the same files of the same commit, wherever they came from.
    public var id: String {
        Self.id(repository: repository, variant: variant, commit: commit, paths: files.map(\.path))
    }

    /// 16 hexadecimal digits.
    public static func id(repository: String, variant: String?, commit: String, paths: [FilePath]) -> String {
        let parts = [repository, variant ?? "", commit] + paths.sorted().map(\.text)
        return String(BlobDigest(of: parts.joined(separator: "\n")).hex.prefix(16))
    }

    /// `OWNER/NAME[:VARIANT]`
    public var name: String { repository + (variant.map { ":" + $0 } ?? "") }
    /// With as much of the commit as people compare.
    public var fullName: String { name + "@" + commit.prefix(12) }
    /// `NAME` of `OWNER/NAME`
    public var shortName: String { String(repository.split(separator: "/")[1]) }
    public var byteCount: Int64 { files.reduce(0) { $0 + $1.size } }

    /// What a loader opens, below the model's directory: `.`, or the (first) GGUF file.
    public var entry: String {
        let names = files.map(\.path)
        if names.contains(where: { $0.text == "config.json" }) {
            let isDirectory = names.contains { $0.name.hasSuffix(".safetensors") || $0.text == "model.gguf" }
            if isDirectory { return "." }
        }
        return names.first { $0.name.hasSuffix(".gguf") }?.text ?? "."
    }

    /// What fetches the same files again.
    public var pullCommand: String {
        // ModelScope's commit is none that it can be asked for (`ModelScopeListing`).
        let state = source == "modelscope" ? revision : commit
        let from = source == "huggingface" ? "" : " --from " + Self.quoted(source)
        return "hadal pull \(Self.quoted("\(name)@\(state)"))\(from)"
            + include.map { " --include " + Self.quoted($0, isAlways: true) }.joined()
    }

    /// Hexadecimal digits, as Git's: sources say it, and people are told to type it.
    public static func isCommit(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// As one word for a shell.
    private static func quoted(_ text: String, isAlways: Bool = false) -> String {
        let isPlain = text.wholeMatch(of: /[A-Za-z0-9._\/@:-]+/) != nil
        return isPlain && !isAlways ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// Whether a person who says this means it.
    package func matches(_ reference: ModelReference) -> Bool {
        guard repository == reference.repository else { return false }
        if let variant = reference.variant, variant.lowercased() != self.variant?.lowercased() { return false }
        guard let revision = reference.revision else { return true }
        return revision == self.revision || revision.count >= 4 && commit.hasPrefix(revision)
    }

    private static func folders(of path: FilePath) -> [String] {
        let parts = path.parts
        return (1..<max(1, parts.count)).map { parts[..<$0].joined(separator: "/") }
    }
}
