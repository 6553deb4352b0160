import Foundation

/// Decides whether a token counts and what it says (RFC 7519, with the advice of RFC 8725).
public struct TokenVerifier: Sendable {
    /// What a token is shown for.
    enum Purpose: Sendable {
        /// To use the API.
        case access
        /// As the answer to a log-in that this client began with this nonce (OpenID Connect Core section 3.1.3.7).
        case login(clientID: String, nonce: String, accessToken: String?)
    }

    /// Gets what is at a URL: within seconds, at most 1 MiB, without following redirects, and only where the status is 200.
    public typealias Fetch = @Sendable (URL) async throws -> Data

    public let issuers: [TokenIssuer]
    private let keySets: KeySets
    private let used: TokenReplayMemory
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - now: the clock.
    ///   - previous: the verifier that this one takes the place of when settings change: what it knows of keys and of one-time
    ///     tokens that were used goes on to count. Keys that it fetched are fetched by its `fetch` in future too.
    public init(
        issuers: [TokenIssuer], fetch: @escaping Fetch, now: @escaping @Sendable () -> Date = { Date() },
        replacing previous: TokenVerifier? = nil
    ) throws(TokenSettingsError) {
        var problems = issuers.flatMap(\.problems)
        for (index, issuer) in issuers.enumerated()
        where issuers[..<index].contains(where: { $0.issuer == issuer.issuer }) {
            problems.append("issuer \(issuer.issuer.quotedBriefly) is there twice")
        }
        guard problems.isEmpty else { throw TokenSettingsError(problems: problems) }
        self.issuers = issuers
        keySets = KeySets(issuers: issuers, fetch: fetch, now: now, previous: previous?.keySets)
        used = previous?.used ?? TokenReplayMemory()
        self.now = now
    }

    /// - Throws: `credentialsRefused`, or `unavailable` where its issuer's keys cannot be had; the detail says exactly why.
    public func verify(_ token: String) async throws(AccessError) -> VerifiedToken {
        try await verify(token, for: .access)
    }

    func verify(_ token: String, for purpose: Purpose) async throws(AccessError) -> VerifiedToken {
        do throws(TokenRefusal) { return try await check(token, for: purpose) } catch {
            throw error.accessError("token")
        }
    }

    private func check(_ text: String, for purpose: Purpose) async throws(TokenRefusal) -> VerifiedToken {
        let token = try CompactToken(text)
        // Not yet believed: it only says whose keys must have signed it.
        guard let named = try token.claims.text(at: "iss") else { throw TokenRefusal("it has no 'iss'") }
        guard let issuer = issuers.first(where: { $0.issuer.isExactly(named) }) else {
            throw TokenRefusal("its issuer \(named.quotedBriefly) is not one of ours")
        }
        guard issuer.algorithms.contains(token.algorithm) else {
            throw TokenRefusal("its algorithm \(token.algorithm.rawValue) is not allowed for its issuer")
        }
        let key = try await keySets.key(for: token, of: issuer)
        guard key.isValid(token.signature, by: token.algorithm, signs: token.signedBytes) else {
            throw TokenRefusal("its signature is wrong")
        }
        let now = now()
        let checks = ClaimChecks(issuer: issuer, token: token, now: now)
        try checks.all(for: purpose)
        let verified = try checks.identity()
        if try checks.countsOnce {
            guard let id = verified.id else { throw TokenRefusal("it may be used once only and has no 'jti'") }
            let end = verified.expires.addingTimeInterval(issuer.clockSkew)
            try used.use(id, of: issuer.issuer, until: end, now: now)
        }
        return verified
    }
}
