import HadalObjects
import HadalStore

/// Which models are in which places, by their manifests alone.
public struct ReplicaListing: Sendable {
    private struct Late: Error {}

    private var ids: [(place: String, ids: Set<String>)] = []
    /// Places that could not be asked.
    public private(set) var problems: [PlaceProblem] = []

    public func places(of manifest: Manifest) -> [String] {
        ids.filter { $0.ids.contains(manifest.id) }.map(\.place)
    }

    /// - Parameter time: for a place to answer in.
    init(_ places: ReplicaPlaces, within time: Duration) async {
        let (replicas, problems) = places.opened()
        self.problems = problems
        let answers = replicas.map { replica in Task { await Self.ids(of: replica, within: time) } }
        for (replica, answer) in zip(replicas, answers) {
            switch await answer.value {
            case .success(let ids): self.ids.append((replica.place, ids))
            case .failure(let problem): self.problems.append(problem)
            }
        }
    }

    private static func ids(
        of replica: Replica, within time: Duration
    ) async -> Result<Set<String>, PlaceProblem> {
        do {
            let ids = try await withThrowingTaskGroup(of: Set<String>.self) { group in
                group.addTask { try await replica.ids() }
                group.addTask {
                    try await Task.sleep(for: time)
                    throw Late()
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
            return .success(ids)
        } catch is Late { return .failure(PlaceProblem(replica.place, "does not answer within \(time)")) } catch {
            return .failure(PlaceProblem(replica.place, "\(error)"))
        }
    }
}

extension ReplicaPlaces {
    /// - Parameter time: for each place to answer in, all at once.
    public func listing(within time: Duration = .seconds(5)) async -> ReplicaListing {
        await ReplicaListing(self, within: time)
    }
}
