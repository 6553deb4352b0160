/// How a token may be signed (RFC 7518 section 3.1, RFC 8037). `none` and HMAC are not here, so that no setting can allow
/// them: whoever knows an issuer's public key could then sign.
public enum TokenAlgorithm: String, CaseIterable, Sendable, Hashable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// - Parameter name: the `alg` of a token or key. Case counts. `Ed25519` is RFC 9864's name for the only curve that we
    ///   take under `EdDSA`.
    public init?(name: String) {
        if name == "Ed25519" { self = .edDSA } else { self.init(rawValue: name) }
    }

    /// `kty` and `crv` that a key for it must have.
    var keyType: KeyType {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .elliptic(curve: "P-256")
        case .es384: .elliptic(curve: "P-384")
        case .es512: .elliptic(curve: "P-521")
        case .edDSA: .edwards(curve: "Ed25519")
        }
    }

    enum KeyType: Sendable, Hashable {
        case rsa
        case elliptic(curve: String)
        case edwards(curve: String)
    }
}
