import HadalSecrets

/// A line log whose lines are records of an `EncryptedLog`, several where a line is long.
final class EncryptedLineLog: LineLog {
    /// What a record's first byte says of the piece of a line behind it.
    private struct Piece: OptionSet {
        let rawValue: UInt8
        static let first = Piece(rawValue: 1)
        static let last = Piece(rawValue: 2)
    }

    private static let pieceBytes = 8 << 20

    private let path: String
    private let keys: DataKeys
    private let context: String
    /// nil once it is closed, so that it can be opened again.
    private var log: EncryptedLog?
    let wasCut: Bool

    init(_ path: String, keys: DataKeys, context: String) throws(SecretsError) {
        let log = try EncryptedLog(path, keys: keys, purpose: .conversations, context: context)
        self.path = path
        self.keys = keys
        self.context = context
        self.log = log
        wasCut = log.recovered != nil
    }

    func append(_ line: [UInt8]) throws {
        guard let log else { throw SecretsError.unsupported(path: path, problem: "the log is closed") }
        for start in stride(from: 0, to: max(line.count, 1), by: Self.pieceBytes) {
            let piece = line[start...].prefix(Self.pieceBytes)
            var place: Piece = []
            if start == 0 { place.insert(.first) }
            if piece.endIndex == line.endIndex { place.insert(.last) }
            try log.append([place.rawValue] + piece)
        }
    }

    func close() throws {
        try log?.synchronize()
        log = nil
    }

    func forEachLine(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var line: [UInt8] = []
        var problem: (any Error)?
        try EncryptedLogReader.read(path, keys: keys, context: context) { record, offset throws(SecretsError) in
            guard let first = record.first else {
                throw .damaged(path: path, part: "a record without a line", offset: offset)
            }
            let place = Piece(rawValue: first)
            // A process that ended in the middle of a line left its first pieces.
            if place.contains(.first) { line = [] }
            line += record.dropFirst()
            guard place.contains(.last), problem == nil else { return }
            do { try body(line[...]) } catch { problem = error }
        }
        if let problem { throw problem }
    }
}
