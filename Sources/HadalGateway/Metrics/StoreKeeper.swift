import ServiceLifecycle

/// What verifies the models on the disk while the server runs.
public protocol StoreKeeper: Service {
    /// The time, in seconds since 1970, since which all files were verified; nil: one never was.
    var verifiedUntil: Double? { get }
    /// Files that are damaged or missing, and could not be mended.
    var damagedFiles: Int { get }
    /// nil: there are no replicas.
    var replicas: ReplicaFigures? { get }
}

/// How the further places are that models are in.
public struct ReplicaFigures: Sendable {
    /// As that of the store.
    public let verifiedUntil: Double?
    public let damagedFiles: Int
    /// Places that could not be read to the end.
    public let placesAway: Int
    /// Models that are in fewer places than they should be.
    public let shortModels: Int

    public init(verifiedUntil: Double?, damagedFiles: Int, placesAway: Int, shortModels: Int) {
        (self.verifiedUntil, self.damagedFiles) = (verifiedUntil, damagedFiles)
        (self.placesAway, self.shortModels) = (placesAway, shortModels)
    }
}
