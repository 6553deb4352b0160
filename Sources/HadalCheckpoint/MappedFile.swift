import Foundation

/// A file mapped into memory, read only; the mapping lives as long as this object.
///
/// Pages are read when first touched, and the kernel may drop them again at any time, so a checkpoint larger than
/// memory still opens at once. A file that somebody shortens while it is mapped ends the process (SIGBUS) when a lost
/// page is touched: files are replaced by renaming, never written in place.
public final class MappedFile: Sendable {
    public let path: String
    public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let storage: Storage

    private enum Storage {
        /// The file's own pages.
        case mapping
        /// Pages of memory, which are nowhere else.
        case memory
        case heap
    }

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
        storage = status.st_size > 0 ? .mapping : .heap
        if status.st_size == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        } else {
            let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0)
            guard let address, address != MAP_FAILED else { throw failure(errno) }
            bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
        }
    }

    /// Memory of its own, for a file whose bytes on the disk are not its content. Core dumps leave it out.
    ///
    /// - Parameter fill: writes all bytes, once; from then on nobody can.
    public init(
        path: String, byteCount: Int,
        fill: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        self.path = path
        guard byteCount > 0 else {
            storage = .heap
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(file: path, reason: "no memory for its \(byteCount) bytes")
        }
        storage = .memory
        bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
        madvise(address, byteCount, MADV_DONTDUMP)
        // Fewer pages to be made while it is filled.
        madvise(address, byteCount, MADV_HUGEPAGE)
        // Where this throws, the deinitialiser gives the memory back.
        try fill(UnsafeMutableRawBufferPointer(start: address, count: byteCount))
        mprotect(address, byteCount, PROT_READ)
    }

    /// A copy in memory, aligned to 64 bytes, for what has no file of its own: converted weights, tests.
    public init(copying source: UnsafeRawBufferPointer, path: String = "memory") {
        self.path = path
        storage = .heap
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
        switch storage {
        case .mapping, .memory: munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        case .heap: start.deallocate()
        }
    }

    /// Whether the bytes were written to memory by `fill`, and take it for as long as this object lives.
    public var isInMemory: Bool { storage == .memory }

    /// Passes a hint to the kernel; without effect on memory that is not a file's.
    public func advise(_ access: Access) { advise(access, for: bytes) }

    /// The same for a part, a tensor's `data` for example. Parts outside this file are ignored.
    public func advise(_ access: Access, for part: UnsafeRawBufferPointer) {
        guard storage == .mapping, contains(part), !part.isEmpty, let start = part.baseAddress else { return }
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
