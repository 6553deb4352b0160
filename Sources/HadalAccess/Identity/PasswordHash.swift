import Crypto
import CryptoExtras
import Foundation

/// A password by scrypt (RFC 7914), with what it takes to check it: `scrypt$N$r$p$SALT$KEY`, the last two in base64url.
struct PasswordHash: Sendable {
    let parameters: PasswordCost
    private let salt: Data
    private let key: Data

    /// - Returns: nil where it cannot be computed: for no password at all, or without the memory.
    init?(_ password: String, _ parameters: PasswordCost) {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        guard let key = PasswordHash.derive(password, salt, parameters) else { return nil }
        self.init(parameters: parameters, salt: salt, key: key)
    }

    /// What no password matches, without computing one's: checking against it takes as long as against any other.
    /// - Returns: nil for parameters that are not sensible.
    init?(ofNobodyWith parameters: PasswordCost) {
        guard parameters.isSensible else { return nil }
        let random = SymmetricKey(size: .init(bitCount: 8 * (16 + PasswordHash.keyLength))).withUnsafeBytes { Data($0) }
        self.init(parameters: parameters, salt: random.prefix(16), key: random.dropFirst(16))
    }

    private init(parameters: PasswordCost, salt: Data, key: Data) {
        self.parameters = parameters
        self.salt = salt
        self.key = key
    }

    /// - Returns: nil for what `text` does not write.
    init?(text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let rounds = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]), let salt = Base64URL.decode(parts[4]), salt.count == 16,
            let key = Base64URL.decode(parts[5]), key.count == PasswordHash.keyLength
        else { return nil }
        let parameters = PasswordCost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        guard parameters.isSensible else { return nil }
        self.init(parameters: parameters, salt: salt, key: key)
    }

    var text: String {
        let numbers = "\(parameters.rounds)$\(parameters.blockSize)$\(parameters.parallelism)"
        return "scrypt$\(numbers)$\(Base64URL.encode(salt))$\(Base64URL.encode(key))"
    }

    /// The comparison takes the same time wherever the keys differ.
    func matches(_ password: String) -> Bool {
        guard let derived = PasswordHash.derive(password, salt, parameters) else { return false }
        return SymmetricKey(data: derived) == SymmetricKey(data: key)
    }

    private static let keyLength = 32

    /// In normal form C, since keyboards differ in how they write the same letter (RFC 8265, OpaqueString).
    private static func derive(_ password: String, _ salt: Data, _ parameters: PasswordCost) -> Data? {
        let password = Data(password.precomposedStringWithCanonicalMapping.utf8)
        guard !password.isEmpty, parameters.isSensible else { return nil }
        return try? KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: keyLength, rounds: parameters.rounds,
            blockSize: parameters.blockSize, parallelism: parameters.parallelism
        ).withUnsafeBytes { Data($0) }
    }
}
