import Crypto
import Foundation

/// A small value encrypted by itself, for a column of a database or a line of a file.
///
/// Bytes: 1 (the format), the data key's id (16), salt (16), nonce (12), AES-256-GCM of the value, tag (16). Each value
/// has a key derived from the data key and its salt, so that there may be any number of them. `context` (table, column
/// and row, for instance) is not written: a value opens only where it belongs.
public enum SealedValue {
    private static let saltSize = 16
    private static let headerSize = 1 + DataKeyID.size + saltSize
    /// Bytes that a sealed value is longer than the value.
    public static let overhead = headerSize + ChunkCipher.nonceSize + ChunkCipher.tagSize

    public static func seal(
        _ value: some DataProtocol, keys: DataKeys, purpose: DataPurpose, context: String
    ) throws(SecretsError) -> [UInt8] {
        let key = try keys.key(for: purpose)
        let salt = SymmetricKey(size: .bits128).bytes()
        let header = [1] + key.id.bytes + salt
        guard
            let box = try? AES.GCM.seal(
                value, using: key.derive(salt: salt, use: "value"), authenticating: header + Array(context.utf8)),
            let combined = box.combined
        else { throw .badSettings(problem: "\(context): AES-256-GCM failed") }
        return header + combined
    }

    public static func open(
        _ sealed: [UInt8], keys: DataKeys, context: String
    ) throws(SecretsError) -> [UInt8] {
        guard sealed.count >= overhead else {
            throw .damaged(path: context, part: "too short for a sealed value", offset: UInt64(sealed.count))
        }
        guard sealed[0] == 1 else {
            throw .unsupported(path: context, problem: "a sealed value of format \(sealed[0]), not 1")
        }
        let header = Array(sealed[..<headerSize])
        let key = try keys.key(DataKeyID(Array(header[1..<(1 + DataKeyID.size)])), of: context)
        let salt = Array(header[(1 + DataKeyID.size)...])
        guard let box = try? AES.GCM.SealedBox(combined: sealed[headerSize...]),
            let value = try? AES.GCM.open(
                box, using: key.derive(salt: salt, use: "value"), authenticating: header + Array(context.utf8))
        else { throw .damaged(path: context, part: "sealed value", offset: 0) }
        return Array(value)
    }
}
