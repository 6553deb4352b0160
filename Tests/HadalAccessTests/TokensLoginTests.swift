import Crypto
import Foundation
import HadalJSON
import Synchronization
import Testing

@testable import HadalAccess

/// Logging in at an OpenID provider.
@Suite struct TokensLoginTests {
    let key = TestKey.es256("a")
    let issuer: TestIssuer
    let provider: TestProvider

    init() {
        issuer = TestIssuer(key)
        provider = TestProvider(issuer, key)
    }

    /// Begins a log-in and lets the provider answer it.
    ///
    /// - Parameter change: what the browser brings back instead.
    private func logIn(
        _ login: OpenIDLogin, claims: [String: JSON] = [:], answer change: [String: String?] = [:],
        secret: String? = nil
    ) async throws -> VerifiedToken {
        let (redirect, browserSecret) = try await login.begin()
        var answer = try provider.authorize(redirect, claims: claims)
        for (name, value) in change { answer[name] = value }
        let query = FormFields.encode(answer.map { ($0.key, $0.value) })
        return try await login.finish(query: query, browserSecret: secret ?? browserSecret)
    }

    @Test func logsIn() async throws {
        let token = try await logIn(try provider.login(), claims: ["name": "Ada", "amr": ["mfa"]])
        #expect(token.subject == "ada" && token.name == "Ada" && token.roles == ["user"] && token.secondFactorShown)
    }

