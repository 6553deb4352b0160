import HadalObjects

/// How copies are written in a place.
public struct CopyForm: Sendable, Hashable {
    public static let plain = CopyForm()
    public static let levels = Packing.levels

    /// Level of zstd; nil: as they are.
    public var compression: Int?
    public var isEncrypted: Bool

    public init(compression: Int? = nil, isEncrypted: Bool = false) {
        (self.compression, self.isEncrypted) = (compression, isEncrypted)
    }
}
