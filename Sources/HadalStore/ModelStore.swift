import Foundation
import HadalJSON
import HadalSecrets

/// Models in a directory. Each file lies in it once, named by its SHA-256, however many models have it:
///
/// ```
/// blobs/sha256-…        whole, checked files, read only; each in plain or encrypted, under the name of its plain bytes
/// manifests/ID.json     what a model consists of; a model is there when its manifest is
/// models/ID/NAME/…      links to the blobs under the files' own names, for loaders
/// tags/NAME             the ID that a tag stands for
/// pulls/ID.json         what a pull that is under way, or was cut off, has so far (`Claim`)
/// partial/…             files that are not yet whole
/// damaged/sha256-…      empty; that blob was found to be damaged
/// encrypted/ID          empty; that model's files are to lie encrypted
/// patrol.json           when each blob was last verified (HadalReplicas); replica-patrol.json: the same of replicas
/// lock                  held while names are given or taken
/// ```
///
/// Several processes may use it at once. All that they write appears by one rename, and whoever takes files away holds
/// the lock and looks at all manifests and claims first.
public struct ModelStore: Sendable {
    static let fileBytesMax = 16 << 20

    public let directory: String
    /// What encrypted files are opened with, and made; nil: nobody gave any.
    private(set) var keys: DataKeys?
    /// Whether files that come in are encrypted.
    private(set) var encrypts = false

    /// The directory need not be there.
    public init(directory: String) {
        var path = (directory as NSString).expandingTildeInPath
        if !path.hasPrefix("/") { path = FileManager.default.currentDirectoryPath + "/" + path }
        self.directory = (path as NSString).standardizingPath
    }

    /// Where `HADAL_STORE` says, or `$XDG_DATA_HOME/hadal/models`, or `~/.local/share/hadal/models`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let path = environment["HADAL_STORE"], !path.isEmpty {
            self.init(directory: path)
            return
        }
        // By its specification a relative path there counts for nothing.
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "~/.local/share"
        self.init(directory: data + "/hadal/models")
    }

    /// The same store for somebody who has its keys.
    /// - Parameter encrypts: whether files that come in are encrypted.
    public func opened(with keys: DataKeys, encrypts: Bool) -> ModelStore {
        var store = self
        (store.keys, store.encrypts) = (keys, encrypts)
        return store
    }

    // MARK: places

    package func path(_ parts: String...) -> String { ([directory] + parts).joined(separator: "/") }

    public func blob(_ digest: BlobDigest) -> String { path("blobs", digest.description) }

    func damageMark(_ digest: BlobDigest) -> String { path("damaged", digest.description) }

    /// Whether the whole file is there and was not found damaged.
    public func has(_ digest: BlobDigest, size: Int64) throws(StoreError) -> Bool {
        guard try holds(digest, size: size) else { return false }
        return try AtomicFile.size(of: damageMark(digest)) == nil
    }

    /// The directory with the model's files under their own names.
    public func view(_ manifest: Manifest) -> String { path("models", manifest.id, manifest.shortName) }

    /// What a loader opens: the model's directory, or its (first) GGUF file.
    public func entry(_ manifest: Manifest) -> String {
        manifest.entry == "." ? view(manifest) : view(manifest) + "/" + manifest.entry
    }

    // MARK: reading

    /// All models, by their names, the newest of a name first.
    public func manifests() throws(StoreError) -> [Manifest] {
        let (manifests, problems) = try readable()
        if let problem = problems.first { throw problem.error }
        return manifests
    }

    /// As `manifests`, with what is wrong with those that cannot be read.
    public func readable() throws(StoreError) -> (
        manifests: [Manifest], problems: [(id: String, error: StoreError)]
    ) {
        var manifests: [Manifest] = []
        var problems: [(id: String, error: StoreError)] = []
        for name in try AtomicFile.names(in: path("manifests")) where name.hasSuffix(".json") {
            let id = String(name.dropLast(5))
            do throws(StoreError) { if let manifest = try manifest(id: id) { manifests.append(manifest) } } catch {
                problems.append((id, error))
            }
        }
        return (manifests.sorted { ($0.name, $1.pulledAt) < ($1.name, $0.pulledAt) }, problems)
    }

    /// nil: there is none.
    func manifest(id: String) throws(StoreError) -> Manifest? {
        guard id.utf8.count == 16, id.utf8.allSatisfy(BlobDigest.isDigit) else { return nil }
        let file = path("manifests", id + ".json")
        guard let bytes = try AtomicFile.readIfPresent(file, limit: Self.fileBytesMax) else { return nil }
        do {
            let manifest = try Manifest(try JSON(parsing: bytes), file: file)
            guard manifest.id == id else {
                throw StoreError.badFile(path: file, field: "files", problem: "they are not those of \(id)")
            }
            return manifest
        } catch let error as StoreError { throw error } catch {
            throw .badFile(path: file, field: "content", problem: "\(error)")
        }
    }

    /// What is not yet whole.
    public func claims() throws(StoreError) -> [Claim] {
        var all: [Claim] = []
        for name in try AtomicFile.names(in: path("pulls")) where name.hasSuffix(".json") {
            let file = path("pulls", name)
            if let bytes = try AtomicFile.readIfPresent(file, limit: Self.fileBytesMax) {
                all.append(try Claim(bytes, id: String(name.dropLast(5)), file: file))
            }
        }
        return all
    }

    // MARK: writing

    /// Makes the directories.
    package func prepare() throws(StoreError) {
        for name in ["blobs", "manifests", "models", "tags", "pulls", "partial", "damaged", "encrypted"] {
            try AtomicFile.makeDirectory(path(name))
        }
    }

    /// Makes the directories, and does what must not happen twice at once.
    func exclusively<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try prepare()
        let lock = try FileLock(path("lock"))
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }
}
