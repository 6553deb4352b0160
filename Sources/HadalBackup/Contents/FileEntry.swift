import Foundation
import HadalJSON

/// A file as it was: what of it is known, and the chunks that it is made of, in order.
struct FileEntry: Sendable, Hashable {
    enum Kind: String, Sendable { case file, database }

    /// `ROOT/…`, as `data/access.db`.
    var path: String
    var kind: Kind
    /// Permission bits.
    var mode: UInt16
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var chunks: [ChunkName]

    var json: JSON {
        [
            "path": .string(path), "kind": .string(kind.rawValue), "mode": .int(Int64(mode)), "size": .int(size),
            "modified": .int(modified), "chunks": .array(chunks.map { .string($0.hex) }),
        ]
    }

    init(path: String, kind: Kind, mode: UInt16, size: Int64, modified: Int64, chunks: [ChunkName]) {
        (self.path, self.kind, self.mode) = (path, kind, mode)
        (self.size, self.modified, self.chunks) = (size, modified, chunks)
    }

    init(_ path: String, _ kind: Kind, _ stamp: FileStamp, size: Int64, chunks: [ChunkName]) {
        self.init(path: path, kind: kind, mode: stamp.mode, size: size, modified: stamp.modified, chunks: chunks)
    }

    /// A file that was not changed since.
    func isSame(as stamp: FileStamp) -> Bool {
        kind == .file && size == stamp.size && modified == stamp.modified && mode == stamp.mode
    }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        path = try fields.path("path")
        guard let kind = Kind(rawValue: try fields.text("kind")) else { throw DocumentError("kind: not known") }
        self.kind = kind
        mode = UInt16(try fields.number("mode") & 0o7777)
        size = Int64(try fields.number("size"))
        modified = Int64(try fields.number("modified"))
        chunks = try fields.chunks()
        guard (size == 0) == chunks.isEmpty else { throw DocumentError("size: does not fit its chunks") }
    }
}

/// Bytes of a database's write-ahead log that were appended, up to the end of a transaction.
struct LogPiece: Sendable, Hashable {
    /// Of the database.
    var path: String
    /// Which log: SQLite begins a new one, with other salts, when the one before is in the database.
    var log: String
    /// Where the piece begins in the log.
    var offset: Int64
    var size: Int64
    var chunks: [ChunkName]

    var end: Int64 { offset + size }

    var json: JSON {
        [
            "path": .string(path), "log": .string(log), "offset": .int(offset), "size": .int(size),
            "chunks": .array(chunks.map { .string($0.hex) }),
        ]
    }

    init(path: String, _ piece: DatabaseFollower.Piece, _ chunks: [ChunkName]) {
        (self.path, log, offset, size, self.chunks) = (path, piece.log, piece.offset, piece.size, chunks)
    }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        path = try fields.path("path")
        log = try fields.text("log")
        offset = Int64(try fields.number("offset"))
        size = Int64(try fields.number("size"))
        chunks = try fields.chunks()
    }
}
