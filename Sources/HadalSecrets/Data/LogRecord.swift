import Crypto
import Foundation

/// How records lie in a log behind its header, one after another:
///
/// | byte | |
/// | --- | --- |
/// | 0 | plain bytes, 32 bits, little-endian |
/// | 4 | 0 data, 1 the log's end |
/// | 5 | nonce, 12 random bytes |
/// | 17 | the first 8 bytes of HMAC-SHA256 over offset and the 17 bytes before |
/// | 25 | AES-256-GCM of the text, then the tag (16) |
///
/// The associated data is the header's hash, the record's offset in the file, its length and kind, and the tag of the
/// record before it: records that were exchanged, removed or taken from a copy of the log do not open. The check of the
/// first bytes tells a record that was not written to its end from one that was changed. Nonces are random, as a record
/// that was cut off after a crash is written again with another text; a log's key is its own, and 2^32 records are more
/// than it gets.
struct LogRecord: Sendable {
    enum Kind: UInt8, Sendable {
        case data = 0
        case end = 1
    }

    struct Frame: Sendable {
        var length: Int
        var kind: Kind
        var nonce: [UInt8]

        /// Of the whole record, in bytes.
        var size: UInt64 { UInt64(LogRecord.frameSize + length + ChunkCipher.tagSize) }
    }

    static let lengthLimit = 16 << 20
    private static let checkedSize = 5 + ChunkCipher.nonceSize
    private static let checkSize = 8
    static let frameSize = checkedSize + checkSize

    private let key: SymmetricKey
    private let frameKey: SymmetricKey
    private let headerHash: [UInt8]

    init(_ header: FileHeader, key: DataKey, headerBytes: [UInt8]) {
        self.key = key.derive(salt: header.salt, use: "log")
        frameKey = key.derive(salt: header.salt, use: "log frames")
        headerHash = Array(SHA256.hash(data: headerBytes))
    }

    /// - Parameters:
    ///   - offset: where the record begins in the file.
    ///   - previous: the tag of the record before; empty for the first.
    /// - Returns: the record; its last 16 bytes are its tag.
    func seal(
        _ plain: [UInt8], kind: Kind, offset: UInt64, previous: [UInt8], path: String
    ) throws(SecretsError) -> [UInt8] {
        guard plain.count <= Self.lengthLimit else {
            throw .tooLarge(path: path, problem: "a record has at most \(Self.lengthLimit) bytes")
        }
        let nonce = AES.GCM.Nonce()
        var frame: [UInt8] = []
        frame.append(littleEndian: UInt32(plain.count))
        frame.append(kind.rawValue)
        frame += nonce
        guard
            let box = try? AES.GCM.seal(
                plain, using: key, nonce: nonce, authenticating: associated(frame, offset, previous))
        else { throw .badSettings(problem: "\(path): AES-256-GCM failed") }
        return frame + check(frame, offset) + box.ciphertext + box.tag
    }

    /// Nil where the bytes are no record's beginning at this place.
    func frame(_ bytes: [UInt8], offset: UInt64) -> Frame? {
        guard bytes.count == Self.frameSize, let kind = Kind(rawValue: bytes[4]) else { return nil }
        let checked = Array(bytes[..<Self.checkedSize])
        let length = Int(bytes.littleEndian(at: 0, as: UInt32.self))
        guard length <= Self.lengthLimit, check(checked, offset) == Array(bytes[Self.checkedSize...]) else {
            return nil
        }
        return Frame(length: length, kind: kind, nonce: Array(bytes[5..<Self.checkedSize]))
    }

    /// - Parameter record: all of it.
    /// - Returns: nil where it is not what was sealed at this place after that record.
    func open(_ record: [UInt8], offset: UInt64, previous: [UInt8]) -> [UInt8]? {
        guard record.count >= Self.frameSize + ChunkCipher.tagSize else { return nil }
        let frame = Array(record[..<Self.checkedSize])
        guard let nonce = try? AES.GCM.Nonce(data: frame[5...]),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: record[Self.frameSize...].dropLast(ChunkCipher.tagSize),
                tag: record.suffix(ChunkCipher.tagSize)),
            let plain = try? AES.GCM.open(box, using: key, authenticating: associated(frame, offset, previous))
        else { return nil }
        return Array(plain)
    }

    private func associated(_ frame: [UInt8], _ offset: UInt64, _ previous: [UInt8]) -> [UInt8] {
        var bytes = headerHash
        bytes.append(littleEndian: offset)
        return bytes + frame + previous
    }

    private func check(_ frame: [UInt8], _ offset: UInt64) -> [UInt8] {
        var bytes = frame
        bytes.append(littleEndian: offset)
        return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: frameKey).prefix(Self.checkSize))
    }
}
