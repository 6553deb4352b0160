import Crypto
import Foundation

/// Encrypts a record's text with its person's key: nonce (12), AES-256-GCM, tag (16). The associated data names trail,
/// record and part, so that texts cannot be exchanged.
enum ContentCipher {
    /// Which text of a record.
    enum Part: String, Sendable {
        case input, output
    }

    static let overhead = 12 + 16
    static let sizeLimit = 64 << 20

    static func seal(
        _ text: String, key: PersonKeys.Key, trail: String, record id: String, part: Part
    ) throws(AuditError) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count + overhead <= sizeLimit else {
            throw .tooLarge(problem: "a text of \(bytes.count) bytes is longer than the audit takes (\(sizeLimit))")
        }
        guard
            let box = try? AES.GCM.seal(
                bytes, using: derived(key, "content"), authenticating: associated(trail, id, part)),
            let combined = box.combined
        else { throw .tooLarge(problem: "AES-256-GCM failed") }
        return Array(combined)
    }

    /// Nil where it is not what was sealed.
    static func open(
        _ bytes: [UInt8], key: PersonKeys.Key, trail: String, record id: String, part: Part
    ) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(
                box, using: derived(key, "content"), authenticating: associated(trail, id, part))
        else { return nil }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Keyed: a plain hash of a short text is found by trying texts, and could not be erased.
    static func digest(_ text: String, key: PersonKeys.Key, record id: String, part: Part) -> String {
        HMAC<SHA256>.authenticationCode(
            for: Data((id + "\0" + part.rawValue + "\0" + text).utf8), using: derived(key, "hash")
        )
        .hex
    }

    private static func derived(_ key: PersonKeys.Key, _ use: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.key, info: Data("hadal audit \(use)".utf8), outputByteCount: 32)
    }

    private static func associated(_ trail: String, _ id: String, _ part: Part) -> Data {
        Data("hadal audit content 1\0\(trail)\0\(id)\0\(part.rawValue)".utf8)
    }
}
