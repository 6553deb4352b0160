import Foundation
import HadalJSON
import Synchronization

/// A file that is coming in: its bytes at their places, and beside it a record of which of them are on the disk. The
/// record is written after the bytes it names, so that after a crash it names no byte that is not there.
package final class PartialFile: Sendable {
    private struct State {
        var done = RangeSet()
        /// Which state of the file on the server the bytes are of (ETag); nil: not known yet.
        var version: String?
        var unsavedBytes: Int64 = 0
    }

    package let path: String
    /// Of the whole file, in bytes.
    package let size: Int64
    private let descriptor: Int32
    private let saveBytes: Int64
    private let state = Mutex(State())

    /// Opens what was begun, or begins. Nobody else has it until this is released.
    /// - Parameters:
    ///   - saveBytes: so many new bytes make a record.
    ///   - isNamedByContent: what is there is of the same file, whichever server it came from.
    /// - Throws: `StoreError.busy` where another process has it.
    package init(_ path: String, size: Int64, name: String, saveBytes: Int64, isNamedByContent: Bool = false) throws {
        self.path = path
        self.size = size
        self.saveBytes = saveBytes
        descriptor = try Self.openLocked(path, name)
        if let (done, version) = Self.record(path + ".json", size), Self.size(of: descriptor) == size {
            state.withLock { ($0.done, $0.version) = (done, isNamedByContent ? nil : version) }
        } else {
            // It must not speak of bytes to come.
            forgetRecord()
            try truncate()
        }
    }

    deinit {
        // A process that is just being started may still have the descriptor too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// What a pull or an import that was cut off has of a file, without taking it.
    package static func done(_ path: String, size: Int64) -> RangeSet {
        // A record may outlive its file, which became a blob.
        guard (try? AtomicFile.size(of: path)) == size else { return RangeSet() }
        return record(path + ".json", size)?.done ?? RangeSet()
    }

    package static func doneBytes(_ path: String, size: Int64) -> Int64 { done(path, size: size).count }

    package var doneBytes: Int64 { state.withLock { $0.done.count } }
    package func missing(pieceBytes: Int64) -> [Range<Int64>] {
        state.withLock { $0.done.missing(size: size, pieceBytes: pieceBytes) }
    }

    /// Says of which state of the file the next bytes are.
    /// - Returns: whether those that are there are of the same.
    package func accepts(version: String?) -> Bool {
        state.withLock { state in
            if state.version == nil { state.version = version }
            return version == nil || state.version == version
        }
    }

    /// - Returns: how many of them were not there.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws -> Int64 {
        precondition(offset + Int64(bytes.count) <= size, "bytes beyond the file's end")
        var rest = bytes[...]
        while !rest.isEmpty {
            let place = offset + Int64(rest.startIndex)
            let count = pwrite(descriptor, rest.base.baseAddress! + rest.startIndex, rest.count, off_t(place))
            if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw failure("write") }
        }
        return try state.withLock { state in
            let before = state.done.count
            state.done.insert(offset..<offset + Int64(bytes.count))
            state.unsavedBytes += Int64(bytes.count)
            if state.unsavedBytes >= saveBytes { try save(&state) }
            return state.done.count - before
        }
    }

    /// Has all bytes and the record of them on the disk.
    package func save() throws { try state.withLock { try save(&$0) } }

    /// Forgets all bytes.
    package func reset() throws {
        try state.withLock { state in
            state = State()
            // The record first: it must not name bytes that are gone.
            try save(&state)
            try truncate()
        }
    }

    /// Also after the file got another name.
    package func forgetRecord() { unlink(path + ".json") }

    private func save(_ state: inout State) throws {
        guard fdatasync(descriptor) == 0 else { throw failure("write") }
        let record: JSON = [
            "size": .int(size), "version": state.version.map(JSON.string) ?? .null,
            "done": .array(state.done.ranges.map { [.int($0.lowerBound), .int($0.upperBound)] }),
        ]
        try AtomicFile.write(record.bytes, to: path + ".json")
        state.unsavedBytes = 0
    }

    private func truncate() throws {
        guard ftruncate(descriptor, 0) == 0, ftruncate(descriptor, off_t(size)) == 0 else { throw failure("write") }
    }

    private func failure(_ operation: String) -> StoreError {
        .system(path: path, operation: operation, code: errno)
    }

    private static func openLocked(_ path: String, _ name: String) throws -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw StoreError.system(path: path, operation: "open", code: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { throw StoreError.busy(name: name) }
                throw StoreError.system(path: path, operation: "lock", code: code)
            }
            // Whoever had it may just have made it a blob: then this is not the file of that name any more.
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                return descriptor
            }
            close(descriptor)
        }
    }

    private static func size(of descriptor: Int32) -> Int64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// nil: none, or of no use.
    private static func record(_ path: String, _ size: Int64) -> (done: RangeSet, version: String?)? {
        guard let data = FileManager.default.contents(atPath: path), let json = try? JSON(parsing: data),
            json["size"]?.int == Int(size), let pairs = json["done"]?.array
        else { return nil }
        var ranges: [Range<Int64>] = []
        for pair in pairs {
            guard let start = pair[0]?.int, let end = pair[1]?.int, start < end else { return nil }
            ranges.append(Int64(start)..<Int64(end))
        }
        return RangeSet(ranges, size: size).map { ($0, json["version"]?.string) }
    }
}
