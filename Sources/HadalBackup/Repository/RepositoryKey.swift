import Crypto
import Foundation

/// The one secret of a repository: 256 random bits, from which the keys of its objects are derived.
///
/// Its owner keeps it as a text away from the machine: whoever has lost it has lost the backup.
public struct RepositoryKey: Sendable {
    private static let prefix = "hadal-recovery-"
    /// Douglas Crockford's base 32: no I, L, O, U.
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let size = 32
    private static let sumSize = 4

    let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    public static func random() -> RepositoryKey { RepositoryKey(SymmetricKey(size: .bits256)) }

    /// From its bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size else { return nil }
        key = SymmetricKey(data: Array(bytes))
    }

    public var bytes: [UInt8] { key.withUnsafeBytes { Array($0) } }

    // MARK: - The recovery key

    /// `hadal-recovery-XXXXX-…`: the key and four bytes of its SHA-256, so that a slip of the pen is noticed.
    public var recoveryText: String {
        let all = bytes + SHA256.hash(data: bytes).prefix(Self.sumSize)
        var digits: [UInt8] = []
        var (rest, count) = (0, 0)
        for byte in all {
            (rest, count) = (rest << 8 | Int(byte), count + 8)
            while count >= 5 {
                count -= 5
                digits.append(Self.digits[rest >> count & 31])
            }
            rest &= 1 << count - 1
        }
        if count > 0 { digits.append(Self.digits[rest << (5 - count) & 31]) }
        let groups = stride(from: 0, to: digits.count, by: 5).map {
            String(decoding: digits[$0..<min($0 + 5, digits.count)], as: UTF8.self)
        }
        return Self.prefix + groups.joined(separator: "-")
    }

    /// Small letters, spaces, and O, I, L for the digits that they look like, are as good.
    public init(recoveryText text: String) throws(BackupError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.lowercased().hasPrefix(Self.prefix) else {
            throw .badRecoveryKey(problem: "it does not begin with \(Self.prefix)")
        }
        var bytes: [UInt8] = []
        var (rest, count, digits) = (0, 0, 0)
        for character in text.dropFirst(Self.prefix.count).uppercased().utf8 {
            if character == UInt8(ascii: "-") || character == UInt8(ascii: " ") { continue }
            let digit =
                switch character {
                case UInt8(ascii: "O"): UInt8(ascii: "0")
                case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
                default: character
                }
            guard let value = Self.digits.firstIndex(of: digit) else {
                throw .badRecoveryKey(problem: "'\(Character(UnicodeScalar(character)))' cannot stand in it")
            }
            (rest, count, digits) = ((rest << 5 | value) & 0xFFFF, count + 5, digits + 1)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: rest >> count))
            }
        }
        guard digits == (8 * (Self.size + Self.sumSize) + 4) / 5 else {
            throw .badRecoveryKey(problem: "characters are missing, or too many")
        }
        let sum = bytes.suffix(Self.sumSize)
        bytes.removeLast(Self.sumSize)
        guard SHA256.hash(data: bytes).prefix(Self.sumSize).elementsEqual(sum) else {
            throw .badRecoveryKey(problem: "its check digits do not match; a character was mistyped")
        }
        key = SymmetricKey(data: bytes)
    }

    /// 256 bits for one use, by HKDF-SHA256 (RFC 5869).
    func derive(_ use: String, salt: [UInt8] = []) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: salt, info: Data("hadal backup \(use)".utf8), outputByteCount: Self.size)
    }
}

extension RepositoryKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "a backup's key" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
