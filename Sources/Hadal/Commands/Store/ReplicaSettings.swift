import Foundation
import HadalConfiguration
import HadalGateway
import HadalObjects
import HadalReplicas
import HadalSecrets
import HadalStore

extension HadalSettings {
    /// Those that are configured.
    var replicaPlaces: ReplicaPlaces { replicaPlaces([]) }

    /// - Parameter given: in place of those that are configured; empty: those.
    func replicaPlaces(_ given: [String]) -> ReplicaPlaces {
        let (s3, secrets, data) = (store.s3, secrets, data)
        let configured = store.replicas.map(\.place)
        return ReplicaPlaces(
            given.isEmpty ? configured : given,
            forms: Dictionary(store.replicas.map { ($0.place, $0.form) }) { first, _ in first }
        ) { place throws(ObjectError) in
            try s3.storage(at: place)
        } keys: {
            guard let service = KeyServiceSettings(secrets) else { throw ReplicaError.noKeyService }
            return try await service.open(in: data)
        }
    }

    /// For a command that cannot do without.
    /// - Parameter given: in place of those that are configured.
    func requireReplicas(_ given: [String], option: String) throws -> ReplicaPlaces {
        let places = replicaPlaces(given)
        if places.places.isEmpty {
            throw CommandFailure(
                "there are no replicas: give \(option), or write 'replicas:' under 'store:' in the configuration")
        }
        return places
    }
}

extension ReplicaSettings {
    var form: CopyForm {
        CopyForm(compression: compression == .zstd ? compressionLevel : nil, isEncrypted: encryption)
    }
}

extension ReplicaPlaces {
    /// Those that can be opened; what is wrong with others is noted.
    func openedNoting(for store: ModelStore) async -> [Replica] {
        let (replicas, problems) = await opened(for: store)
        for problem in problems { Notes.write("\(problem)") }
        return replicas
    }
}

/// What a person should know beside the answer.
enum Notes {
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("note: \(text)\n".utf8))
    }
}
