import Crypto
import Foundation

/// The SHA-256 of files that do not fit in memory.
public enum FileHash {
    private static let pieceBytes = 4 << 20
    /// Of memory and places of bytes that go past the page cache.
    private static let alignment = 4096
    /// `O_DIRECT`, which Swift does not see.
    #if arch(arm64)
        private static let direct: Int32 = 0o200000
    #else
        private static let direct: Int32 = 0o40000
    #endif

    /// - Parameters:
    ///   - isFromDisk: what is in memory of the file does not count: its bytes are read from where they are kept.
    ///   - progress: is given how many bytes more have been read; throws to end it.
    public static func sha256(
        _ path: String, isFromDisk: Bool = false, progress: (Int) throws -> Void = { _ in }
    ) throws -> (digest: BlobDigest, size: Int64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.system(path: path, operation: "open", code: errno) }
        defer { close(descriptor) }
        #if os(Linux)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        #endif
        var isDirect = isFromDisk && readDirectly(descriptor)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: alignment)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var size: Int64 = 0
        while true {
            let count = read(descriptor, buffer.baseAddress!, pieceBytes)
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EINVAL, isDirect {
                    isDirect = false
                    readThroughMemory(descriptor)
                    continue
                }
                throw StoreError.system(path: path, operation: "read", code: errno)
            }
            if count == 0 { return (BlobDigest(hash.finalize()), size) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += Int64(count)
            if isDirect, count % alignment != 0 {
                // The file's end, where the next place is none that can be read directly.
                isDirect = false
                readThroughMemory(descriptor)
            }
            try progress(count)
        }
    }

    /// Empties the page cache of a file as far as nobody maps it: what is read next comes from the disk.
    static func forget(_ path: String) {
        #if os(Linux)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    /// - Returns: whether reads go past the page cache; where a file system cannot do that, the cache is emptied of the
    ///   file as far as nobody maps it.
    private static func readDirectly(_ descriptor: Int32) -> Bool {
        #if os(Linux)
            if fcntl(descriptor, F_SETFL, direct) == 0 { return true }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #else
            _ = fcntl(descriptor, F_NOCACHE, 1)
        #endif
        return false
    }

    private static func readThroughMemory(_ descriptor: Int32) {
        #if os(Linux)
            _ = fcntl(descriptor, F_SETFL, 0)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }
}
