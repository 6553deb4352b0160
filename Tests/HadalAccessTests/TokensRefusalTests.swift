import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

/// What a rightly signed token may still be refused for.
@Suite struct TokensRefusalTests {
    let key = TestKey.es256("a")
    let issuer: TestIssuer

    init() { issuer = TestIssuer(key) }

    private func expect(
        _ reason: String, claims: [String: JSON] = [:], header: [String: JSON] = [:],
        settings: TokenIssuer = TestIssuer.settings, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        await expectRefusal(
            reason, of: try key.token(issuer.claims(claims), header: header), by: try issuer.verifier(settings),
            sourceLocation: sourceLocation)
    }

    private func accept(
        claims: [String: JSON] = [:], header: [String: JSON] = [:], settings: TokenIssuer = TestIssuer.settings
    ) async throws {
        _ = try await issuer.verifier(settings).verify(try key.token(issuer.claims(claims), header: header))
    }

    // MARK: Times

    @Test func expiresAtTheSecondWithTheClockSkew() async throws {
        let now = Double(issuer.seconds)
        try await accept(claims: ["exp": .double(now - 59.5)])
        try await expect("it expired at", claims: ["exp": .double(now - 60)])
        try await expect("it expired at", claims: ["exp": .int(0)])
    }

    @Test func startsAtTheSecondWithTheClockSkew() async throws {
        let now = Double(issuer.seconds)
        try await accept(claims: ["nbf": .double(now + 60)])
        try await expect("it does not count before", claims: ["nbf": .double(now + 60.5)])
    }

    @Test func wasNotIssuedInTheFuture() async throws {
        let now = issuer.seconds
        try await accept(claims: ["iat": .int(now + 60), "exp": .int(now + 400)])
        try await expect("it was issued in the future", claims: ["iat": .int(now + 61), "exp": .int(now + 400)])
    }

    @Test func itsOwnerDidNotLogInInTheFuture() async throws {
        try await accept(claims: ["auth_time": .int(issuer.seconds + 60)])
        try await expect("logged in in the future", claims: ["auth_time": .int(issuer.seconds + 61)])
    }

    @Test func isExactWithoutClockSkew() async throws {
        var settings = TestIssuer.settings
        settings.clockSkew = 0
        try await accept(claims: ["exp": .double(Double(issuer.seconds) + 0.5)], settings: settings)
        try await expect("it expired at", claims: ["exp": .int(issuer.seconds)], settings: settings)
        try await expect("before", claims: ["nbf": .double(Double(issuer.seconds) + 0.5)], settings: settings)
    }

    @Test func isNotOlderThanTheMaximumAge() async throws {
        var settings = TestIssuer.settings
        settings.maximumAge = 600
        try await accept(claims: ["iat": .int(issuer.seconds - 660)], settings: settings)
        try await expect("more than 600 seconds ago", claims: ["iat": .int(issuer.seconds - 661)], settings: settings)
        try await expect("it has no 'iat'", claims: ["iat": .null], settings: settings)
        settings.maximumAge = nil
        try await accept(claims: ["iat": .null], settings: settings)
    }

    @Test(arguments: [
        JSON.string("1900000000"), .bool(true), .int(-1), .double(1e300), .int(.max), ["a"], .object(.init()),
    ])
    func refusesWhatIsNoDate(_ value: JSON) async throws {
        for name in ["exp", "nbf", "iat", "auth_time"] {
            try await expect("'\(name)' is not a number of seconds", claims: [name: value])
        }
    }

    @Test func refusesATokenWithoutEnd() async throws {
        try await expect("it has no 'exp'", claims: ["exp": .null])
    }

    // MARK: Issuer and audience

    @Test(arguments: [
        "https://login.example.org/", "https://login.example.org.evil.example", "https://LOGIN.example.org",
        "http://login.example.org", "", "https://login.example.org\u{0}",
    ])
    func refusesAnotherIssuer(_ name: String) async throws {
        try await expect("is not one of ours", claims: ["iss": .string(name)])
    }

