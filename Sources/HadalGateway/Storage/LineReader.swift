/// The lines of a file with one JSON value in each, without those that hold only space.
struct LineReader {
    private static let pieceBytes = 1 << 18

    private let reader: KeptFileReader
    private var offset = 0
    /// What was read and not yet given out, from `start` on.
    private var buffer: [UInt8] = []
    private var start = 0

    init(_ reader: KeptFileReader) { self.reader = reader }

    mutating func next() throws -> ArraySlice<UInt8>? {
        // No byte is looked at twice, however long a line is.
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[start..<end]
                start = end + 1
                searched = start
                if !line.allSatisfy(Self.isSpace) { return line }
                continue
            }
            searched = buffer.count - start
            buffer.removeSubrange(..<start)
            start = 0
            let piece = try reader.read(at: offset, count: Self.pieceBytes)
            offset += piece.count
            buffer += piece
            guard piece.isEmpty else { continue }
            let last = buffer[...]
            buffer = []
            return last.allSatisfy(Self.isSpace) ? nil : last
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
    }
}
