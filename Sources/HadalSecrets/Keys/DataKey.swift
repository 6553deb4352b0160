import Crypto
import Foundation

/// What data is encrypted for. Each purpose has keys of its own, so that one that leaks opens nothing else.
public enum DataPurpose: String, Sendable, Hashable, CaseIterable {
    case models, audit, knowledge, conversations, state
}

/// A data key's name in file headers: 16 random bytes.
public struct DataKeyID: Sendable, Hashable, CustomStringConvertible {
    static let size = 16
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func random() -> DataKeyID { DataKeyID(Array(SymmetricKey(size: .bits128).bytes())) }

    /// From 32 hexadecimal digits.
    init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.size else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16),
                digits[index] != UInt8(ascii: "+")
            else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// A key that data of one purpose is encrypted with, by way of keys derived from it: one for each file and value.
public struct DataKey: Sendable {
    public let id: DataKeyID
    public let purpose: DataPurpose
    public let created: Date
    let key: SymmetricKey

    /// What it is wrapped for, so that the table's entries cannot be exchanged.
    static func context(_ purpose: DataPurpose, _ id: DataKeyID) -> String {
        "hadal data key \(purpose.rawValue) \(id)"
    }

    var context: String { Self.context(purpose, id) }

    static func random(_ purpose: DataPurpose, now: Date) -> DataKey {
        DataKey(id: .random(), purpose: purpose, created: now, key: SymmetricKey(size: .bits256))
    }

    /// 256 bits for one use, by HKDF-SHA256 (RFC 5869).
    func derive(salt: [UInt8], use: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, salt: salt, info: Data("hadal \(use)".utf8), outputByteCount: 32)
    }
}

extension DataKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "data key \(id) for \(purpose.rawValue)" }
    public var customMirror: Mirror { Mirror(self, children: ["id": "\(id)", "purpose": purpose]) }
}
