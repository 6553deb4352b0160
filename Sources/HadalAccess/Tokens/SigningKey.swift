import CryptoExtras
import Foundation
import HadalJSON
import JWTKit

/// A public key of an issuer, ready to check signatures.
struct SigningKey: Sendable {
    let id: String?
    /// By the algorithms it may be used with: those of its type, or only the one its `alg` names.
    private let verifiers: [TokenAlgorithm: any JWTAlgorithm]

    func allows(_ algorithm: TokenAlgorithm) -> Bool { verifiers[algorithm] != nil }

    func isValid(_ signature: Data, by algorithm: TokenAlgorithm, signs bytes: Data) -> Bool {
        // It throws for signatures that cannot be right, by their length for instance.
        (try? verifiers[algorithm]?.verify(signature, signs: bytes)) ?? false
    }

    /// Reads a key of a JWK set (RFC 7517).
    ///
    /// - Throws: why it cannot be used to check tokens.
    init(_ key: JSON) async throws(TokenRefusal) {
        let id = key["kid"]
        guard id == nil || id?.string != nil else { throw TokenRefusal("its 'kid' is not a string") }
        if let use = key["use"], use != "sig" { throw TokenRefusal("its use is not to sign") }
        if let operations = key["key_ops"], operations.array?.contains("verify") != true {
            throw TokenRefusal("its operations do not include 'verify'")
        }
        if key["d"] != nil { throw TokenRefusal("its private part is published: anybody can sign with it") }
        let material = try Material(key)
        var algorithms = TokenAlgorithm.allCases.filter { $0.keyType == material.type }
        if let named = key["alg"] {
            guard let name = named.string, let algorithm = TokenAlgorithm(name: name) else {
                throw TokenRefusal("its algorithm is never accepted")
            }
            guard algorithms.contains(algorithm) else { throw TokenRefusal("its algorithm does not fit its type") }
            algorithms = [algorithm]
        }
        var verifiers: [TokenAlgorithm: any JWTAlgorithm] = [:]
        for algorithm in algorithms { verifiers[algorithm] = try await material.verifier(for: algorithm) }
        self.id = id?.string
        self.verifiers = verifiers
    }

    /// The numbers of a key, and what they are.
    private enum Material {
        case rsa(JWTKit.Insecure.RSA.PublicKey)
        case elliptic(curve: String, x: String, y: String)
        case edwards(curve: String, x: String)

        var type: TokenAlgorithm.KeyType {
            switch self {
            case .rsa: .rsa
            case .elliptic(let curve, _, _): .elliptic(curve: curve)
            case .edwards(let curve, _): .edwards(curve: curve)
            }
        }

        init(_ key: JSON) throws(TokenRefusal) {
            func bytes(_ name: String) throws(TokenRefusal) -> Data {
                guard let bytes = key[name]?.string.flatMap({ Base64URL.decode($0) }) else {
                    throw TokenRefusal("its '\(name)' is not base64url")
                }
                return bytes
            }
            let curve = key["crv"]?.string ?? ""
            switch key["kty"]?.string {
            case "RSA": self = .rsa(try Self.rsaKey(n: bytes("n"), e: bytes("e")))
            case "EC":
                self = .elliptic(
                    curve: curve, x: Base64URL.encode(try bytes("x")), y: Base64URL.encode(try bytes("y")))
            case "OKP": self = .edwards(curve: curve, x: Base64URL.encode(try bytes("x")))
            default: throw TokenRefusal("its type is not RSA, EC or OKP")
            }
            guard TokenAlgorithm.allCases.contains(where: { $0.keyType == type }) else {
                throw TokenRefusal("its curve \(curve.quotedBriefly) is not known")
            }
        }

        /// At least 2048 bits (RFC 7518 section 3.3), and so many at most that a signature is checked in no time.
        private static func rsaKey(n: Data, e: Data) throws(TokenRefusal) -> JWTKit.Insecure.RSA.PublicKey {
            let digits = n.drop { $0 == 0 }
            let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
            guard (2048...8192).contains(bits) else { throw TokenRefusal("it has \(bits) bits, not 2048 to 8192") }
            guard let key = try? JWTKit.Insecure.RSA.PublicKey(backing: .init(n: n, e: e)) else {
                throw TokenRefusal("its numbers make no RSA key")
            }
            return key
        }

        /// JWTKit picks keys by their name alone, and takes any key where the name is unknown. So each key gets a collection of
        /// its own, and which one is asked is decided by us.
        func verifier(for algorithm: TokenAlgorithm) async throws(TokenRefusal) -> any JWTAlgorithm {
            let collection = JWTKeyCollection()
            do {
                switch (self, algorithm) {
                case (.rsa(let key), .rs256): await collection.add(rsa: key, digestAlgorithm: .sha256)
                case (.rsa(let key), .rs384): await collection.add(rsa: key, digestAlgorithm: .sha384)
                case (.rsa(let key), .rs512): await collection.add(rsa: key, digestAlgorithm: .sha512)
                case (.rsa(let key), .ps256): await collection.add(pss: key, digestAlgorithm: .sha256)
                case (.rsa(let key), .ps384): await collection.add(pss: key, digestAlgorithm: .sha384)
                case (.rsa(let key), .ps512): await collection.add(pss: key, digestAlgorithm: .sha512)
                case (.elliptic(_, let x, let y), .es256):
                    await collection.add(ecdsa: try ES256PublicKey(parameters: (x, y)))
                case (.elliptic(_, let x, let y), .es384):
                    await collection.add(ecdsa: try ES384PublicKey(parameters: (x, y)))
                case (.elliptic(_, let x, let y), .es512):
                    await collection.add(ecdsa: try ES512PublicKey(parameters: (x, y)))
                case (.edwards(_, let x), .edDSA):
                    await collection.add(eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519))
                default: throw TokenRefusal("its algorithm does not fit its type")
                }
                return try await collection.getKey()
            } catch let refusal as TokenRefusal {
                throw refusal
            } catch {
                throw TokenRefusal("its numbers make no key for \(algorithm.rawValue)")
            }
        }
    }
}
