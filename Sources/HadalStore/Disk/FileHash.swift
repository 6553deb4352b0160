import Crypto
import Foundation

/// The SHA-256 of files that do not fit in memory.
public enum FileHash {
    private static let pieceBytes = 4 << 20

    /// - Parameter progress: is given how many bytes more have been read; throws to end it.
    public static func sha256(
        _ path: String, progress: (Int) throws -> Void = { _ in }
    ) throws -> (digest: BlobDigest, size: Int64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.system(path: path, operation: "open", code: errno) }
        defer { close(descriptor) }
        #if os(Linux)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        #endif
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var size: Int64 = 0
        while true {
            let count = read(descriptor, buffer.baseAddress!, pieceBytes)
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreError.system(path: path, operation: "read", code: errno)
            }
            if count == 0 { return (BlobDigest(hash.finalize()), size) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += Int64(count)
            try progress(count)
        }
    }
}
