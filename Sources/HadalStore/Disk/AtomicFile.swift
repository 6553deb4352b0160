import Foundation

/// Files that are there whole or not at all, also after a power cut.
public enum AtomicFile {
    /// Writes aside, has it on the disk, and gives it its name, which another file may have had. Whoever writes a file
    /// holds a lock that goes with it, so that one name aside is enough.
    public static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
        let temporary = aside(path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system(path: temporary, operation: "make", code: errno) }
        var code: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty, code == 0 {
                let count = Foundation.write(descriptor, rest.base.baseAddress! + rest.startIndex, rest.count)
                if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { code = errno }
            }
        }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw .system(path: path, operation: "write", code: code)
        }
        do throws(StoreError) { try move(temporary, to: path) } catch {
            unlink(temporary)
            throw error
        }
    }

    /// What a file or directory is called until it is whole; no listing has it.
    static func aside(_ path: String) -> String {
        let path = path as NSString
        return path.deletingLastPathComponent + "/.new-" + path.lastPathComponent
    }

    /// Gives a file or directory that is on the disk another name, for good.
    public static func move(_ path: String, to other: String) throws(StoreError) {
        guard rename(path, other) == 0 else { throw .system(path: other, operation: "move a file to", code: errno) }
        try settle(directory: (other as NSString).deletingLastPathComponent)
    }

    /// Has the names in a directory on the disk.
    static func settle(directory: String) throws(StoreError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: directory, operation: "open", code: errno) }
        defer { close(descriptor) }
        // Some network file systems know no fsync of directories.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw .system(path: directory, operation: "fsync", code: errno)
        }
    }

    public static func makeDirectory(_ path: String) throws(StoreError) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            let code = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw .system(path: path, operation: "make the directory", code: Int32(code ?? Int(EIO)))
        }
    }

    /// nil: there is no such file.
    package static func readIfPresent(_ path: String, limit: Int) throws(StoreError) -> [UInt8]? {
        guard let size = try size(of: path) else { return nil }
        guard size <= limit else { throw .badFile(path: path, field: "size", problem: "more than \(limit) bytes") }
        guard let data = FileManager.default.contents(atPath: path) else {
            // Gone in between, or not to be read.
            if access(path, F_OK) != 0 { return nil }
            throw .system(path: path, operation: "read", code: EACCES)
        }
        return Array(data)
    }

    /// Bytes of a regular file, links followed; nil where there is none.
    public static func size(of path: String) throws(StoreError) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
            throw .system(path: path, operation: "look at", code: errno)
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    /// Names in a directory, sorted, without those of unfinished writes; none where it is not there.
    static func names(in directory: String) throws(StoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            if access(directory, F_OK) != 0, errno == ENOENT || errno == ENOTDIR { return [] }
            throw .system(path: directory, operation: "list", code: EACCES)
        }
    }
}
