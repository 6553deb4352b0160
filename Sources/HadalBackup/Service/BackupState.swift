import Foundation

/// How the backup is, for people and scrapers.
public struct BackupState: Sendable {
    public var place: String
    /// Another process backs up this directory.
    public var isWaiting = false
    public var snapshot: SnapshotName?
    /// All that was committed until then is in the backup.
    public var safeUntil: Date?
    public var points = 0
    /// Bytes that were written, since the process began.
    public var writtenBytes: Int64 = 0
    /// Tries that failed, since the process began.
    public var failures = 0
    /// Why the last try failed, or what it could not read; empty: all is well.
    public var problems: [String] = []
    public var nextSnapshot: Date?

    public init(place: String) { self.place = place }
}
