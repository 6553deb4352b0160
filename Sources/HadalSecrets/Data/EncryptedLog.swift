import Foundation
import Synchronization

/// A file that only grows, record by record, encrypted. For audit trails and journals.
///
/// A log is not an `EncryptedFile` that is continued: to fill up its last chunk, that would have to be encrypted again,
/// with the same nonce, which gives AES-GCM's key away, or over bytes that a crash may then destroy. Here nothing that
/// was written is touched again.
public final class EncryptedLog: Sendable {
    /// What was cut off when a log was opened: a record that a crash did not let come to its end.
    public typealias Torn = (offset: UInt64, count: UInt64)

    private struct State: Sendable {
        var offset: UInt64
        var previous: [UInt8]
        var isFinished: Bool
    }

    public let path: String
    /// What `open` has cut off, in bytes of the file; nil where the log was whole. Whoever opened it should say so in
    /// its log.
    public let recovered: Torn?

    private let file: OpenFile
    private let records: LogRecord
    private let state: Mutex<State>

    /// Opens a log to append to; makes it where there is none. Nobody else may have it open to append (`busy`).
    ///
    /// A record at the end that is not whole is cut off. Anything else that is not as it was written is an error, and
    /// the log stays as it is.
    public init(_ path: String, keys: DataKeys, purpose: DataPurpose, context: String) throws(SecretsError) {
        if access(path, F_OK) != 0 {
            try FileHeader.check(length: context, path: path)
            let key = try keys.key(for: purpose)
            let header = FileHeader(layout: .log, chunkSize: 0, keyID: key.id, context: context)
            try NewFile.write(header.bytes(key: key), to: path, replacing: false)
        }
        let file = try OpenFile(path, O_RDWR)
        try file.lock(waits: false)
        var walk = try LogWalk(file, keys: keys, context: context)
        let torn = try Self.goToEnd(&walk)
        if let torn {
            try file.truncate(to: torn.offset)
            try file.synchronize()
        }
        self.path = path
        self.file = file
        records = walk.records
        recovered = torn.map { ($0.offset, $0.count) }
        state = Mutex(State(offset: walk.offset, previous: walk.previous, isFinished: false))
    }

    /// Only the last record is opened here: the others' first bytes say where the next begins. `EncryptedLogReader`
    /// opens all.
    private static func goToEnd(_ walk: inout LogWalk) throws(SecretsError) -> LogWalk.Torn? {
        while true {
            switch try walk.look() {
            case .end: return nil
            case .torn(let torn): return torn
            case .record(let frame):
                if walk.offset + frame.size == walk.size, try walk.open(frame) == nil {
                    return LogWalk.Torn(offset: walk.offset, count: frame.size)
                }
                guard frame.kind == .data else {
                    throw .unsupported(path: walk.file.path, problem: "the log is finished; nothing can be added")
                }
                try walk.pass(frame)
            }
        }
    }

    /// Adds a record. It is the system's when this returns, and on the disk after `synchronize`.
    ///
    /// Where it fails (a full disk), the log is as it was before.
    public func append(_ record: [UInt8]) throws(SecretsError) { try append(record, kind: .data) }

    /// Returns when all records are on the disk.
    public func synchronize() throws(SecretsError) { try file.synchronize() }

    /// Adds the mark of the end. Without it a reader cannot know that records at the end are missing.
    public func finish() throws(SecretsError) {
        try append([], kind: .end)
        try synchronize()
    }

    private func append(_ record: [UInt8], kind: LogRecord.Kind) throws(SecretsError) {
        let (file, records, path) = (file, records, path)
        try state.withLock { state throws(SecretsError) in
            guard !state.isFinished else {
                throw .unsupported(path: path, problem: "the log is finished; nothing can be added")
            }
            let bytes = try records.seal(
                record, kind: kind, offset: state.offset, previous: state.previous, path: path)
            do throws(SecretsError) {
                try file.write(bytes, at: state.offset)
            } catch {
                // Should this fail too: the next record is written over the rest, and an open cuts it off.
                try? file.truncate(to: state.offset)
                throw error
            }
            state.offset += UInt64(bytes.count)
            state.previous = bytes.suffix(ChunkCipher.tagSize)
            state.isFinished = kind == .end
        }
    }
}
