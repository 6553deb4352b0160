import Foundation

/// A file that is read while others may write to it.
struct OpenedFile: ~Copyable {
    let descriptor: Int32
    private let path: String

    init(_ path: String) throws(BackupError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    }

    deinit { close(descriptor) }

    func stamp() throws(BackupError) -> FileStamp {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, operation: "look at", code: errno) }
        return FileStamp(status)
    }

    /// - Returns: fewer bytes only at the file's end.
    func read(at offset: Int64, _ count: Int) throws(BackupError) -> Data {
        var data = Data(count: count)
        var done = 0
        while done < count {
            let got = data.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset) + off_t(done))
            }
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw .system(path: path, operation: "read", code: errno)
            }
        }
        return data.prefix(done)
    }
}
