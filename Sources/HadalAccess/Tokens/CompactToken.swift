import Foundation
import HadalJSON

/// The parts of a signed token in its compact form (RFC 7515 section 7.1). Nothing in them is to be believed yet.
struct CompactToken: Sendable {
    /// Bytes of a whole token.
    static let sizeLimit = 16 << 10
    /// Bytes of a key's name.
    static let keyIDLimit = 256

    let algorithm: TokenAlgorithm
    let keyID: String?
    /// `typ` in lower case and without `application/`.
    let type: String?
    let claims: TokenClaims
    /// What is signed: the first two parts as they were sent.
    let signedBytes: Data
    let signature: Data

    init(_ text: String) throws(TokenRefusal) {
        // Counted before anything is copied.
        guard text.utf8.count <= Self.sizeLimit else {
            throw TokenRefusal("it has \(text.utf8.count) bytes, more than \(Self.sizeLimit)")
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count != 5 else { throw TokenRefusal("it is encrypted (JWE), which is not supported") }
        guard parts.count == 3 else { throw TokenRefusal("it has \(parts.count) parts, not 3") }
        let header = try Self.object(in: parts[0], "header", depthLimit: 8)
        claims = TokenClaims(try Self.object(in: parts[1], "payload", depthLimit: 16))
        guard let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
            throw TokenRefusal("its signature is missing or not base64url")
        }
        self.signature = signature
        signedBytes = Data(parts[0].utf8) + [UInt8(ascii: ".")] + Data(parts[1].utf8)

        // RFC 7515 section 4.1.11: what is marked critical must be understood, and we know no extension. `jwk`, `jku`, `x5c`
        // and `x5u` are not looked at: a token must not bring the key it is checked with (RFC 8725 section 3.10).
        if header["crit"] != nil { throw TokenRefusal("its header has 'crit', of which nothing is supported") }
        if header["zip"] != nil || header["enc"] != nil { throw TokenRefusal("its header has 'zip' or 'enc'") }
        if header["cty"] != nil { throw TokenRefusal("its header has 'cty': tokens within tokens are not supported") }
        guard let name = header["alg"]?.string else { throw TokenRefusal("its header has no 'alg'") }
        guard let algorithm = TokenAlgorithm(name: name) else {
            throw TokenRefusal("its algorithm \(name.quotedBriefly) is never accepted")
        }
        self.algorithm = algorithm
        keyID = try Self.keyID(in: header)
        type = try Self.type(in: header)
    }

    private static func object(
        in part: Substring, _ name: String, depthLimit: Int
    ) throws(TokenRefusal) -> JSON.Object {
        guard let bytes = Base64URL.decode(part) else { throw TokenRefusal("its \(name) is not base64url") }
        let value: JSON
        do { value = try JSON(parsing: bytes, depthLimit: depthLimit) } catch {
            throw TokenRefusal("its \(name) is not usable: \(error.problem.quotedBriefly) at byte \(error.offset)")
        }
        guard let object = value.object else { throw TokenRefusal("its \(name) is not a JSON object") }
        return object
    }

    private static func keyID(in header: JSON.Object) throws(TokenRefusal) -> String? {
        guard let value = header["kid"] else { return nil }
        guard let id = value.string, id.utf8.count <= keyIDLimit else {
            throw TokenRefusal("its 'kid' is not a string of at most \(keyIDLimit) bytes")
        }
        return id
    }

    private static func type(in header: JSON.Object) throws(TokenRefusal) -> String? {
        guard let value = header["typ"] else { return nil }
        guard let type = value.string?.lowercased() else { throw TokenRefusal("its 'typ' is not a string") }
        return type.hasPrefix("application/") ? String(type.dropFirst("application/".count)) : type
    }
}

/// Why a token does not count, for the log and the audit.
struct TokenRefusal: Error, Sendable, CustomStringConvertible {
    let reason: String
    /// Whether it may count later: the issuer cannot be asked at present.
    let isTemporary: Bool

    init(_ reason: String, isTemporary: Bool = false) {
        self.reason = reason
        self.isTemporary = isTemporary
    }

    var description: String { reason }

    /// - Parameter subject: what does not count.
    func accessError(_ subject: String) -> AccessError {
        let detail = "\(subject): \(reason)"
        return isTemporary ? .unavailable(detail: detail) : .credentialsRefused(detail: detail)
    }
}
