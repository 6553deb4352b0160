import CryptoExtras
import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

/// Fetching, keeping and changing of keys.
@Suite struct TokensKeySetTests {
    let old = TestKey.es256("old")
    let new = TestKey.es256("new")
    let issuer: TestIssuer

    init() { issuer = TestIssuer(old) }

    private func token(_ key: TestKey) throws -> String { try key.token(issuer.claims()) }

    @Test func fetchesOnceForManyRequests() async throws {
        let verifier = try issuer.verifier()
        let token = try token(old)
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { (try? await verifier.verify(token)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 200 && issuer.fetched.count == 1)
        issuer.pass(599)
        _ = try await verifier.verify(try self.token(old))
        #expect(issuer.fetched.count == 1)
        issuer.pass(1)
        _ = try await verifier.verify(try self.token(old))
        #expect(issuer.fetched.count == 2)
    }

    @Test func findsANewKeyAtOnce() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        issuer.pass(61)
        issuer.change { $0.keys = [old.jwk, new.jwk] }
        for key in [new, old] { _ = try await verifier.verify(try token(key)) }
        #expect(issuer.fetched.count == 2)
    }

    @Test func refusesARemovedKeyAfterTheNextFetch() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        issuer.change { $0.keys = [new.jwk] }
        issuer.pass(599)
        _ = try await verifier.verify(try token(old))
        issuer.pass(1)
        await expectRefusal("is not among its issuer's", of: try token(old), by: verifier)
        _ = try await verifier.verify(try token(new))
    }

    @Test func refusesAllWhenAnIssuerTakesAllKeysBack() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        issuer.change { $0.keys = [] }
        issuer.pass(600)
        await expectRefusal("is not among its issuer's", of: try token(old), by: verifier)
        await expectRefusal(
            "has no usable key", of: try old.token(issuer.claims(), header: ["kid": .null]), by: verifier)
    }

    @Test func unknownNamesFetchAtMostOnceAMinute() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        for minute in 1...3 {
            issuer.pass(60)
            for attempt in 0..<50 {
                let forged = try new.token(issuer.claims(), header: ["kid": .string("\(minute)-\(attempt)")])
                await expectRefusal("is not among its issuer's", of: forged, by: verifier)
            }
            #expect(issuer.fetched.count == 1 + minute)
        }
        let (issuer, other) = (issuer, new)
        issuer.pass(60)
        await withTaskGroup(of: Void.self) { group in
            for attempt in 0..<100 {
                group.addTask {
                    _ = try? await verifier.verify(
                        other.token(issuer.claims(), header: ["kid": .string("x\(attempt)")]))
                }
            }
        }
        #expect(issuer.fetched.count == 5)
    }

    @Test func tokensOfStrangersFetchNothing() async throws {
        let verifier = try issuer.verifier()
        await expectRefusal(
            "not one of ours", of: try old.token(issuer.claims(["iss": "https://evil.example"])), by: verifier)
        await expectRefusal("is not allowed", of: try TestKey.es384("old").token(issuer.claims()), by: verifier)
        #expect(issuer.fetched.isEmpty)
    }

    @Test func keepsOldKeysForADayWhileTheIssuerIsDown() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        issuer.change { $0.isDown = true }
        for _ in 0..<3 {
            issuer.pass(7 * 3600)
            _ = try await verifier.verify(try token(old))
            await expectRefusal("is not among its issuer's", of: try token(new), by: verifier)
        }
        issuer.pass(3 * 3600)
        await expectRefusal("cannot be had", isTemporary: true, of: try token(old), by: verifier)
        issuer.change { $0.isDown = false }
        issuer.pass(15)
        _ = try await verifier.verify(try token(old))
    }

    @Test func doesNotAskAnIssuerThatIsDownForEachRequest() async throws {
        let verifier = try issuer.verifier()
        issuer.change { $0.isDown = true }
        for _ in 0..<20 { await expectRefusal("cannot be had", isTemporary: true, of: try token(old), by: verifier) }
        #expect(issuer.fetched.count == 1)
        issuer.change { $0.isDown = false }
        issuer.pass(15)
        _ = try await verifier.verify(try token(old))
        #expect(issuer.fetched.count == 2)
        issuer.change { $0.isDown = true }
        issuer.pass(600)
        for _ in 0..<20 { _ = try await verifier.verify(try token(old)) }
        #expect(issuer.fetched.count == 3)
    }

    @Test func fetchesAgainWhenTheClockWasPutBack() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        issuer.pass(-100_000)
        _ = try await verifier.verify(try token(old))
        #expect(issuer.fetched.count == 2)
    }

    @Test func keepsWhatItKnowsWhenSettingsChange() async throws {
        let first = try issuer.verifier()
        _ = try await first.verify(try token(old))
        issuer.change { $0.isDown = true }
        var settings = TestIssuer.settings
        settings.audiences = ["hadal", "other"]
        _ = try await issuer.verifier(settings, replacing: first).verify(try token(old))
        // Keys from elsewhere are other keys.
        settings.keySource = .url(URL(string: TestIssuer.url + "/elsewhere")!)
        await expectRefusal(
            "cannot be had", isTemporary: true, of: try token(old), by: try issuer.verifier(settings, replacing: first))
    }

    @Test func keepsOldKeysWhereTheNewDocumentIsNone() async throws {
        let verifier = try issuer.verifier()
        _ = try await verifier.verify(try token(old))
        for document in ["<html>", "", "[]", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#] {
            issuer.change { $0.document = Data(document.utf8) }
            issuer.pass(600)
            _ = try await verifier.verify(try token(old))
        }
    }

    @Test func refusesDocumentsThatAreNoKeySets() async throws {
        let many = JSON.object(.init([("keys", .array(Array(repeating: old.jwk, count: 65)))]))
        let documents: [(String, Data)] = [
            ("is no JSON", Data("<html>".utf8)), ("no array 'keys'", Data("[]".utf8)), ("65 keys", Data(many.bytes)),
            ("bytes, more than 1048576", Data(repeating: 0x20, count: (1 << 20) + 1)),
            ("nested deeper", Data((#"{"keys":"# + String(repeating: "[", count: 100_000)).utf8)),
        ]
        for (reason, document) in documents {
            issuer.change { $0.document = document }
            await expectRefusal(reason, isTemporary: true, of: try token(old), by: try issuer.verifier())
        }
    }

    @Test func ignoresKeysThatCannotBeUsed() async throws {
        let small = try TestKey.rsa("old", key: .init(unsafeKeySize: .init(bitCount: 1024)))
        let wrong: [(String, JSON)] = [
            ("its use is not to sign", old.with(jwk: ["use": "enc"])),
            ("do not include 'verify'", old.with(jwk: ["key_ops": ["sign"]])),
            ("its private part is published", old.with(jwk: ["d": "AAAA"])),
            ("it has 1024 bits", small.jwk),
            ("its type is not RSA, EC or OKP", ["kty": "oct", "k": "AAAA", "kid": "old"]),
            ("its type is not RSA, EC or OKP", old.without("kty")),
            ("its curve", old.with(jwk: ["crv": "secp256k1"])), ("its curve", old.without("crv")),
            ("its algorithm does not fit its type", old.with(jwk: ["alg": "RS256"])),
            ("its algorithm does not fit its type", old.with(jwk: ["alg": "ES384"])),
            ("its algorithm is never accepted", old.with(jwk: ["alg": "HS256"])),
            ("its algorithm is never accepted", old.with(jwk: ["alg": "none"])),
            ("its 'x' is not base64url", old.with(jwk: ["x": "***"])), ("its 'y' is not base64url", old.without("y")),
            ("its numbers make no key", old.with(jwk: ["x": "AAAA"])),
            ("its numbers make no key", old.with(jwk: ["y": old.jwk["x"]!])),
            ("its numbers make no RSA key", try TestKey.rsa("old").with(jwk: ["e": "AA"])),
            ("its numbers make no key", TestKey.edDSA("old").with(jwk: ["x": "AAAA"])),
        ]
        for (reason, key) in wrong {
            issuer.change { $0.keys = [key, new.jwk] }
            let verifier = try issuer.verifier()
            await expectRefusal(reason, of: try token(old), by: verifier)
            _ = try await verifier.verify(try token(new))
            // What is ignored does not count as a second key.
            _ = try await verifier.verify(try new.token(issuer.claims(), header: ["kid": .null]))
        }
        issuer.change {
            $0.keys = [old.with(jwk: ["use": "sig", "key_ops": ["verify"], "alg": "ES256", "x5c": ["MII"]])]
        }
        _ = try await issuer.verifier().verify(try token(old))
    }

    @Test func findsKeysByDiscovery() async throws {
        var settings = TestIssuer.settings
        settings.keySource = .discovery
        let (issuer, old) = (issuer, old)
        func verifier(_ document: JSON) throws -> TokenVerifier {
            try TokenVerifier(
                issuers: [settings],
                fetch: { url in
                    let data = try issuer.fetch(url)
                    return url.path() == "/.well-known/openid-configuration" ? Data(document.bytes) : data
                }, now: { issuer.now })
        }
        let jwks: JSON = "https://keys.example.org/set"
        _ = try await verifier(["issuer": .string(TestIssuer.url), "jwks_uri": jwks]).verify(
            try old.token(issuer.claims()))
        #expect(
            issuer.fetched.map(\.absoluteString) == [
                TestIssuer.url + "/.well-known/openid-configuration", "https://keys.example.org/set",
            ])
        let wrong: [(String, JSON)] = [
            ("is not the one of", ["issuer": "https://evil.example", "jwks_uri": jwks]),
            ("is not the one of", ["issuer": .string(TestIssuer.url + "/"), "jwks_uri": jwks]),
            ("has no 'jwks_uri'", ["issuer": .string(TestIssuer.url)]),
            (
                "'jwks_uri' is no https URL",
                ["issuer": .string(TestIssuer.url), "jwks_uri": "http://keys.example.org/set"]
            ),
            ("'jwks_uri' is no https URL", ["issuer": .string(TestIssuer.url), "jwks_uri": "file:///etc/passwd"]),
            ("'jwks_uri' is no https URL", ["issuer": .string(TestIssuer.url), "jwks_uri": 1]),
        ]
        for (reason, document) in wrong {
            await expectRefusal(
                reason, isTemporary: true, of: try old.token(issuer.claims()), by: try verifier(document))
        }
    }

    @Test func findsTheDocumentOfIssuersThatEndInASlash() throws {
        for issuer in ["https://a.example/realms/x", "https://a.example/realms/x/"] {
            #expect(
                try ProviderMetadata.location(of: issuer).absoluteString
                    == "https://a.example/realms/x/.well-known/openid-configuration")
        }
    }

    @Test func readsKeysFromAFile() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-keys-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        var settings = TestIssuer.settings
        settings.keySource = .file(path: file.path)
        let verifier = try issuer.verifier(settings)
        await expectRefusal("cannot be had", isTemporary: true, of: try token(old), by: verifier)
        try Data(JSON.object(.init([("keys", [old.jwk])])).bytes).write(to: file)
        issuer.pass(15)
        _ = try await verifier.verify(try token(old))
        try Data(repeating: 0x20, count: (1 << 20) + 10).write(to: file)
        await expectRefusal(
            "more than 1048576", isTemporary: true, of: try token(old), by: try issuer.verifier(settings))
        #expect(issuer.fetched.isEmpty)
    }
}
