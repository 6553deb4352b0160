import Foundation

/// A file that is to be backed up.
struct FoundFile: Sendable {
    /// In the backup: `ROOT/…`.
    var path: String
    var location: String
    var stamp: FileStamp

    /// All our databases, and nothing else, are called so. Nobody may look inside instead: closing any descriptor of a file takes
    /// SQLite's locks on it from the whole process (sqlite.org/howtocorrupt.html, 2.2).
    var isDatabase: Bool { path.hasSuffix(".db") }
}

/// By what a changed file is known.
struct FileStamp: Sendable, Hashable {
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var inode: UInt64
    var mode: UInt16

    init(_ status: stat) {
        size = Int64(status.st_size)
        #if canImport(Darwin)
            modified = Int64(status.st_mtimespec.tv_sec) * 1_000_000_000 + Int64(status.st_mtimespec.tv_nsec)
        #else
            modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        #endif
        inode = UInt64(status.st_ino)
        mode = UInt16(status.st_mode & 0o7777)
    }
}

/// Which files belong to a backup.
struct FileTree {
    /// Names that stand for what is running, not for what is kept: locks, sockets' and processes' files, what SQLite has beside a
    /// database, files that are being written.
    private static func isPassing(_ name: String) -> Bool {
        name == "lock" || name == "server.json" || name.hasPrefix(".new-") || name.hasPrefix(".hadal-")
            || [".lock", ".sock", ".tmp", "-wal", "-shm", "-journal"].contains { name.hasSuffix($0) }
    }

    /// Directories, by their paths in the backup, that are left out with all that is in them.
    var excluded: Set<String> = []

    private(set) var files: [FoundFile] = []
    /// What could not be looked at, with the reason.
    private(set) var problems: [String] = []

    init(excluded: Set<String> = []) { self.excluded = excluded }

    /// An audit trail's head goes before its segments: one that is older than they are is what a server finds that was killed, one
    /// that is newer would say that records are gone.
    var inOrder: FileTree {
        var tree = self
        tree.files = files.filter { $0.path.hasSuffix("/head") } + files.filter { !$0.path.hasSuffix("/head") }
        return tree
    }

    mutating func add(_ root: BackupRoot) { visit(root.path, as: root.name, isRoot: true) }

    /// Links to files are followed (a mounted configuration of Kubernetes consists of such), links to directories are not.
    private mutating func visit(_ location: String, as path: String, isRoot: Bool = false) {
        var status = stat()
        guard lstat(location, &status) == 0 else {
            // Gone since its directory was read.
            if errno == ENOENT, !isRoot { return }
            problems.append("\(location): \(String(cString: strerror(errno)))")
            return
        }
        if status.st_mode & S_IFMT == S_IFLNK {
            guard stat(location, &status) == 0, status.st_mode & S_IFMT == S_IFREG || isRoot else { return }
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // One file as a root lies below the root's name.
            let path = isRoot ? path + "/" + (location as NSString).lastPathComponent : path
            files.append(FoundFile(path: path, location: location, stamp: FileStamp(status)))
        case S_IFDIR:
            do {
                for name in try FileManager.default.contentsOfDirectory(atPath: location).sorted()
                where !Self.isPassing(name) && !excluded.contains(path + "/" + name) {
                    visit(location + "/" + name, as: path + "/" + name)
                }
            } catch { problems.append("\(location): cannot be listed: \(error.localizedDescription)") }
        default: break
        }
    }
}
