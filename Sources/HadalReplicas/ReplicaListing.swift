import HadalObjects
import HadalStore

/// Which models are in which places, by their manifests alone.
public struct ReplicaListing: Sendable {
    private struct Contents {
        let place: String
        let ids: Set<String>
    }

    private var contents: [Contents] = []
    /// Places that could not be asked.
    public private(set) var problems: [PlaceProblem] = []

    public func places(of manifest: Manifest) -> [String] {
        contents.filter { $0.ids.contains(manifest.id) }.map(\.place)
    }

    init(_ places: ReplicaPlaces, _ store: ModelStore, within time: Duration) async {
        let answers = places.places.map { place in
            Task { await Self.contents(of: ReplicaPlaces([place], open: places.open), store, within: time) }
        }
        for answer in answers {
            switch await answer.value {
            case .success(let found):
                if !contents.contains(where: { $0.place == found.place }) { contents.append(found) }
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
                    return Contents(place: replica.place, ids: try await replica.ids())
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
