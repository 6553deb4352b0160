import Foundation

/// Alone in its file: the module that `statvfs` belongs to changes with the imports.
enum DiskSpace {
    /// Bytes that an ordinary user may still write on the disk of `path`; nil where the system does not say.
    static func available(at path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
