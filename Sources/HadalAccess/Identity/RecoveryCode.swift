import Crypto
import Foundation

/// Codes for who has lost the authenticator, each for once: four groups of four characters, 80 random bits, so that a
/// plain hash is enough to store them by.
enum RecoveryCode {
    static let count = 10
    private static let length = 16

    static func make() -> String {
        let text = Base32.encode(SymmetricKey(size: .init(bitCount: 80)).withUnsafeBytes { Array($0) })
        return stride(from: 0, to: length, by: 4)
            .map { text.dropFirst($0).prefix(4) }
            .joined(separator: "-").lowercased()
    }

    /// However it was typed; nil for what cannot be one.
    static func hash(_ typed: String) -> Data? {
        guard typed.utf8.count <= 64 else { return nil }
        let plain = typed.uppercased().filter { $0 != "-" && $0 != " " }
        return plain.utf8.count == length ? Secret.hash(plain) : nil
    }
}
