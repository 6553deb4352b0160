import Foundation
import HadalPull
import HadalStore
import Synchronization
import TestSupport
import Testing

/// A store of its own for a test, and pulls into it.
final class PullSite: Sendable {
    let folder: TemporaryDirectory
    let store: ModelStore
    /// How long a pull waited, where it did.
    let waits = Mutex<[Duration]>([])

    init() throws {
        folder = try TemporaryDirectory()
        store = ModelStore(directory: folder.file("store"))
    }

    /// Small pieces, no real waiting.
    func settings() -> PullSettings {
        var settings = PullSettings()
        settings.pieceBytes = 64 << 10
        settings.saveBytes = 16 << 10
        settings.progressBytes = 1
        settings.environment = [:]
        settings.pause = { [self] duration in waits.withLock { $0.append(duration) } }
        return settings
    }

    @discardableResult
    func pull(
        _ hub: FakeHub, _ reference: String = FakeHub.repository, include: [String] = [],
        settings: PullSettings? = nil, digests: [FilePath: BlobDigest] = [:]
    ) async throws -> ModelPull.Result {
        let source = try ModelSource(hub.url, environment: [:])
        return try await ModelPull(
            store: store, source: source, settings: settings ?? self.settings(), digests: digests
        ).run(try ModelReference(reference), include: include)
    }

    /// What loaders see has the bytes that the hub has.
    func expectWhole(_ manifest: Manifest, _ hub: FakeHub, sourceLocation: SourceLocation = #_sourceLocation) throws {
        for file in manifest.files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: store.view(manifest) + "/" + file.path.text))
            #expect(Array(bytes) == hub.repository.files[file.path.text], sourceLocation: sourceLocation)
        }
        var known: [BlobDigest: String?] = [:]
        #expect(try store.verify(manifest, known: &known).isEmpty, sourceLocation: sourceLocation)
    }

    var partials: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store.partial(""))) ?? []).filter { !$0.hasPrefix(".") }
    }
}

/// What a body throws, as people read it.
func words(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return "no error"
    } catch { return "\(error)" }
}
