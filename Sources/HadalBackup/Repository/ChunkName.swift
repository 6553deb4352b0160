import Crypto
import Foundation

/// Names chunks.
struct ChunkKey: Sendable {
    private let key: SymmetricKey
    init(_ key: RepositoryKey) { self.key = key.derive("chunk names") }
    func name(_ chunk: Data) -> ChunkName { ChunkName(of: chunk, key: key) }
}

/// What a chunk is called: HMAC-SHA256 of its bytes under a key of the repository. Equal chunks are stored once, and
/// who sees the names alone cannot tell whether a file that they have is among them.
struct ChunkName: Sendable, Hashable {
    static let size = 32
    let bytes: SIMD32<UInt8>

    init(of chunk: Data, key: SymmetricKey) {
        var bytes = SIMD32<UInt8>()
        for (index, byte) in HMAC<SHA256>.authenticationCode(for: chunk, using: key).enumerated() {
            bytes[index] = byte
        }
        self.bytes = bytes
    }

    /// From 64 hexadecimal digits.
    init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.size else { return nil }
        var bytes = SIMD32<UInt8>()
        for index in 0..<Self.size {
            guard let high = Self.value(digits[2 * index]), let low = Self.value(digits[2 * index + 1]) else {
                return nil
            }
            bytes[index] = high << 4 | low
        }
        self.bytes = bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for index in 0..<Self.size { text += [digits[Int(bytes[index] >> 4)], digits[Int(bytes[index] & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Of the object that has it.
    var object: String { "chunks/\(hex.prefix(2))/\(hex)" }
}
