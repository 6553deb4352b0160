import Foundation

/// How the store's files are, as far as the patrol knows.
public struct PatrolState: Sendable, Equatable {
    /// All files were verified at this time or after it; nil: one never was, or there is none.
    public var verifiedUntil: Date?
    /// Files and manifests that are missing or were found damaged, and are not mended.
    public var damagedFiles = 0
    /// nil: a round is under way.
    public var nextRound: Date?
}
