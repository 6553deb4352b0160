import Foundation

/// A file that is to be backed up.
struct FoundFile: Sendable {
    /// In the backup: `ROOT/…`.
    var path: String
    var location: String
    var stamp: FileStamp

    /// All our databases, and nothing else, are called so. Nobody may look inside instead: closing any descriptor of a
    /// file takes SQLite's locks on it from the whole process (sqlite.org/howtocorrupt.html, 2.2).
    var isDatabase: Bool { path.hasSuffix(".db") }

    /// An audit trail's, which is read before anybody looks for the trail's segments: one that is older than they are
    /// is what a server finds that was killed, one that is newer would say that records are gone.
    var isHead: Bool { path.hasSuffix("/head") }
}

/// By what a changed file is known.
struct FileStamp: Sendable, Hashable {
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var device: UInt64
    var inode: UInt64
    var mode: UInt16

    init(_ status: stat) {
        size = Int64(status.st_size)
        #if canImport(Darwin)
            modified = Int64(status.st_mtimespec.tv_sec) * 1_000_000_000 + Int64(status.st_mtimespec.tv_nsec)
        #else
            modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        #endif
        (device, inode) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino))
        mode = UInt16(status.st_mode & 0o7777)
    }

    /// Seconds since it was changed.
    var age: Double { Date().timeIntervalSince1970 - Double(modified) / 1e9 }
}

/// Which files belong to a backup.
struct FileTree {
    /// What stands for a process that runs, not for what is kept.
    private static let passing: Set = [
        "data/server.json", "data/backup.lock", "data/backup.head", "data/keys.lock", "data/audit/lock",
        "data/.hadal-backup",
    ]
    /// What SQLite has beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Directories, by their paths in the backup, that are left out with all that is in them.
    let excluded: Set<String>

    private(set) var files: [FoundFile] = []
    /// What could not be looked at, with the reason.
    private(set) var problems: [String] = []
    /// Directories that were gone into, so that a link to one above ends.
    private var visited: Set<[UInt64]> = []

    init(excluded: Set<String> = []) { self.excluded = excluded }

    mutating func add(_ root: BackupRoot) { visit(root.path, as: root.name, isRoot: true) }

    /// Links are followed: a configuration that Kubernetes mounts consists of such, and an audit trail may lie on
    /// another disk.
    private mutating func visit(_ location: String, as path: String, isRoot: Bool = false) {
        var status = stat()
        guard stat(location, &status) == 0 else {
            let code = errno
            // Gone since its directory was read, unless it is a link to nowhere.
            if code == ENOENT, !isRoot, lstat(location, &status) != 0 { return }
            problems.append("\(location): \(String(cString: strerror(code)))")
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // One file as a root lies below the root's name.
            let path = isRoot ? path + "/" + (location as NSString).lastPathComponent : path
            files.append(FoundFile(path: path, location: location, stamp: FileStamp(status)))
        case S_IFDIR:
            let stamp = FileStamp(status)
            guard visited.insert([stamp.device, stamp.inode]).inserted else { return }
            do {
                let names = try FileManager.default.contentsOfDirectory(atPath: location)
                let companions = Set(
                    names.filter { $0.hasSuffix(".db") }.flatMap { name in Self.companions.map { name + $0 } })
                for name in names.sorted() where !companions.contains(name) {
                    let inner = path + "/" + name
                    if Self.passing.contains(inner) || excluded.contains(inner) { continue }
                    visit(location + "/" + name, as: inner)
                }
            } catch { problems.append("\(location): cannot be listed: \(error.localizedDescription)") }
        default: break
        }
    }
}
