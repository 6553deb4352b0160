import HadalConfiguration
import HadalJSON
import HadalReplicas
import HadalStore
import HadalTerminal

/// Copies models to their replicas, for commands.
struct ModelReplication {
    let store: ModelStore
    let places: ReplicaPlaces
    /// nil: as many as there are places.
    let copies: Int?
    let rewrites: Bool

    /// After a model has come in.
    /// - Returns: nil where no replicas are configured.
    init?(_ settings: HadalSettings, _ store: ModelStore) {
        if settings.store.replicas.isEmpty || settings.store.copies == 1 { return nil }
        self.init(store: store, places: settings.replicaPlaces, copies: settings.store.copies)
    }

    init(store: ModelStore, places: ReplicaPlaces, copies: Int?, rewrites: Bool = false) {
        (self.store, self.places, self.copies, self.rewrites) = (store, places, copies, rewrites)
    }

    /// With a progress bar, where something is to be sent.
    func run(_ manifests: [Manifest]) async -> [Replication.Result] {
        let bar = ByteBar("replicating")
        defer { bar.finish() }
        let (replicas, away) = await places.opened(for: store)
        let copies = copies ?? replicas.count + away.count + 1
        return await Replication(store: store, replicas: replicas, away: away, copies: copies, rewrites: rewrites)
            .run(manifests, progress: bar.update)
    }

    /// What a person should know of a result.
    func lines(_ result: Replication.Result) -> [String] {
        let places = result.places.isEmpty ? "in no replica" : "in " + result.places.joined(separator: ", ")
        let sent = result.sentBytes == 0 ? "" : "; \(ByteCount.text(result.sentBytes)) sent"
        var lines = ["\(result.manifest.fullName): \(places)\(sent)"]
        let count = result.places.count + 1
        if let copies, count < copies {
            lines.append("  \(count) of \(copies) places (store.copies), this machine's store among them")
        }
        return lines + (result.isEnough ? [] : result.problems.map { "  \($0)" })
    }

    static func json(_ result: Replication.Result) -> JSON {
        [
            "name": .string(result.manifest.name), "commit": .string(result.manifest.commit),
            "replicas": .array(result.places.map(JSON.string)), "sent": .int(result.sentBytes),
            "enough": .bool(result.isEnough), "problems": .array(result.problems.map { .string("\($0)") }),
        ]
    }
}
