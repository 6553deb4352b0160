import ArgumentParser
import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore
import Synchronization

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the store's models again, and say what is damaged.",
        discussion: """
            Each file's SHA-256 is computed and compared. What is damaged is marked, so that hadal pull fetches it,
            and only it, again; with --repair it is brought from a replica. Exits with 1 where something is damaged
            afterwards.

            Examples:
              hadal verify
              hadal verify r1 deepseek-ai/DeepSeek-V2-Lite --json
              hadal verify --repair
              hadal verify --repair --replicas
            """)

    @Argument(help: "Names or tags. Default: all models of the store.") var models: [String] = []
    @Flag(help: "Bring what is damaged or missing from a replica that has it whole.") var repair = false
    @Flag(help: "Read the replicas too; with --repair they are mended from here, or from one another.")
    var replicas = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var data: DataOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = store.modelStore
        let settings = repair || replicas ? try data.settings().store : StoreSettings()
        let places =
            try repair || replicas ? settings.requirePlaces([], option: "neither --repair nor --replicas") : nil
        let manifests = try models.isEmpty ? store.manifests() : models.map { try store.require($0) }
        var results = try read(manifests, store)
        let opened = places?.openedNoting() ?? []
        if repair { results = try await mended(results, store, opened) }
        var report = VerifyReport(models: results)
        if replicas {
            let bars = PlaceBars()
            (report.findings, report.problems) = await ReplicaCheck(store: store, replicas: opened, mends: repair)
                .run(only: models.isEmpty ? nil : Set(manifests.map(\.id)), progress: bars.update)
            bars.finish()
        }
        if json { print(report.json.text) } else { report.tell() }
        // A place that cannot be opened was not verified.
        let isMissing = replicas && opened.count < places?.places.count ?? 0
        if isMissing || !report.isWhole { throw ExitCode.failure }
    }

    private func read(_ manifests: [Manifest], _ store: ModelStore) throws -> [VerifyReport.Model] {
        let total = manifests.reduce(0) { $0 + $1.byteCount }
        let bar = ByteBar("verifying")
        defer { bar.finish() }
        var done: Int64 = 0
        var known: [BlobDigest: String?] = [:]
        return try manifests.map { manifest in
            let damages = try store.verify(manifest, known: &known) { bytes in
                done += bytes
                bar.update(done: done, total: total)
            }
            return .init(manifest: manifest, damages: damages.map { .init(damage: $0) })
        }
    }

    private func mended(
        _ models: [VerifyReport.Model], _ store: ModelStore, _ replicas: [Replica]
    ) async throws -> [VerifyReport.Model] {
        let healing = Healing(store: store, replicas: replicas)
        var outcomes: [BlobDigest: Result<String, any Error>] = [:]
        var models = models
        for index in models.indices {
            let files = Dictionary(uniqueKeysWithValues: models[index].manifest.files.map { ($0.path, $0) })
            for place in models[index].damages.indices {
                let file = files[models[index].damages[place].damage.path]!
                if outcomes[file.digest] == nil {
                    let bar = ByteBar("mending \(file.path)")
                    let bytes = ByteTally(total: file.size, bar.update)
                    do { outcomes[file.digest] = .success(try await healing.heal(file, progress: bytes.add)) } catch {
                        outcomes[file.digest] = .failure(error)
                    }
                    bar.finish()
                }
                models[index].damages[place].outcome = outcomes[file.digest]
            }
        }
        return models
    }
}

/// A bar for each place, one after the other.
private final class PlaceBars: Sendable {
    private let held = Mutex<(place: String, bar: ByteBar)?>(nil)

    @Sendable func update(_ place: String, done: Int64, total: Int64) {
        let bar = held.withLock { held in
            if let held, held.place == place { return held.bar }
            held?.bar.finish()
            let bar = ByteBar("verifying \(place)")
            held = (place, bar)
            return bar
        }
        bar.update(done: done, total: total)
    }

    func finish() { held.withLock { $0?.bar.finish() } }
}
