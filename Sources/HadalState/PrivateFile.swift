import Foundation

/// Files that nobody but the user who runs us can read.
public enum PrivateFile {
    /// With its parents, where it is not there. One that is there keeps its mode: it may hold other things.
    private static func makeDirectory(_ url: URL) throws(StateError) {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unreadable(path: url.path, problem: "the directory cannot be made")
        }
    }

    /// Makes sure that the file and its directory are there, and the file closed to others. SQLite gives the files
    /// beside it the same mode.
    static func prepare(_ url: URL) throws(StateError) {
        let directory = url.deletingLastPathComponent()
        try makeDirectory(directory)
        // Alone: no other call may have SQLite open what this one has yet to close.
        do { try alone(in: directory) { try prepareFile(url) } } catch { throw StateError(error, path: url.path) }
    }

    /// A file that is there is never opened: SQLite may have it open in this process, and closing any descriptor of it
    /// would drop SQLite's locks (<https://sqlite.org/howtocorrupt.html>, 2.2).
    private static func prepareFile(_ url: URL) throws(StateError) {
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        guard errno == EEXIST else { throw problem(url) }
        // (`stat` would be simpler, but the module its structure comes from changes with what else is imported.)
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw .unreadable(path: url.path, problem: "it is not a plain file")
        }
        guard faccessat(AT_FDCWD, url.path, R_OK | W_OK, AT_EACCESS) == 0 else { throw problem(url) }
        let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        if mode & 0o077 != 0, chmod(url.path, 0o600) != 0 { throw problem(url) }
    }

    /// Runs `body` while no other process, and no other call of this one, does so for the same directory.
    static func alone<Value>(in directory: URL, _ body: () throws -> Value) throws -> Value {
        let descriptor = open(directory.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem(directory) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw problem(directory) }
        }
        return try body()
    }

    /// A file that appears whole and only if there is none: of two processes that do this at once, both read what the
    /// first has written.
    public static func create(_ url: URL, _ bytes: Data) throws(StateError) {
        let draft = url.path + ".\(getpid()).\(UInt32.random(in: .min ... .max))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem(url) }
        defer { unlink(draft) }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        let reason = errno
        close(descriptor)
        guard isSafe else {
            throw reason == ENOSPC
                ? .diskFull(path: url.path) : .failed(path: url.path, problem: "it cannot be written")
        }
        guard link(draft, url.path) == 0 || errno == EEXIST else { throw problem(url) }
    }

    private static func problem(_ url: URL) -> StateError {
        let code = errno
        return StateError(code, path: url.path)
            ?? .unreadable(path: url.path, problem: String(cString: strerror(code)))
    }
}

extension StateError {
    /// What the system says of a disk; nil where it says nothing of one.
    init?(_ code: Int32, path: String) {
        switch code {
        case EROFS: self = .readOnly(path: path)
        // EFBIG: beyond the size that the process or the file system lets a file have.
        case ENOSPC, EDQUOT, EFBIG: self = .diskFull(path: path)
        default: return nil
        }
    }
}