    @Test func asksAsTheStandardWants() async throws {
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let query = try FormFields.decode(try #require(redirect.query(percentEncoded: true)))
        #expect(redirect.absoluteString.hasPrefix("https://login.example.org/authorize?own=1&response_type=code&"))
        #expect(
            query["client_id"] == "console" && query["redirect_uri"] == "https://hadal.example.org/console/login?x=1")
        #expect(query["scope"] == "openid profile email" && query["code_challenge_method"] == "S256")
        #expect(
            query["state"]?.utf8.count == 43 && query["nonce"]?.utf8.count == 43
                && query["code_challenge"]?.utf8.count == 43)
        #expect(secret.utf8.count == 43 && !redirect.absoluteString.contains(secret))
        let (second, otherSecret) = try await login.begin()
        let other = try FormFields.decode(try #require(second.query(percentEncoded: true)))
        for name in ["state", "nonce", "code_challenge"] { #expect(query[name] != other[name]) }
        #expect(secret != otherSecret)
    }

    @Test func refusesAnswersToNoLogin() async throws {
        let login = try provider.login()
        await expectRefusal("no log-in with this 'state'") { try await logIn(login, answer: ["state": "made-up"]) }
        await expectRefusal("has no 'state'") { try await logIn(login, answer: ["state": nil]) }
        await expectRefusal("has no 'code'") { try await logIn(login, answer: ["code": nil]) }
        await expectRefusal("has no 'code'") { try await logIn(login, answer: ["code": ""]) }
    }

    @Test func refusesAnotherBrowserAndLetsTheRightOneGoOn() async throws {
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
        for other in ["", "x", String(secret.dropLast()), secret + "A"] {
            await expectRefusal("another browser began") { try await login.finish(query: query, browserSecret: other) }
        }
        _ = try await login.finish(query: query, browserSecret: secret)
    }

    @Test func finishesALoginOnce() async throws {
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
        _ = try await login.finish(query: query, browserSecret: secret)
        await expectRefusal("no log-in with this 'state'") {
            try await login.finish(query: query, browserSecret: secret)
        }
        #expect(login.pending.count == 0)
    }

    @Test func finishesALoginThatBeganBeforeSettingsChanged() async throws {
        let before = try provider.login()
        let (redirect, secret) = try await before.begin()
        let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
        let after = try provider.login(replacing: before)
        #expect(try await after.finish(query: query, browserSecret: secret).subject == "ada")
    }

    @Test func givesALoginTenMinutes() async throws {
        let login = try provider.login()
        for (seconds, isInTime) in [(600.0, true), (600.5, false)] {
            let (redirect, secret) = try await login.begin()
            issuer.pass(seconds)
            let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
            if isInTime {
                _ = try await login.finish(query: query, browserSecret: secret)
            } else {
                await expectRefusal("more than 600 seconds") {
                    try await login.finish(query: query, browserSecret: secret)
                }
            }
        }
    }

    @Test func refusesAnswersOfOtherProviders() async throws {
        let login = try provider.login()
        _ = try await logIn(login, answer: ["iss": TestIssuer.url])
        for other in ["https://evil.example", TestIssuer.url + "/", ""] {
            await expectRefusal("not from this provider") { try await logIn(login, answer: ["iss": other]) }
        }
        provider.change { $0.metadata["authorization_response_iss_parameter_supported"] = true }
        let strict = try provider.login()
        await expectRefusal("does not name its issuer") { try await logIn(strict) }
        _ = try await logIn(strict, answer: ["iss": TestIssuer.url])
    }

    @Test func saysWhyTheProviderRefused() async throws {
        let login = try provider.login()
        await expectRefusal(#"the provider refused: "access_denied""#) {
            try await logIn(login, answer: ["code": nil, "error": "access_denied", "error_description": "no"])
        }
        await expectRefusal(#"status 400 "invalid_grant""#) { try await logIn(login, answer: ["code": "made-up"]) }
    }

    @Test func refusesQueriesThatSaySomethingTwice() async throws {
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
        for more in ["&state=x", "&code=x", "&iss=a&iss=b", "&%63ode=x"] {
            await expectRefusal("twice") { try await login.finish(query: query + more, browserSecret: secret) }
        }
        await expectRefusal("bytes") {
            try await login.finish(query: query + "&x=" + String(repeating: "a", count: 9000), browserSecret: secret)
        }
        await expectRefusal("percent-encoding") {
            try await login.finish(query: query + "&x=%ff%fe", browserSecret: secret)
        }
        for garbage in ["", "&&&", "=", "=&=", "%", "state"] {
            await expectRefusal("log-in: ") { try await login.finish(query: garbage, browserSecret: secret) }
        }
        _ = try await login.finish(query: query, browserSecret: secret)
    }

    // MARK: PKCE

    @Test func provesItBeganTheLogin() async throws {
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let query = FormFields.encode(try provider.authorize(redirect).map { ($0.key, $0.value) })
        _ = try await login.finish(query: query, browserSecret: secret)
        let form = try #require(provider.forms.last)
        let verifier = try #require(form["code_verifier"])
        #expect(!redirect.absoluteString.contains(verifier))
        #expect(verifier.utf8.count == 43 && form["grant_type"] == "authorization_code")
        #expect(form["redirect_uri"] == "https://hadal.example.org/console/login?x=1")
        // RFC 7636 appendix B.
        #expect(
            Base64URL.encode(SHA256.hash(data: Data("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".utf8)))
                == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func cannotRedeemACodeOfAnotherLogin() async throws {
        let login = try provider.login()
        let (stolenFrom, _) = try await login.begin()
        let stolen = try provider.authorize(stolenFrom)
        await expectRefusal(#"status 400 "invalid_grant""#) { try await logIn(login, answer: ["code": stolen["code"]]) }
    }

    // MARK: The client's secret

    @Test func sendsItsSecretAsTheProviderWants() async throws {
        _ = try await logIn(try provider.login())
        #expect(provider.authorizations.last == .some(nil))
        _ = try await logIn(try provider.login(secret: "p:a s&s+ü"))
        let expected = Data("console:p%3Aa%20s%26s%2B%C3%BC".utf8).base64EncodedString()
        #expect(provider.authorizations.last == "Basic " + expected && provider.forms.last?["client_secret"] == nil)
        provider.change { $0.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"] }
        _ = try await logIn(try provider.login(secret: "p:a s&s+ü"))
        #expect(provider.authorizations.last == .some(nil) && provider.forms.last?["client_secret"] == "p:a s&s+ü")
    }

    // MARK: The token

    @Test(
        arguments: [
            ("its nonce is not", ["nonce": "another"]), ("its nonce is not", ["nonce": .null]),
            ("not for us", ["aud": "hadal"]), ("not for us", ["aud": .array([])]),
            ("several audiences and no 'azp'", ["aud": ["console", "hadal"]]),
            (#"the client "hadal" that asked"#, ["aud": ["console", "hadal"], "azp": "hadal"]),
            (#"the client "evil" that asked"#, ["azp": "evil"]), ("it expired", ["exp": 1_700_000_000]),
            ("one of ours", ["iss": "https://evil.example"]), ("'at_hash' is not", ["at_hash": "AAAA"]),
            ("in the future", ["iat": 1_900_000_000]),
        ] as [(String, [String: JSON])])
    func refusesIDToken(_ reason: String, _ claims: [String: JSON]) async throws {
        let login = try provider.login()
        await expectRefusal(reason) { try await logIn(login, claims: claims) }
    }

    @Test func refusesAnAccessTokenInAnIDTokensPlace() async throws {
        provider.change { $0.header = ["typ": "at+jwt"] }
        let login = try provider.login()
        await expectRefusal("its type") { try await logIn(login) }
    }

    @Test func refusesAnIDTokenOfAnotherKey() async throws {
        let forger = TestProvider(issuer, TestKey.es256("a"))
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let answer = try forger.authorize(redirect)
        provider.take(forger)
        let query = FormFields.encode(answer.map { ($0.key, $0.value) })
        await expectRefusal("its signature is wrong") { try await login.finish(query: query, browserSecret: secret) }
    }

    @Test(arguments: ["ES256", "RS256", "EdDSA"])
    func comparesTheHashOfTheAccessToken(_ algorithm: String) async throws {
        let key = try TestKey.of(algorithm, "a")
        let issuer = TestIssuer(key)
        let provider = TestProvider(issuer, key)
        let hash: [UInt8] =
            algorithm == "EdDSA"
            ? Array(SHA512.hash(data: Data("opaque".utf8)).prefix(32))
            : Array(SHA256.hash(data: Data("opaque".utf8)).prefix(16))
        let login = try provider.login()
        let (redirect, secret) = try await login.begin()
        let answer = try provider.authorize(redirect, claims: ["at_hash": .string(Base64URL.encode(hash))])
        let query = FormFields.encode(answer.map { ($0.key, $0.value) })
        _ = try await login.finish(query: query, browserSecret: secret)
    }

    @Test func anIDTokenDoesNotOpenTheAPI() async throws {
        let token = try key.token(issuer.claims(["aud": "console", "nonce": "x"]))
        await expectRefusal("not for us", of: token, by: try provider.verifier())
    }

    // MARK: The provider

    @Test func refusesAnswersThatAreNone() async throws {
        for (body, reason) in [
            ("<html>", "is no JSON"), ("{}", "no 'id_token'"), (#"{"id_token":1}"#, "no 'id_token'"),
            (#"{"id_token":"a.b.c"}"#, "base64url"),
        ] {
            provider.change { $0.body = Data(body.utf8) }
            let login = try provider.login()
            await expectRefusal(reason) { try await logIn(login) }
        }
        provider.change { $0.body = Data(repeating: 0x20, count: (1 << 20) + 1) }
        let login = try provider.login()
        await expectRefusal("more than 1048576") { try await logIn(login) }
    }

    @Test func saysThatAProviderCannotBeReached() async throws {
        issuer.change { $0.isDown = true }
        let login = try provider.login()
        await expectRefusal("log-in: the provider cannot be reached", isTemporary: true) { try await login.begin() }
        issuer.change { $0.isDown = false }
        issuer.pass(15)
        _ = try await login.begin()
        provider.change { $0.metadata["authorization_endpoint"] = "http://login.example.org/authorize" }
        let other = try provider.login()
        await expectRefusal("'authorization_endpoint' is no https URL", isTemporary: true) { try await other.begin() }
    }

    @Test func hasNoLoginWithoutSettings() throws {
        let verifier = try issuer.verifier()
        #expect(throws: TokenSettingsError.self) {
            try OpenIDLogin(
                issuer: TestIssuer.url, verifier: verifier, fetch: { _ in Data() }, post: { _ in (200, Data()) })
        }
    }

    @Test func keepsOnlySoManyLogins() throws {
        let pending = PendingLogins(countLimit: 16)
        let start = Date(timeIntervalSince1970: 1000)
        let begun = (0..<20).map { pending.begin(now: start + Double($0)) }
        #expect(pending.count <= 16)
        // The oldest are forgotten, the newest not.
        #expect(throws: TokenRefusal.self) {
            try pending.finish(state: begun[0].state, browserSecret: begun[0].browserSecret, now: start + 20)
        }
        for login in begun.suffix(12) {
            _ = try pending.finish(state: login.state, browserSecret: login.browserSecret, now: start + 20)
        }
        let crowded = PendingLogins(countLimit: 2)
        for _ in 0..<2 { _ = crowded.begin(now: start) }
        _ = crowded.begin(now: start + 601)
        #expect(crowded.count == 1)
    }
}

/// A provider's end of the flow, in this process.
final class TestProvider: Sendable {
    struct State {
        var metadata: JSON.Object
        var header: [String: JSON] = [:]
        /// The answer of the token endpoint, where not a right one.
        var body: Data?
        var codes: [String: (challenge: String, token: String)] = [:]
        var forms: [[String: String]] = []
        var authorizations: [String?] = []
    }

    private let issuer: TestIssuer
    private let key: TestKey
    private let state: Mutex<State>

    init(_ issuer: TestIssuer, _ key: TestKey) {
        self.issuer = issuer
        self.key = key
        state = Mutex(
            State(
                metadata: .init([
                    ("issuer", .string(TestIssuer.url)), ("jwks_uri", .string(TestIssuer.url + "/keys")),
                    ("authorization_endpoint", .string(TestIssuer.url + "/authorize?own=1")),
                    ("token_endpoint", .string(TestIssuer.url + "/token")),
                ])))
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    var forms: [[String: String]] { state.withLock(\.forms) }
    var authorizations: [String?] { state.withLock(\.authorizations) }

    /// Takes over another's codes.
    func take(_ other: TestProvider) {
        let codes = other.state.withLock(\.codes)
        change { $0.codes = codes }
    }

    private func settings(secret: String?) -> TokenIssuer {
        var settings = TestIssuer.settings
        settings.login = ConsoleLogin(
            clientID: "console", clientSecret: secret.map(ClientSecret.init),
            redirectURI: URL(string: "https://hadal.example.org/console/login?x=1")!)
        return settings
    }

    func verifier(secret: String? = nil) throws -> TokenVerifier { try issuer.verifier(settings(secret: secret)) }

    func login(secret: String? = nil, replacing previous: OpenIDLogin? = nil) throws -> OpenIDLogin {
        try OpenIDLogin(
            issuer: TestIssuer.url, verifier: verifier(secret: secret),
            fetch: { _ in
                _ = try self.issuer.fetch(URL(string: TestIssuer.url)!)
                return Data(JSON.object(self.state.withLock(\.metadata)).bytes)
            },
            post: { try self.redeem($0) }, now: { self.issuer.now }, replacing: previous)
    }

    /// What the browser comes back with.
    func authorize(_ redirect: URL, claims: [String: JSON] = [:]) throws -> [String: String] {
        let query = try FormFields.decode(redirect.query(percentEncoded: true) ?? "")
        var all: [String: JSON] = ["aud": "console", "nonce": .string(query["nonce"] ?? "")]
        all.merge(claims) { $1 }
        let code = UUID().uuidString
        let token = try key.token(issuer.claims(all), header: state.withLock(\.header))
        change { $0.codes[code] = (query["code_challenge"] ?? "", token) }
        return ["code": code, "state": query["state"] ?? ""]
    }

    private func redeem(_ form: OpenIDLogin.Form) throws -> (status: Int, body: Data) {
        let fields = try FormFields.decode(String(decoding: form.body, as: UTF8.self))
        return state.withLock { state in
            state.forms.append(fields)
            state.authorizations.append(form.authorization)
            if let body = state.body { return (200, body) }
            let challenge = Base64URL.encode(SHA256.hash(data: Data((fields["code_verifier"] ?? "").utf8)))
            guard let code = state.codes.removeValue(forKey: fields["code"] ?? ""), code.challenge == challenge else {
                return (400, Data(#"{"error":"invalid_grant"}"#.utf8))
            }
            let reply: JSON = ["access_token": "opaque", "token_type": "Bearer", "id_token": .string(code.token)]
            return (200, Data(reply.bytes))
        }
    }
}
