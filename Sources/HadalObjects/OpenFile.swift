import Foundation

/// An open file or directory, closed with the last reference.
package final class OpenFile: Sendable {
    let descriptor: Int32
    /// For errors.
    let path: String

    private init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// - Parameter directory: that `name` is looked up in; nil: it is a path.
    static func open(
        _ name: String, in directory: OpenFile? = nil, _ flags: Int32, _ operation: String = "open"
    ) throws(ObjectError) -> OpenFile {
        let path = directory.map { $0.path + "/" + name } ?? name
        let descriptor = openat(directory?.descriptor ?? AT_FDCWD, name, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: operation, code: errno) }
        return OpenFile(descriptor, path)
    }

    struct State: Sendable {
        let isFile: Bool
        let isDirectory: Bool
        let size: Int64
        let modified: Date

        init(_ state: stat) {
            isFile = state.st_mode & S_IFMT == S_IFREG
            isDirectory = state.st_mode & S_IFMT == S_IFDIR
            size = Int64(state.st_size)
            modified = Date(
                timeIntervalSince1970: Double(state.st_mtim.tv_sec) + Double(state.st_mtim.tv_nsec) / 1e9)
        }
    }

    func state() throws(ObjectError) -> State {
        var state = Glibc.stat()
        guard fstat(descriptor, &state) == 0 else { throw error("look at") }
        return State(state)
    }

    /// Exactly `count` bytes; that there are fewer now is an error (EIO).
    package func whole(at offset: Int64, count: Int) throws(ObjectError) -> Data {
        var data = Data(count: count)
        let code = data.withUnsafeMutableBytes { bytes -> Int32 in
            var done = 0
            while done < count {
                let got = pread(descriptor, bytes.baseAddress! + done, count - done, off_t(offset) + done)
                if got == 0 { return EIO }
                if got < 0, errno != EINTR { return errno }
                done += max(0, got)
            }
            return 0
        }
        guard code == 0 else { throw .system(path: path, operation: "read", code: code) }
        return data
    }

    func write(_ bytes: some ContiguousBytes, at offset: Int64) throws(ObjectError) {
        let code = bytes.withUnsafeBytes { bytes -> Int32 in
            var done = 0
            while done < bytes.count {
                let put = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + done)
                if put < 0, errno != EINTR { return errno }
                done += max(0, put)
            }
            return 0
        }
        guard code == 0 else { throw .system(path: path, operation: "write", code: code) }
    }

    /// On return the bytes, or a directory's names, outlive a loss of power.
    func sync() throws(ObjectError) {
        guard fsync(descriptor) == 0 else { throw error("write") }
    }

    func error(_ operation: String) -> ObjectError { .system(path: path, operation: operation, code: errno) }
}

extension OpenFile {
    static let pieceBytes = 1 << 20

    /// A file of the caller's, to be read.
    package static func source(_ path: String) throws(ObjectError) -> (file: OpenFile, size: Int64) {
        let file = try open(path, O_RDONLY | O_NONBLOCK, "read")
        let state = try file.state()
        guard state.isFile else { throw .system(path: path, operation: "read", code: EINVAL) }
        return (file, state.size)
    }
}
