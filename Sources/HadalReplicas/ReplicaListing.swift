import HadalObjects
import HadalStore

/// Which models are in which places, by their manifests alone.
public struct ReplicaListing: Sendable {
    private struct Contents {
        let replica: Replica
        let names: Set<ObjectName>

        func has(_ manifest: Manifest) -> Bool {
            (try? replica.names(ofManifest: manifest.id))?.contains(where: names.contains) ?? false
        }
    }

    private var contents: [Contents] = []
    /// Places that could not be asked.
    public private(set) var problems: [PlaceProblem] = []

    public func places(of manifest: Manifest) -> [String] {
        contents.filter { $0.has(manifest) }.map(\.replica.place)
    }

    init(_ places: ReplicaPlaces, _ store: ModelStore, within time: Duration) async {
        let answers = places.places.map { place in
            Task { await Self.contents(of: places.only(place), store, within: time) }
        }
        for answer in answers {
            switch await answer.value {
            case .success(let found):
                if !contents.contains(where: { $0.replica.place == found.replica.place }) { contents.append(found) }
            case .failure(let problem): problems.append(problem)
            }
        }
    }

    /// - Parameter places: one.
    private static func contents(
        of places: ReplicaPlaces, _ store: ModelStore, within time: Duration
    ) async -> Result<Contents, PlaceProblem> {
        do {
            return .success(
                try await orAbandoned(after: time) {
                    let (replicas, problems) = await places.opened(for: store)
                    guard let replica = replicas.first else { throw problems[0] }
                    return Contents(replica: replica, names: try await replica.manifestNames())
                })
        } catch let problem as PlaceProblem { return .failure(problem) } catch {
            let problem = error is TimeIsOver ? "does not answer within \(time)" : "\(error)"
            return .failure(PlaceProblem(places.places[0], problem))
        }
    }
}

extension ReplicaPlaces {
    /// - Parameter time: for each place to answer in, all at once.
    public func listing(for store: ModelStore, within time: Duration = .seconds(5)) async -> ReplicaListing {
        await ReplicaListing(self, store, within: time)
    }
}
