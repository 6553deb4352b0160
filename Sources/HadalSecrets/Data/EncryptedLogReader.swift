import Foundation

/// Reads an `EncryptedLog` from its beginning, also while somebody appends to it.
public enum EncryptedLogReader {
    /// How a log ends.
    public enum Ending: Sendable, Hashable {
        /// With its mark: all records are there.
        case finished
        /// After a whole record. Whether there once were more, the log cannot say.
        case open
        /// In the middle of one, which somebody writes just now or a crash has cut off. In bytes of the file.
        case torn(offset: UInt64, count: UInt64)
    }

    /// - Parameter context: what the log must have been written as.
    /// - Throws: `damaged` at the first record that is not as it was written; those before it have been given to
    ///   `body`.
    @discardableResult
    public static func read(
        _ path: String, keys: DataKeys, context: String? = nil,
        _ body: (_ record: [UInt8], _ offset: UInt64) throws(SecretsError) -> Void
    ) throws(SecretsError) -> Ending {
        var walk = try LogWalk(try OpenFile(path, O_RDONLY), keys: keys, context: context)
        while true {
            switch try walk.look() {
            case .end: return .open
            case .torn(let torn): return .torn(offset: torn.offset, count: torn.count)
            case .record(let frame):
                guard let record = try walk.open(frame) else {
                    return .torn(offset: walk.offset, count: frame.size)
                }
                if frame.kind == .end {
                    guard walk.offset + frame.size == walk.size else {
                        throw .damaged(path: path, part: "bytes after the log's end", offset: walk.offset + frame.size)
                    }
                    return .finished
                }
                try body(record, walk.offset)
                try walk.pass(frame)
            }
        }
    }
}
