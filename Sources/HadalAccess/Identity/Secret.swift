import Crypto
import Foundation

/// Secrets that we make: 256 random bits each. So SHA-256 is enough to store them by: nobody can try that many, and a
/// slow hash would only slow down each request. (Passwords are another matter: `PasswordHash`.)
enum Secret {
    /// 43 characters of base64url.
    static func make() -> String { Base64URL.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }) }

    static let length = 43

    static func hash(_ secret: some StringProtocol) -> Data { Data(SHA256.hash(data: Data(secret.utf8))) }

    /// Takes the same time wherever the two differ: swift-crypto compares digests with bytes so.
    static func matches(_ secret: some StringProtocol, _ hash: Data) -> Bool {
        SHA256.hash(data: Data(secret.utf8)) == hash
    }

    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    /// Letters and digits that are no secret but unique: each is worth 5 bits.
    static func name(_ length: Int) -> String {
        var random = SystemRandomNumberGenerator()
        var name = String.UnicodeScalarView()
        for _ in 0..<length { name.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)]) }
        return String(name)
    }
}
