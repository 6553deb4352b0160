import Crypto
import Foundation
import HadalJSON

/// The checks of a token whose signature is right.
struct ClaimChecks {
    let issuer: TokenIssuer
    let token: CompactToken
    let now: Date

    private var claims: TokenClaims { token.claims }

    func all(for purpose: TokenVerifier.Purpose) throws(TokenRefusal) {
        try type(for: purpose)
        try times()
        try audience(for: purpose)
        try required()
        if case .login(_, let nonce, let accessToken) = purpose { try login(nonce, accessToken) }
    }

    /// Other kinds of token that the issuer signs must not pass for one that lets in (RFC 8725 section 3.11).
    private func type(for purpose: TokenVerifier.Purpose) throws(TokenRefusal) {
        let accepted: [String?] =
            switch purpose {
            case .access: [nil, "jwt", "at+jwt"]
            case .login: [nil, "jwt"]
            }
        guard accepted.contains(token.type) else {
            throw TokenRefusal("its type \((token.type ?? "").quotedBriefly) is not one that counts here")
        }
        // Issuers may leave the type out of log-out tokens and other security events (RFC 8417 section 2.2).
        if claims.value(at: "events") != nil { throw TokenRefusal("it is a security event, not a credential") }
    }

    private func times() throws(TokenRefusal) {
        let skew = issuer.clockSkew
        guard let expires = try claims.date("exp") else { throw TokenRefusal("it has no 'exp'") }
        guard now < expires.addingTimeInterval(skew) else { throw TokenRefusal("it expired at \(expires.text)") }
        if let start = try claims.date("nbf"), start > now.addingTimeInterval(skew) {
            throw TokenRefusal("it does not count before \(start.text)")
        }
        let issued = try claims.date("iat")
        if let issued, issued > now.addingTimeInterval(skew) {
            throw TokenRefusal("it was issued in the future, at \(issued.text); compare the clocks")
        }
        // It decides for how long a second factor counts.
        if let shown = try claims.date("auth_time"), shown > now.addingTimeInterval(skew) {
            throw TokenRefusal("its owner logged in in the future, at \(shown.text); compare the clocks")
        }
        guard let maximum = issuer.maximumAge else { return }
        guard let issued else { throw TokenRefusal("it has no 'iat', and its issuer's maximum age is limited") }
        guard now.timeIntervalSince(issued) <= maximum + skew else {
            throw TokenRefusal("it was issued at \(issued.text), more than \(Int(maximum)) seconds ago")
        }
    }

    private func audience(for purpose: TokenVerifier.Purpose) throws(TokenRefusal) {
        let audiences = try claims.list(at: "aud")
        let (accepted, parties): (Set<String>, Set<String>?) =
            switch purpose {
            case .access: (issuer.audiences, issuer.authorizedParties)
            case .login(let clientID, _, _): ([clientID], [clientID])
            }
        guard audiences.contains(where: accepted.containsExactly) else {
            throw TokenRefusal("it is meant for \(audiences.joined(separator: ", ").quotedBriefly), not for us")
        }
        // In access tokens RFC 9068 calls `client_id` what ID tokens call `azp`.
        var party = try claims.text(at: "azp")
        if case .access = purpose, party == nil { party = try claims.text(at: "client_id") }
        guard let party else {
            if audiences.count > 1 { throw TokenRefusal("it has several audiences and no 'azp'") }
            if case .access = purpose, parties != nil {
                throw TokenRefusal("it does not say which client asked for it")
            }
            return
        }
        if let parties, !parties.containsExactly(party) {
            throw TokenRefusal("the client \(party.quotedBriefly) that asked for it is not allowed")
        }
    }

    private func required() throws(TokenRefusal) {
        for (path, value) in issuer.requiredClaims.sorted(by: { $0.key < $1.key })
        where claims.value(at: path)?.bytes != value.bytes {
            throw TokenRefusal("its claim \(path.quotedBriefly) does not have the required value")
        }
    }

    private func login(_ nonce: String, _ accessToken: String?) throws(TokenRefusal) {
        guard let shown = try claims.text(at: "nonce"), shown.isExactly(nonce) else {
            throw TokenRefusal("its nonce is not the one of this log-in")
        }
        guard let hash = try claims.text(at: "at_hash") else { return }
        guard let accessToken, hash.isExactly(Self.leftHalf(of: accessToken, token.algorithm)) else {
            throw TokenRefusal("its 'at_hash' is not the access token's")
        }
    }

    /// OpenID Connect Core section 3.1.3.6: the left half of the hash that the signature uses; for Ed25519 that is SHA-512.
    static func leftHalf(of text: String, _ algorithm: TokenAlgorithm) -> String {
        let bytes = Data(text.utf8)
        let hash: [UInt8] =
            switch algorithm {
            case .rs256, .ps256, .es256: Array(SHA256.hash(data: bytes))
            case .rs384, .ps384, .es384: Array(SHA384.hash(data: bytes))
            case .rs512, .ps512, .es512, .edDSA: Array(SHA512.hash(data: bytes))
            }
        return Base64URL.encode(hash.prefix(hash.count / 2))
    }

    var countsOnce: Bool {
        get throws(TokenRefusal) {
            switch issuer.oneTimeUse {
            case .never: return false
            case .always: return true
            case .whereClaimed(let path):
                guard let value = claims.value(at: path) else { return false }
                guard let isOnce = value.bool else { throw TokenRefusal("'\(path)' is neither true nor false") }
                return isOnce
            }
        }
    }
}

extension Date {
    fileprivate var text: String { formatted(.iso8601) }
}
