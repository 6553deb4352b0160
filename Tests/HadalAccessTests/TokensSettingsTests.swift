import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

@Suite struct TokensSettingsTests {
    private func problems(_ change: (inout TokenIssuer) -> Void) -> [String] {
        var settings = TokenIssuer(issuer: "https://login.example.org/realms/a", audiences: ["hadal"])
        settings.login = ConsoleLogin(
            clientID: "console", redirectURI: URL(string: "https://hadal.example.org/console/login")!)
        change(&settings)
        return settings.problems
    }

    @Test func findsNothingWrongWithWhatIsRight() {
        #expect(problems { _ in }.isEmpty)
        #expect(problems { $0.issuer = "http://127.0.0.1:8080" }.isEmpty)
        #expect(problems { $0.issuer = "http://[::1]:8080" }.isEmpty)
        #expect(
            problems {
                $0.issuer = "our-own-signer"
                $0.keySource = .file(path: "/etc/hadal/keys.json")
                $0.login = nil
            }.isEmpty)
    }

    @Test(arguments: [
        "http://login.example.org", "login.example.org", "ftp://login.example.org", "https://", "",
        "https://a.example?x=1",
        "https://a.example#x", "https://user:password@a.example", "https://a.example/\u{212A}", "https://a.example /",
        "http://127.0.0.1.evil.example", "http://localhost.evil.example", "file:///etc/passwd",
        "http://127.0.0.2@evil.example",
    ])
    func refusesIssuer(_ issuer: String) { #expect(problems { $0.issuer = issuer }.count == 1) }

    @Test func namesEachProblem() {
        let changes: [(String, (inout TokenIssuer) -> Void)] = [
            ("no audience is given", { $0.audiences = [] }),
            ("an audience is empty", { $0.audiences = ["", "a"] }),
            ("no algorithm is allowed", { $0.algorithms = [] }),
            ("0 to 300 seconds", { $0.clockSkew = 301 }),
            ("0 to 300 seconds", { $0.clockSkew = -1 }),
            ("0 to 300 seconds", { $0.clockSkew = .nan }),
            ("maximum age", { $0.maximumAge = 0 }),
            ("maximum age", { $0.maximumAge = .infinity }),
            ("name of a claim is empty", { $0.claims.user = "" }),
            ("tenant", { $0.tenant = .fixed("") }),
            ("must be https", { $0.keySource = .url(URL(string: "http://a.example/k")!) }),
            ("absolute path", { $0.keySource = .file(path: "keys.json") }),
            ("client secret is empty", { $0.login?.clientSecret = ClientSecret("") }),
            ("client id", { $0.login?.clientID = "" }),
            ("openid", { $0.login?.scopes = ["profile"] }),
            ("spaces", { $0.login?.scopes = ["openid", "a b"] }),
            ("redirect URI", { $0.login?.redirectURI = URL(string: "http://hadal.example.org/")! }),
            ("redirect URI", { $0.login?.redirectURI = URL(string: "https://hadal.example.org/#x")! }),
        ]
        for (problem, change) in changes {
            let found = problems(change)
            #expect(found.count == 1 && found.allSatisfy { $0.contains(problem) })
        }
    }

    @Test func makesNoVerifierOfUnsafeSettings() {
        var unsafe = TestIssuer.settings
        unsafe.audiences = []
        #expect(throws: TokenSettingsError.self) { try TokenVerifier(issuers: [unsafe], fetch: { _ in Data() }) }
        let twice = [TestIssuer.settings, TestIssuer.settings]
        #expect(throws: TokenSettingsError.self) {
            try TokenVerifier(issuers: twice, fetch: { _ in Data() })
        }
    }

    @Test func hasNoNameForUnsafeAlgorithms() {
        for name in ["none", "None", "HS256", "HS384", "HS512", "rs256", "", "RS256 ", "dir"] {
            #expect(TokenAlgorithm(name: name) == nil)
        }
        #expect(TestIssuer.settings.algorithms == [.rs256, .ps256, .es256, .edDSA])
    }

    @Test func neverShowsTheClientsSecret() {
        var settings = TestIssuer.settings
        settings.login = ConsoleLogin(
            clientID: "console", clientSecret: ClientSecret("s3cr3t-value"),
            redirectURI: URL(string: "https://h.example/")!)
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, "\(settings.login!.clientSecret!)"] {
            #expect(!text.contains("s3cr3t"))
        }
        let form = OpenIDLogin.Form(
            url: URL(string: "https://h.example/token")!, authorization: "Basic s3cr3t", body: Data("s3cr3t".utf8))
        dumped = ""
        dump(form, to: &dumped)
        for text in ["\(form)", String(reflecting: form), dumped] { #expect(!text.contains("s3cr3t")) }
    }
}
