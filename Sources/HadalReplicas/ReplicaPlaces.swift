import Foundation
import HadalObjects
import HadalSecrets
import HadalStore

/// The places that are configured. They are opened when they are needed: a disk may be mounted, or a network be back,
/// while a server runs.
public struct ReplicaPlaces: Sendable {
    public typealias Open = @Sendable (_ place: String) throws(ObjectError) -> any ObjectStorage
    /// - Throws: also where none is configured.
    public typealias OpenKeys = @Sendable () async throws -> any KeyService

    /// In the order of preference.
    public let places: [String]
    private let forms: [String: CopyForm]
    private let open: Open
    private let keys: OpenKeys

    /// - Parameters:
    ///   - forms: of copies, where they are not plain.
    ///   - keys: asked for only where a place is encrypted, or is to be.
    public init(
        _ places: [String], forms: [String: CopyForm] = [:], open: @escaping Open,
        keys: @escaping OpenKeys = { throw ReplicaError.noKeyService }
    ) {
        (self.places, self.forms, self.open, self.keys) = (places, forms, open, keys)
    }

    /// Of one of them.
    func only(_ place: String) -> ReplicaPlaces { ReplicaPlaces([place], forms: forms, open: open, keys: keys) }

    /// Each once, also where it is named twice.
    /// - Parameter store: whose models they have; its own directory is no place for copies of them.
    public func opened(for store: ModelStore) async -> (replicas: [Replica], problems: [PlaceProblem]) {
        var replicas: [Replica] = []
        var problems: [PlaceProblem] = []
        var service: (any KeyService)?
        for place in places {
            do {
                let storage = try await onDisk { [open] _ in
                    let storage = try open(place)
                    if storage is DirectoryStorage, Self.isSame(storage.place, store.directory) {
                        throw PlaceProblem(place, "is the store itself; a replica is in another directory")
                    }
                    return storage
                }
                if replicas.contains(where: { $0.place == storage.place }) { continue }
                replicas.append(
                    try await Replica.open(storage, form: forms[place] ?? .plain) {
                        if let service { return service }
                        let opened = try await keys()
                        service = opened
                        return opened
                    })
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
