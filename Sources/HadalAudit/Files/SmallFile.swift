import Foundation

/// Small files that are read and replaced as a whole. Readable by their owner alone.
enum SmallFile {
    static let sizeLimit = 4 << 20

    /// Nil where there is none.
    static func read(_ path: String) throws(AuditError) -> [UInt8]? {
        guard access(path, F_OK) == 0 else { return nil }
        let bytes = try AuditFile(path, O_RDONLY).read(at: 0, count: sizeLimit + 1)
        guard bytes.count <= sizeLimit else {
            throw .unsupported(path: path, problem: "too long for what it should be")
        }
        return bytes
    }

    /// The file appears or changes in one step.
    /// - Parameter isDurable: returns when its name is on the disk too; else a power cut may leave the old file.
    static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = true) throws(AuditError) {
        let temporary = path + ".new"
        unlink(temporary)
        do throws(AuditError) {
            let file = try AuditFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(bytes, at: 0)
            // Before it gets its name: else a power cut may leave an empty file under it.
            try file.synchronize()
            guard rename(temporary, path) == 0 else {
                throw .system(path: path, operation: "give it its name", code: errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        if isDurable { try synchronizeDirectory(of: path) }
    }

    /// Returns when names were made or removed on the disk too.
    static func synchronizeDirectory(of path: String) throws(AuditError) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try AuditFile(parent, O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// Removes the file; it may be gone already.
    static func remove(_ path: String) throws(AuditError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(path: path, operation: "remove it", code: errno)
        }
    }
}
