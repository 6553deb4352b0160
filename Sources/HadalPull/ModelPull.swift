import Foundation
import HadalJSON
import HadalStore

/// Brings a model into the store. Cut off anywhere, the next one goes on where it was.
public struct ModelPull: Sendable {
    public struct Result: Sendable {
        public let manifest: Manifest
        /// Bytes that were fetched now.
        public let fetchedBytes: Int64
        /// Files for which the server gave no checksum.
        public let unchecked: [FilePath]
    }

    /// How far it is.
    public struct Progress: Sendable {
        /// bytes
        public let done: Int64
        public let total: Int64
    }

    let store: ModelStore
    let source: ModelSource
    let settings: PullSettings
    let digests: [FilePath: BlobDigest]

    /// - Parameter digests: that files must have, whatever the source says.
    public init(
        store: ModelStore, source: ModelSource, settings: PullSettings = PullSettings(),
        digests: [FilePath: BlobDigest] = [:]
    ) {
        self.store = store
        self.source = source
        self.settings = settings
        self.digests = digests
    }

    /// - Parameters:
    ///   - include: patterns of the weights that are wanted.
    ///   - progress: is called from any thread.
    /// - Throws: `PullError`, `StoreError`.
    public func run(
        _ reference: ModelReference, include: [String] = [], progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Result {
        try await withClient { try await run(reference, include, $0, progress) }
    }

    /// A client for as long as `body` takes.
    func withClient<Value>(_ body: (HubClient) async throws -> Value) async throws -> Value {
        let client = try HubClient(source, settings)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private func run(
        _ reference: ModelReference, _ include: [String], _ client: HubClient,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Result {
        let revision = reference.revision ?? source.defaultRevision
        let model = try await listing(reference.repository, revision: revision, client).insisting(on: digests)
        let choice = try FileChoice(model, reference, include: include)
        let plan = try PullPlan(model, choice, reference.repository, from: source, store)
        let counter = PullCounter(total: plan.byteCount, done: try plan.doneBytes(store), progress)
        let begun = counter.done
        try settings.freeSpace.check(
            store.directory, for: plan.byteCount - begun + store.roomToEncrypt(plan.missingSizes(store)))
        var claim = try plan.claim(store)
        guard let running = try store.begin(claim) else { throw StoreError.busy(name: claim.fullName) }
        defer { withExtendedLifetime(running) {} }
        var files: [Manifest.File] = []
        for file in plan.files {
            let digest = try await digest(of: file, &claim, client, counter)
            files.append(Manifest.File(path: file.path, size: file.size, digest: digest))
        }
        // Mending by the commit does not take away the branch's name.
        let isCommit = model.commit.hasPrefix(revision)
        let manifest = try Manifest(
            source: source.name, repository: reference.repository, variant: choice.variant,
            revision: isCommit ? plan.earlier?.revision ?? revision : revision,
            commit: model.commit, license: model.license, include: choice.variant == nil ? include : [],
            pulledAt: settings.now(), files: files)
        try store.enter(manifest)
        let unchecked = choice.files.filter { $0.digest == nil && $0.gitName == nil }.map(\.path)
        return Result(manifest: manifest, fetchedBytes: counter.done - begun, unchecked: unchecked)
    }

    func listing(_ repository: String, revision: String, _ client: HubClient) async throws -> RemoteModel {
        switch source.kind {
        case .huggingFace:
            let url = HuggingFaceListing.url(source, repository, revision: revision)
            return try HuggingFaceListing.read(try await client.json(url) ?? .null, source, repository, url: url)
        case .modelScope:
            let url = ModelScopeListing.url(source, repository, revision: revision)
            let about = ModelScopeListing.modelURL(source, repository, revision: revision)
            return try ModelScopeListing.read(
                try await client.json(url) ?? .null, model: try await client.json(about, isOptional: true), source,
                repository, url: url)
        }
    }

    /// Fetches a file where the store has it not.
    private func digest(
        of file: RemoteModel.File, _ claim: inout Claim, _ client: HubClient, _ counter: PullCounter
    ) async throws -> BlobDigest {
        if let digest = file.digest, try store.has(digest, size: file.size) { return digest }
        let partial = try PartialFile(
            store.partial(PullPlan.partialName(file)), size: file.size, name: file.path.text,
            saveBytes: settings.saveBytes, isNamedByContent: file.digest != nil)
        let transfer = FileTransfer(client: client, file: file, partial: partial, progress: counter.add)
        for isLast in [false, true] {
            try await transfer.run()
            let check = try FileCheck(partial.path, file)
            if let (told, found) = check.difference {
                counter.add(-partial.doneBytes)
                try partial.reset()
                if isLast { throw PullError.wrongChecksum(file: file.path.text, told: told, found: found) }
                continue
            }
            try store.enter(partial.path, as: check.digest, for: &claim)
            partial.forgetRecord()
            return check.digest
        }
        preconditionFailure("the last attempt returns or throws")
    }
}
