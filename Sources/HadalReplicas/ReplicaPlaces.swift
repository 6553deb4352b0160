import HadalObjects

/// The places that are configured. They are opened when they are needed: a disk may be mounted, or a network be back,
/// while a server runs.
public struct ReplicaPlaces: Sendable {
    public typealias Open = @Sendable (_ place: String) throws(ObjectError) -> any ObjectStorage

    /// In the order of preference.
    public let places: [String]
    private let open: Open

    public init(_ places: [String], open: @escaping Open) { (self.places, self.open) = (places, open) }

    public func opened() -> (replicas: [Replica], problems: [PlaceProblem]) {
        var replicas: [Replica] = []
        var problems: [PlaceProblem] = []
        for place in places {
            do throws(ObjectError) { replicas.append(Replica(try open(place))) } catch {
                problems.append(PlaceProblem(place, "\(error)"))
            }
        }
        return (replicas, problems)
    }
}
