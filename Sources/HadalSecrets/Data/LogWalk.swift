import Foundation

/// Goes through the records of a log from the first on.
struct LogWalk {
    /// A place where the bytes that follow are no whole record, as after a crash in the middle of a write.
    struct Torn: Sendable, Hashable {
        /// Where it begins: all before it is right.
        var offset: UInt64
        /// Bytes from there to the end of the file.
        var count: UInt64
    }

    enum Step {
        case record(LogRecord.Frame)
        case end
        case torn(Torn)
    }

    let file: OpenFile
    let records: LogRecord
    let size: UInt64
    private(set) var offset: UInt64
    /// The tag of the record before `offset`.
    private(set) var previous: [UInt8] = []

    init(_ file: OpenFile, keys: DataKeys, context: String?) throws(SecretsError) {
        let (header, key, bytes) = try FileHeader.read(file, layout: .log, keys: keys)
        try header.check(context: context, path: file.path)
        self.file = file
        records = LogRecord(header, key: key, headerBytes: bytes)
        size = try file.size()
        offset = UInt64(bytes.count)
    }

    /// What stands at `offset`.
    /// - Throws: `damaged` where it was changed after it was written.
    func look() throws(SecretsError) -> Step {
        guard offset < size else { return .end }
        let rest = size - offset
        guard rest >= LogRecord.frameSize else { return .torn(Torn(offset: offset, count: rest)) }
        guard let frame = records.frame(try file.read(at: offset, count: LogRecord.frameSize), offset: offset) else {
            // A file system may have made the file longer and not have written to it when power went.
            if try isZero(from: offset) { return .torn(Torn(offset: offset, count: rest)) }
            throw .damaged(path: file.path, part: "record", offset: offset)
        }
        guard frame.size <= rest else { return .torn(Torn(offset: offset, count: rest)) }
        return .record(frame)
    }

    /// Opens the record at `offset`; nil where it is the last one and parts of it never came to the disk.
    /// - Throws: `damaged` where it was changed after it was written.
    func open(_ frame: LogRecord.Frame) throws(SecretsError) -> [UInt8]? {
        let bytes = try file.read(at: offset, count: Int(frame.size))
        if let plain = records.open(bytes, offset: offset, previous: previous) { return plain }
        if offset + frame.size == size, hasHole(bytes) { return nil }
        throw .damaged(path: file.path, part: "record", offset: offset)
    }

    /// Whether a sector's share of these bytes is zero, as where the disk got a file's length and other sectors before
    /// power went. Encrypted bytes are not: sixteen zeros come once in 2^128.
    private func hasHole(_ bytes: [UInt8]) -> Bool {
        let sector = 512
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + sector - (Int(offset % UInt64(sector)) + start) % sector)
            if end - start >= 16, bytes[start..<end].allSatisfy({ $0 == 0 }) { return true }
            start = end
        }
        return bytes.suffix(16).allSatisfy { $0 == 0 }
    }

    mutating func pass(_ frame: LogRecord.Frame) throws(SecretsError) {
        offset += frame.size
        previous = try file.read(at: offset - UInt64(ChunkCipher.tagSize), count: ChunkCipher.tagSize)
    }

    private func isZero(from start: UInt64) throws(SecretsError) -> Bool {
        var position = start
        while position < size {
            let piece = try file.read(at: position, count: 64 * 1024)
            guard piece.allSatisfy({ $0 == 0 }) else { return false }
            if piece.isEmpty { break }
            position += UInt64(piece.count)
        }
        return true
    }
}
