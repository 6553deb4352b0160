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
            afterwards, or with --replicas in too few places.

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
        let settings = try data.settings()
        let store = try await store.modelStore.opened(settings)
        let places =
            try repair || replicas ? settings.requireReplicas([], option: "neither --repair nor --replicas") : nil
        let (opened, away) = await places?.opened(for: store) ?? ([], [])
        let healing = repair ? Healing(store: store, replicas: opened) : nil
        var report = VerifyReport()
        if models.isEmpty { report.manifests = try await unreadable(store, healing) }
        let manifests = try models.isEmpty ? store.readable().manifests : models.map { try store.require($0) }
        report.models = try read(manifests, store)
        if let healing { report.models = await mended(report.models, healing) }
        if replicas {
            let bars = PlaceBars()
            report.replicas = await ReplicaCheck(
                store: store, replicas: opened, away: away, copies: settings.store.copies, mends: repair
            ).run(only: models.isEmpty ? nil : Set(manifests.map(\.id)), progress: bars.update)
            bars.finish()
        } else {
            for problem in away { Notes.write("\(problem)") }
        }
        if json { print(report.json.text) } else { report.tell() }
        if !report.isWhole { throw ExitCode.failure }
    }

    /// - Parameter healing: nil: nothing is mended.
    private func unreadable(_ store: ModelStore, _ healing: Healing?) async throws -> [VerifyReport.BadManifest] {
        var found: [VerifyReport.BadManifest] = []
        for (id, problem) in try store.readable().problems {
            var outcome: Result<String, any Error>?
            if let healing {
                do { outcome = .success(try await healing.heal(manifest: id, problem: problem)) } catch {
                    outcome = .failure(error)
                }
            }
            found.append(.init(problem: "\(problem)", outcome: outcome))
        }
        return found
    }

    private func read(_ manifests: [Manifest], _ store: ModelStore) throws -> [VerifyReport.Model] {
        let total = manifests.reduce(0) { $0 + $1.byteCount }
        let bar = ByteBar("verifying")
        defer { bar.finish() }
        var done: Int64 = 0
        var known: [BlobDigest: String?] = [:]
        return try manifests.map { manifest in
            do {
                let damages = try store.verify(manifest, known: &known) { bytes in
                    done += bytes
                    bar.update(done: done, total: total)
                }
                return .init(manifest: manifest, damages: damages.map { .init(damage: $0) })
            } catch let error as StoreError { return .init(manifest: manifest, obstacle: "\(error)") }
        }
    }

    private func mended(
        _ models: [VerifyReport.Model], _ healing: Healing
    ) async -> [VerifyReport.Model] {
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