    @Test func comparesIssuersByteForByte() async throws {
        var settings = TestIssuer.settings
        settings.issuer = "https://login.example.org/Kay"
        try await expect(
            "is not one of ours", claims: ["iss": "https://login.example.org/\u{212A}ay"], settings: settings)
    }

    @Test func refusesATokenWithoutIssuer() async throws {
        try await expect("it has no 'iss'", claims: ["iss": .null])
        try await expect("'iss' is not a string", claims: ["iss": ["https://login.example.org"]])
    }

    @Test(arguments: [JSON.string("other"), ["other", "another"], "hadal2", "Hadal", "hadal ", "", .array([])])
    func refusesATokenForOthers(_ audience: JSON) async throws {
        try await expect("not for us", claims: ["aud": audience, "azp": "app"])
    }

    @Test func refusesATokenForNobodyOrNonsense() async throws {
        try await expect("not for us", claims: ["aud": .null])
        try await expect("'aud' is neither a string nor an array", claims: ["aud": .object(.init([("hadal", true)]))])
        try await expect("'aud' has elements that are not strings", claims: ["aud": ["hadal", 1]])
    }

    @Test func wantsToKnowWhoAskedWhereThereAreSeveralAudiences() async throws {
        try await expect("several audiences and no 'azp'", claims: ["aud": ["hadal", "other"]])
        try await accept(claims: ["aud": ["hadal", "other"], "azp": "app"])
        try await accept(claims: ["aud": ["hadal", "other"], "client_id": "app"])
        try await accept(claims: ["aud": ["hadal"]])
    }

