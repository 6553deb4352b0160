import ServiceLifecycle

/// What verifies the models on the disk while the server runs.
public protocol StoreKeeper: Service {
    /// The time, in seconds since 1970, since which all files were verified; nil: one never was.
    var verifiedUntil: Double? { get }
    /// Files that are damaged or missing, and could not be mended.
    var damagedFiles: Int { get }
}
