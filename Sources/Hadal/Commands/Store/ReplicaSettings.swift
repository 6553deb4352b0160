import Foundation
import HadalConfiguration
import HadalObjects
import HadalReplicas
import HadalStore

extension StoreSettings {
    /// Those that are configured.
    var places: ReplicaPlaces { places(replicas) }

    /// - Parameter given: in place of those that are configured; empty: those.
    func places(_ given: [String]) -> ReplicaPlaces {
        let s3 = s3
        return ReplicaPlaces(given.isEmpty ? replicas : given) { place throws(ObjectError) in
            try s3.storage(at: place)
        }
    }

    /// For a command that cannot do without.
    /// - Parameter given: in place of those that are configured.
    func requirePlaces(_ given: [String], option: String) throws -> ReplicaPlaces {
        let places = places(given)
        if places.places.isEmpty {
            throw CommandFailure(
                "there are no replicas: give \(option), or write 'replicas:' under 'store:' in the configuration")
        }
        return places
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