    @Test func letsOnlyAllowedClientsAsk() async throws {
        var settings = TestIssuer.settings
        settings.authorizedParties = ["app"]
        try await accept(claims: ["azp": "app"], settings: settings)
        try await accept(claims: ["client_id": "app"], settings: settings)
        try await expect(#"the client "evil" that asked"#, claims: ["azp": "evil"], settings: settings)
        try await expect(
            #"the client "evil" that asked"#, claims: ["azp": "evil", "client_id": "app"], settings: settings)
        try await expect("does not say which client", settings: settings)
    }

    // MARK: Header

    @Test func refusesCriticalHeaders() async throws {
        try await expect("'crit'", header: ["crit": ["b64"], "b64": false])
        try await expect("'crit'", header: ["crit": .array([])])
        try await expect("'crit'", header: ["crit": ["exp"], "exp": 1])
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/JWT"])
    func takesType(_ type: String) async throws { try await accept(header: ["typ": .string(type)]) }

    @Test(arguments: ["logout+jwt", "secevent+jwt", "dpop+jwt", "JWE", "token-introspection+jwt", "", "JWT "])
    func refusesType(_ type: String) async throws {
        try await expect("is not one that counts here", header: ["typ": .string(type)])
    }

    @Test func refusesOddHeaders() async throws {
        try await accept(header: ["typ": .null])
        try await expect("'typ' is not a string", header: ["typ": 1])
        try await expect("'kid' is not a string", header: ["kid": 1])
        try await expect("'kid' is not a string", header: ["kid": .string(String(repeating: "a", count: 257))])
        try await expect("has no 'alg'", header: ["alg": .null])
        try await expect("has no 'alg'", header: ["alg": ["ES256"]])
        try await expect("'zip' or 'enc'", header: ["zip": "DEF"])
        try await expect("tokens within tokens", header: ["cty": "JWT"])
    }

    @Test func refusesSecurityEvents() async throws {
        let event: JSON = ["http://schemas.openid.net/event/backchannel-logout": .object(.init())]
        try await expect("it is a security event", claims: ["events": event])
    }

    // MARK: Form

    @Test func refusesDuplicateClaims() async throws {
        let verifier = try issuer.verifier()
        let header = #"{"alg":"ES256","kid":"a"}"#
        let claims = String(issuer.claims().text.dropLast())
        for twice in [#","sub":"root"}"#, #","s\u0075b":"root"}"#, #","exp":9999999999}"#] {
            await expectRefusal(
                "duplicate key", of: try key.token(header: header, payload: claims + twice), by: verifier)
        }
        await expectRefusal(
            "duplicate key",
            of: try key.token(header: #"{"alg":"none","alg":"ES256","kid":"a"}"#, payload: claims + "}"),
            by: verifier)
    }

    @Test func refusesALargeTokenBeforeItIsRead() async throws {
        let verifier = try issuer.verifier()
        let large = try key.token(issuer.claims(["pad": .string(String(repeating: "a", count: 12_100))]))
        #expect(large.utf8.count > CompactToken.sizeLimit)
        await expectRefusal("bytes, more than 16384", of: large, by: verifier)
        await expectRefusal("bytes, more than 16384", of: String(repeating: ".", count: 1 << 20), by: verifier)
        #expect(issuer.fetched.isEmpty)
        try await accept(claims: ["pad": .string(String(repeating: "a", count: 11_900))])
    }

    @Test func refusesDeepNesting() async throws {
        let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        let verifier = try issuer.verifier()
        let payload = String(issuer.claims().text.dropLast()) + #","deep":\#(deep)}"#
        await expectRefusal(
            "nested deeper", of: try key.token(header: #"{"alg":"ES256","kid":"a"}"#, payload: payload), by: verifier)
        await expectRefusal(
            "nested deeper",
            of: try key.token(header: #"{"alg":"ES256","kid":"a","deep":\#(deep)}"#, payload: issuer.claims().text),
            by: verifier)
    }

    @Test(arguments: [
        "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d.e", "e30.e30.e30", "e30.e30.", ".e30.AA", "bnVsbA.e30.AA",
        "WzFd.e30.AA", "e30.WzFd.AA", "//8.e30.AA", "_w.e30.AA", "\u{0}.\u{0}.\u{0}", "é.é.é", " e30.e30.AA",
        "eyJhbGciOiJub25lIn0.e30.", "Bearer e30.e30.AA",
    ])
    func refusesGarbage(_ text: String) async throws {
        await expectRefusal("token: it", of: text, by: try issuer.verifier())
    }

    @Test func refusesOtherSpellingsOfTheSameBytes() async throws {
        let verifier = try issuer.verifier()
        let token = try key.token(issuer.claims())
        _ = try await verifier.verify(token)
        // 64 bytes end in a letter with four bits that mean nothing: fifteen other letters stand for the same bytes.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for letter in alphabet where letter != token.last {
            await expectRefusal("signature", of: token.dropLast() + String(letter), by: verifier)
        }
        for other in [
            token + "=", token + "==", token + "\n", " " + token, token + " ", token.replacing(".", with: "=."),
        ] {
            await expectRefusal("base64url", of: other, by: verifier)
        }
    }

    @Test func neverShowsATokenInItsErrors() async throws {
        let token = try TestKey.es256("a").token(issuer.claims())
        do { _ = try await issuer.verifier().verify(token) } catch {
            let signature = token.split(separator: ".")[2]
            #expect(!"\(error)".contains(signature) && !String(reflecting: error).contains(signature))
        }
    }

    @Test func keepsLinesOfALogWhole() async throws {
        let name =
            "x\nadmin logged in\u{1B}[0m\u{9B}1A\u{85}\u{2028}\u{202E}"
            + String(repeating: "a\u{301}\u{301}", count: 1300)
        do {
            try await accept(claims: ["iss": .string(name)])
            Issue.record("it was accepted")
        } catch AccessError.credentialsRefused(let detail) {
            let bad: Set<Unicode.Scalar> = ["\n", "\u{1B}", "\u{9B}", "\u{85}", "\u{2028}", "\u{202E}"]
            #expect(detail.unicodeScalars.allSatisfy { !bad.contains($0) } && detail.utf8.count < 400)
        }
    }
}
