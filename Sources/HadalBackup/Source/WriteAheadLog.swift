import Foundation

/// The write-ahead log of a SQLite database (sqlite.org/fileformat2.html, 4): a header, then frames, each a page as a transaction
/// left it; a transaction's last frame tells the database's size. Sums run through all of them, so that what is read while others
/// write is either whole or not taken.
///
/// The file has no locks of its own, so that it may be opened and closed beside SQLite.
struct WriteAheadLog {
    static let headerSize = 32
    static let frameHeaderSize = 24

    /// How far a log was read.
    struct Position: Hashable {
        var salts: UInt64
        /// Counts the logs of a database.
        var sequence: UInt32
        var pageSize: Int
        var isBigEndian: Bool
        /// The end of the last transaction.
        var offset: Int64
        var sum: Sum

        var frames: Int { Int((offset - Int64(headerSize)) / Int64(frameHeaderSize + pageSize)) }
        var name: String { String(sequence) + "-" + String(salts, radix: 16) }
    }

    /// The running sum.
    struct Sum: Hashable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// - Parameter bytes: a multiple of 8.
        mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>, isBigEndian: Bool) {
            var index = bytes.startIndex
            while index < bytes.endIndex {
                let pair = (bytes.base.word(index, isBigEndian), bytes.base.word(index + 4, isBigEndian))
                first = first &+ pair.0 &+ second
                second = second &+ pair.1 &+ first
                index += 8
            }
        }
    }

    private let descriptor: Int32
    private let path: String

    /// nil: there is none.
    init?(of database: String) throws(BackupError) {
        path = database + "-wal"
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(path: path, operation: "open", code: errno)
        }
    }

    func close() { _ = Foundation.close(descriptor) }

    /// The beginning of the log, behind its header; nil while there is no whole one.
    func start() throws(BackupError) -> Position? {
        let header = try read(at: 0, Self.headerSize)
        guard header.count == Self.headerSize else { return nil }
        return header.withUnsafeBytes { bytes in
            let magic = bytes.word(0, true)
            guard magic | 1 == 0x377F_0683, bytes.word(4, true) == 3_007_000 else { return nil }
            var sum = Sum()
            sum.add(bytes[0..<24], isBigEndian: magic & 1 == 1)
            guard sum.first == bytes.word(24, true), sum.second == bytes.word(28, true) else { return nil }
            let pageSize = Int(bytes.word(8, true))
            guard (512...65536).contains(pageSize), pageSize & (pageSize - 1) == 0 else { return nil }
            return Position(
                salts: UInt64(bytes.word(16, true)) << 32 | UInt64(bytes.word(20, true)),
                sequence: bytes.word(12, true), pageSize: pageSize, isBigEndian: magic & 1 == 1,
                offset: Int64(Self.headerSize), sum: sum)
        }
    }

    func header() throws(BackupError) -> Data { try read(at: 0, Self.headerSize) }

    /// Whole transactions from the position on, which moves behind them.
    /// - Parameter limit: bytes after which no further transaction is begun.
    func transactions(from position: inout Position, limit: Int) throws(BackupError) -> Data {
        let frameSize = Self.frameHeaderSize + position.pageSize
        var (taken, current) = (Data(), position)
        var pending = Data()
        while taken.count < limit {
            let frame = try read(at: current.offset, frameSize)
            guard frame.count == frameSize, let isCommit = Self.check(frame, &current) else { break }
            current.offset += Int64(frameSize)
            pending += frame
            if isCommit {
                taken += pending
                pending.removeAll(keepingCapacity: true)
                position = current
            }
        }
        return taken
    }

    /// What stands where the log was read to.
    enum Rest { case nothing, frame, other }

    /// Whether the log that a later one has taken the place of went on after the position: the later one writes from the file's
    /// beginning and leaves the rest as it was.
    func rest(of position: Position) throws(BackupError) -> Rest {
        let frame = try read(at: position.offset, Self.frameHeaderSize + position.pageSize)
        guard frame.count >= Self.frameHeaderSize else { return .nothing }
        let salts = frame.withUnsafeBytes { UInt64($0.word(8, true)) << 32 | UInt64($0.word(12, true)) }
        var copy = position
        if salts == position.salts {
            // One that was begun and taken back stands there too; it was part of no transaction that ended, or else of one.
            return frame.count == Self.frameHeaderSize + position.pageSize && Self.check(frame, &copy) != nil
                ? .frame : .nothing
        }
        // Of an earlier log, which this one had not yet reached, or of the later one, which has overwritten what stood here.
        guard let later = try start() else { return .other }
        return salts == later.salts ? .other : .nothing
    }

    /// - Returns: whether the frame ends a transaction; nil where it does not go on the position's log.
    private static func check(_ frame: Data, _ position: inout Position) -> Bool? {
        frame.withUnsafeBytes { bytes in
            guard bytes.word(0, true) > 0,
                UInt64(bytes.word(8, true)) << 32 | UInt64(bytes.word(12, true)) == position.salts
            else { return nil }
            var sum = position.sum
            sum.add(bytes[0..<8], isBigEndian: position.isBigEndian)
            sum.add(bytes[frameHeaderSize...], isBigEndian: position.isBigEndian)
            guard sum.first == bytes.word(16, true), sum.second == bytes.word(20, true) else { return nil }
            position.sum = sum
            return bytes.word(4, true) > 0
        }
    }

    private func read(at offset: Int64, _ count: Int) throws(BackupError) -> Data {
        var data = Data(count: count)
        var done = 0
        while done < count {
            let read = data.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset) + off_t(done))
            }
            if read > 0 {
                done += read
            } else if read == 0 {
                break
            } else if errno != EINTR {
                throw .system(path: path, operation: "read", code: errno)
            }
        }
        return data.prefix(done)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func word(_ offset: Int, _ isBigEndian: Bool) -> UInt32 {
        let word = loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
}
