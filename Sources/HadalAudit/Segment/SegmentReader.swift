import Foundation

/// Goes through the frames of a segment from the first on, in blocks, so that any size of file is read in constant
/// memory. Not by mapping it: a file that is cut while it is read would end the process.
struct SegmentReader {
    enum Step {
        case frame(Frame)
        case end
        /// The bytes from here to the end are no whole frame, as a crash leaves them or while somebody writes.
        case torn(count: UInt64)
        /// No frame begins here.
        case damaged
    }

    private static let blockSize = 1 << 20

    let file: AuditFile
    let size: UInt64
    let head: SegmentHead
    /// Of the head; the first frame's hash is made over it.
    let headHash: [UInt8]
    /// Where the next frame begins.
    private(set) var offset: UInt64
    private var block: [UInt8] = []
    private var blockStart: UInt64 = 0

    init(_ path: String) throws(AuditError) {
        file = try AuditFile(path, O_RDONLY)
        size = try file.size()
        let (head, hash, count) = try SegmentHead.read(file)
        self.head = head
        headHash = hash
        offset = UInt64(count)
    }

    /// Reads the frame at `offset` and goes behind it.
    mutating func next() throws(AuditError) -> Step {
        guard offset < size else { return .end }
        let rest = size - offset
        guard rest >= UInt64(FrameHeader.size) else { return .torn(count: rest) }
        let start = try bytes(FrameHeader.size)
        guard start.count == FrameHeader.size else { return .torn(count: rest) }
        guard let header = FrameHeader(start, offset: offset) else {
            return try hasHole(from: offset) ? .torn(count: rest) : .damaged
        }
        guard header.frameSize <= rest else { return .torn(count: rest) }
        let all = try bytes(Int(header.frameSize))
        guard all.count == Int(header.frameSize) else { return .torn(count: rest) }
        let frame = Frame(header: header, offset: offset, bytes: Array(all))
        offset += header.frameSize
        return .frame(frame)
    }

    /// Whether a sector's share of the rest is zero, as where the disk got a file's length and other sectors before
    /// power went. No frame has sixteen zeros in a row.
    func hasHole(from start: UInt64) throws(AuditError) -> Bool {
        let sector: UInt64 = 512
        var position = start
        while position < size {
            let end = min(size, (position / sector + 1) * sector)
            let piece = try file.read(at: position, count: Int(end - position))
            if piece.count >= 16, piece.allSatisfy({ $0 == 0 }) { return true }
            position = end
        }
        let tail = try file.read(at: size - min(16, size - start), count: 16)
        return tail.count == 16 && tail.allSatisfy { $0 == 0 }
    }

    /// `count` bytes from `offset` on; fewer where the file was cut meanwhile.
    private mutating func bytes(_ count: Int) throws(AuditError) -> ArraySlice<UInt8> {
        if offset < blockStart || offset + UInt64(count) > blockStart + UInt64(block.count) {
            block = try file.read(at: offset, count: max(count, Self.blockSize))
            blockStart = offset
        }
        let start = Int(offset - blockStart)
        return block[start..<min(block.count, start + count)]
    }
}
