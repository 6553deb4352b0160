/// A directory, or one file, that is backed up, and the name under which it lies in the backup.
public struct BackupRoot: Sendable, Hashable {
    public let name: String
    public let path: String

    /// - Parameter name: one part of a path, as `data`.
    public init(name: String, path: String) { (self.name, self.path) = (name, path) }
}
