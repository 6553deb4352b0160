import Foundation

/// A file mapped into memory, read only; the mapping lives as long as this object.
///
/// Pages are read when first touched, and the kernel may drop them again at any time, so a checkpoint larger than
/// memory still opens at once. A file that somebody shortens while it is mapped ends the process (SIGBUS) when a lost
/// page is touched: files are replaced by renaming, never written in place.
public final class MappedFile: Sendable {
    public let path: String
    public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let isMapping: Bool

    /// What the reader is about to do, for the kernel's read-ahead.
    public enum Access: Sendable {
        case normal, sequential, random
        /// Read these pages now, in the background.
        case willNeed
        /// Have these pages in place when the call returns (without effect before Linux 5.14).
        case populate
        /// These pages are not needed for the time being (after repacking, for example).
        case dontNeed
    }

    public init(path: String) throws(CheckpointError) {
        func failure(_ code: Int32) -> CheckpointError {
            .unreadable(file: path, reason: String(cString: strerror(code)))
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "not a regular file")
        }
        self.path = path
        isMapping = status.st_size > 0
        if status.st_size == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        } else {
            let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0)
            guard let address, address != MAP_FAILED else { throw failure(errno) }
            bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
        }
    }

    /// A copy in memory, aligned to 64 bytes, for what has no file of its own: converted weights, tests.
    public init(copying source: UnsafeRawBufferPointer, path: String = "memory") {
        self.path = path
        isMapping = false
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, source.count), alignment: 64)
        copy.copyMemory(from: source)
        bytes = UnsafeRawBufferPointer(rebasing: copy[..<source.count])
    }

    /// A copy in memory of these bytes.
    public convenience init(copying source: [UInt8], path: String = "memory") {
        // An array lends its storage only within a closure, which cannot call a designated initialiser.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
        defer { copy.deallocate() }
        copy.copyBytes(from: source)
        self.init(copying: UnsafeRawBufferPointer(copy), path: path)
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        if isMapping {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        } else {
            start.deallocate()
        }
    }

    /// Passes a hint to the kernel; without effect on memory that is not mapped.
    public func advise(_ access: Access) { advise(access, for: bytes) }

    /// The same for a part, a tensor's `data` for example. Parts outside this file are ignored.
    public func advise(_ access: Access, for part: UnsafeRawBufferPointer) {
        guard isMapping, contains(part), !part.isEmpty, let start = part.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let lead = Int(bitPattern: start) % page
        let advice =
            switch access {
            case .normal: MADV_NORMAL
            case .sequential: MADV_SEQUENTIAL
            case .random: MADV_RANDOM
            case .willNeed: MADV_WILLNEED
            case .populate: Int32(22)  // MADV_POPULATE_READ
            case .dontNeed: MADV_DONTNEED
            }
        madvise(UnsafeMutableRawPointer(mutating: start - lead), part.count + lead, Int32(advice))
    }

    /// Whether `part` lies wholly inside. An empty part always does.
    func contains(_ part: UnsafeRawBufferPointer) -> Bool {
        guard let start = part.baseAddress, !part.isEmpty else { return true }
        guard let first = bytes.baseAddress else { return false }
        return start >= first && start - first <= bytes.count - part.count
    }
}
