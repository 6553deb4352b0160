import Foundation
import HadalObjects
import HadalStore

/// The places that are configured. They are opened when they are needed: a disk may be mounted, or a network be back,
/// while a server runs.
public struct ReplicaPlaces: Sendable {
    public typealias Open = @Sendable (_ place: String) throws(ObjectError) -> any ObjectStorage

    /// In the order of preference.
    public let places: [String]
    let open: Open

    public init(_ places: [String], open: @escaping Open) { (self.places, self.open) = (places, open) }

    /// Each once, also where it is named twice.
    /// - Parameter store: whose models they have; its own directory is no place for copies of them.
    public func opened(for store: ModelStore) async -> (replicas: [Replica], problems: [PlaceProblem]) {
        var replicas: [Replica] = []
        var problems: [PlaceProblem] = []
        for place in places {
            do {
                let storage = try await onDisk { [open] _ in
                    let storage = try open(place)
                    if storage is DirectoryStorage, Self.isSame(storage.place, store.directory) {
                        throw PlaceProblem(place, "is the store itself; a replica is in another directory")
                    }
                    return storage
                }
                if !replicas.contains(where: { $0.place == storage.place }) { replicas.append(Replica(storage)) }
            } catch let problem as PlaceProblem { problems.append(problem) } catch {
                problems.append(PlaceProblem(place, "\(error)"))
            }
        }
        return (replicas, problems)
    }

    /// Whatever leads to it: another name, a link, a second mount.
    private static func isSame(_ directory: String, _ other: String) -> Bool {
        var (one, two) = (stat(), stat())
        return stat(directory, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev
            && one.st_ino == two.st_ino
    }
}
