import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

/// Tokens that count once.
@Suite struct TokensReplayTests {
    let key = TestKey.es256("a")
    let issuer: TestIssuer

    init() { issuer = TestIssuer(key) }

    private func verifier(_ use: TokenIssuer.OneTimeUse) throws -> TokenVerifier {
        var settings = TestIssuer.settings
        settings.oneTimeUse = use
        return try issuer.verifier(settings)
    }

    @Test func refusesAOneTimeTokenTheSecondTime() async throws {
        let verifier = try verifier(.always)
        let token = try key.token(issuer.claims(["jti": "1"]))
        _ = try await verifier.verify(token)
        await expectRefusal("was used before", of: token, by: verifier)
        // Another token of the same name is the same use; another name is not.
        await expectRefusal(
            "was used before", of: try key.token(issuer.claims(["jti": "1", "sub": "b"])), by: verifier)
        _ = try await verifier.verify(try key.token(issuer.claims(["jti": "2"])))
        await expectRefusal("has no 'jti'", of: try key.token(issuer.claims()), by: verifier)
    }

    @Test func letsOtherTokensCountAgain() async throws {
        let never = try verifier(.never)
        let marked = try verifier(.whereClaimed("once"))
        for claims: [String: JSON] in [["jti": "1"], ["jti": "2", "once": false]] {
            let token = try key.token(issuer.claims(claims))
            for verifier in [never, marked] { for _ in 0..<2 { _ = try await verifier.verify(token) } }
        }
        let once = try key.token(issuer.claims(["jti": "3", "once": true]))
        _ = try await marked.verify(once)
        await expectRefusal("was used before", of: once, by: marked)
        await expectRefusal(
            "neither true nor false", of: try key.token(issuer.claims(["jti": "4", "once": "yes"])), by: marked)
    }

    @Test func remembersWhenSettingsChange() async throws {
        let verifier = try verifier(.always)
        let token = try key.token(issuer.claims(["jti": "1"]))
        _ = try await verifier.verify(token)
        let next = try TokenVerifier(
            issuers: verifier.issuers, fetch: { [issuer] in try issuer.fetch($0) }, now: { [issuer] in issuer.now },
            replacing: verifier)
        await expectRefusal("was used before", of: token, by: next)
    }

    @Test func countsOnlyTokensThatAreRightInAllElse() async throws {
        let verifier = try verifier(.always)
        await expectRefusal("not for us", of: try key.token(issuer.claims(["jti": "1", "aud": "other"])), by: verifier)
        await expectRefusal("signature", of: try TestKey.es256("a").token(issuer.claims(["jti": "1"])), by: verifier)
        _ = try await verifier.verify(try key.token(issuer.claims(["jti": "1"])))
    }

    @Test func lettingManyUseOneTokenAtOnceLetsOneThrough() async throws {
        let verifier = try verifier(.always)
        let token = try key.token(issuer.claims(["jti": "1"]))
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { (try? await verifier.verify(token)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
    }

    @Test func remembersUntilTheEndAndNoMoreThanItMay() throws {
        let memory = TokenReplayMemory(countLimit: 3)
        let start = Date(timeIntervalSince1970: 1000)
        for id in ["a", "b", "c"] { try memory.use(id, of: "i", until: start + 10, now: start) }
        #expect(throws: TokenRefusal.self) { try memory.use("a", of: "i", until: start + 10, now: start + 9) }
        // Full: one more would make it forget one that could still be used.
        #expect(throws: TokenRefusal.self) { try memory.use("d", of: "i", until: start + 10, now: start + 9.5) }
        try memory.use("d", of: "i", until: start + 30, now: start + 20)
        #expect(throws: TokenRefusal.self) { try memory.use("d", of: "i", until: start + 30, now: start + 20) }
    }

    @Test func keepsIssuersApart() throws {
        let memory = TokenReplayMemory()
        let now = Date(timeIntervalSince1970: 1000)
        try memory.use("bc", of: "a", until: now + 10, now: now)
        try memory.use("c", of: "ab", until: now + 10, now: now)
    }
}
