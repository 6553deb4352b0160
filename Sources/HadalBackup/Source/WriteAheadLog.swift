import Foundation

/// The write-ahead log of a SQLite database (sqlite.org/fileformat2.html, 4): a header, then frames, each a page as a
/// transaction left it; a transaction's last frame tells the database's size. Sums run through all of them, so that
/// what is read while others write is either whole or not taken.
///
/// The file has no locks of its own, so that it may be opened and closed beside SQLite.
struct WriteAheadLog: ~Copyable {
    static let headerSize = 32
    static let frameHeaderSize = 24

    /// The end of a transaction in a log.
    struct Position: Hashable {
        var salts: UInt64
        /// Counts the logs of a database.
        var sequence: UInt32
        var pageSize: Int
        var isBigEndian: Bool
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

    private let file: OpenedFile

    /// nil: there is none.
    init?(of database: String) throws(BackupError) {
        guard access(database + "-wal", F_OK) == 0 else { return nil }
        file = try OpenedFile(database + "-wal")
    }

    func bytes(at offset: Int64, _ count: Int) throws(BackupError) -> Data { try file.read(at: offset, count) }

    /// The beginning of the log, behind its header; nil while there is no whole one.
    func start() throws(BackupError) -> Position? {
        let header = try file.read(at: 0, Self.headerSize)
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

    /// The end of the last transaction that is there now, where one ended after the position.
    func lastCommit(after position: Position) throws(BackupError) -> Position {
        let frameSize = Self.frameHeaderSize + position.pageSize
        // No further than now: who writes without a pause would keep us here.
        let end = try file.stamp().size
        var (last, current) = (position, position)
        while current.offset + Int64(frameSize) <= end {
            let frame = try file.read(at: current.offset, frameSize)
            guard frame.count == frameSize, let isCommit = Self.check(frame, &current) else { break }
            current.offset += Int64(frameSize)
            if isCommit { last = current }
        }
        return last
    }

    /// Whether the transaction that ends at the position still stands there. SQLite overwrites one that it could not
    /// finish (its `fsync` failed, say) in the same log, under the same salts.
    func has(_ position: Position) throws(BackupError) -> Bool {
        guard position.offset > Int64(Self.headerSize) else { return true }
        let start = position.offset - Int64(Self.frameHeaderSize + position.pageSize)
        let frame = try file.read(at: start, Self.frameHeaderSize)
        guard frame.count == Self.frameHeaderSize else { return false }
        return frame.withUnsafeBytes { bytes in
            UInt64(bytes.word(8, true)) << 32 | UInt64(bytes.word(12, true)) == position.salts
                && bytes.word(16, true) == position.sum.first && bytes.word(20, true) == position.sum.second
        }
    }

    /// Whether a later log has certainly taken the place of this one at the position, and not after it: a later log
    /// writes from the file's beginning and leaves the rest as it was.
    func ended(at position: Position, before later: Position) throws(BackupError) -> Bool {
        // Cut off by others, with what may have stood there; or what was read was taken back.
        guard try file.stamp().size >= position.offset, try has(position) else { return false }
        let frame = try file.read(at: position.offset, Self.frameHeaderSize + position.pageSize)
        guard frame.count == Self.frameHeaderSize + position.pageSize else { return true }
        let salts = frame.withUnsafeBytes { UInt64($0.word(8, true)) << 32 | UInt64($0.word(12, true)) }
        // Overwritten by the later one: nobody can tell.
        if salts == later.salts { return false }
        var copy = position
        return Self.check(frame, &copy) == nil
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
}

extension UnsafeRawBufferPointer {
    fileprivate func word(_ offset: Int, _ isBigEndian: Bool) -> UInt32 {
        let word = loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
}
