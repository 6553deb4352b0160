import Foundation
import HadalStore

/// Takes a bundle's models into a store, as far as its parts are here. What is taken of a part is recorded as a pull
/// records it (`PartialFile`, `Claim`): cut off anywhere, or with other parts, the next one goes on.
public struct BundleImport: Sendable {
    /// What is being done with the part that is at hand.
    public enum Step: Sendable, Hashable {
        case checking(part: String)
        case taking(part: String)
    }

    public struct Result: Sendable {
        /// Whole and new, or mended.
        public var entered: [Manifest] = []
        /// Were there already.
        public var present: [Manifest] = []
        /// Wait for parts.
        public var unfinished: [Manifest] = []
        /// Names of parts that are still needed.
        public var missingParts: [String] = []
        public var tags: [(tag: ModelTag, manifest: Manifest)] = []
        /// Tags that other models have in this store.
        public var takenTags: [ModelTag] = []
        /// bytes of files
        public var takenBytes: Int64 = 0
        public let signer: PublicKey?
    }

    private let store: ModelStore
    private let trusted: TrustedKeys
    private let takesUnsigned: Bool
    private let freeSpace: FreeSpace

    /// - Parameter takesUnsigned: also takes bundles that nobody signed.
    public init(
        store: ModelStore, trusted: TrustedKeys, takesUnsigned: Bool = false, freeSpace: FreeSpace = .disk
    ) {
        self.store = store
        self.trusted = trusted
        self.takesUnsigned = takesUnsigned
        self.freeSpace = freeSpace
    }

    /// - Parameters:
    ///   - path: of the index.
    ///   - directories: where parts are looked for after the index's own.
    ///   - movesTags: takes the bundle's tags from other models.
    ///   - progress: is given bytes of a step.
    /// - Throws: `BundleError`, `StoreError`. What was taken before stays.
    public func run(
        _ path: String, parts directories: [String] = [], movesTags: Bool = false,
        progress: (Step, _ done: Int64, _ total: Int64) throws -> Void = { _, _, _ in }
    ) throws -> Result {
        let sealed = try SealedIndex.read(path) { try trusted.admit($0, path, unsigned: takesUnsigned) }
        let index = sealed.index
        var result = Result(signer: sealed.signer)
        let known = Dictionary(try store.readable().manifests.map { ($0.id, $0) }) { first, _ in first }
        for manifest in index.models.map(\.manifest) {
            if let here = known[manifest.id], here.files != manifest.files {
                throw BundleError.otherFiles(model: manifest.fullName, file: path)
            }
            // Or a process was killed when the model was there and its claim not yet gone.
            if try store.has(manifest) { result.present.append(manifest) } else { result.unfinished.append(manifest) }
        }
        let intake = try Intake(result.unfinished, of: index, store)
        try freeSpace.check(store.directory, for: try intake.missingBytes + intake.roomToEncrypt)
        try intake.begin()
        let name = BundleIndex.name(ofFile: path)
        let places = [(path as NSString).deletingLastPathComponent].map { $0.isEmpty ? "." : $0 } + directories
        for number in index.parts.indices.map({ $0 + 1 }) {
            let wanted = try intake.wanted(from: number)
            if wanted.isEmpty { continue }
            let partName = BundleIndex.partName(name, number)
            guard let part = try PartFile(number, of: index, name: name, in: places) else {
                result.missingParts.append(partName)
                continue
            }
            var checked: Int64 = 0
            try part.check { count in
                checked += count
                try progress(.checking(part: partName), checked, part.size)
            }
            result.takenBytes += try intake.take(wanted, from: part) { done, total in
                try progress(.taking(part: partName), done, total)
            }
        }
        result.entered = intake.entered
        result.unfinished = intake.waiting
        try tag(index, movesTags, &result)
        return result
    }

    private func tag(_ index: BundleIndex, _ movesTags: Bool, _ result: inout Result) throws {
        let waiting = Set(result.unfinished.map(\.id))
        for model in index.models where !waiting.contains(model.manifest.id) {
            for tag in model.tags {
                do throws(StoreError) {
                    try store.tag(model.manifest, tag, moves: movesTags)
                    result.tags.append((tag, model.manifest))
                } catch {
                    guard case .tagTaken = error else { throw error }
                    result.takenTags.append(tag)
                }
            }
        }
    }
}
