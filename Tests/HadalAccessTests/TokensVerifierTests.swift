import Crypto
import CryptoExtras
import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

/// Signatures and keys.
@Suite struct TokensSignatureTests {
    @Test(arguments: ["RS256", "PS256", "ES256", "EdDSA"])
    func acceptsWhatItsIssuerSigned(_ algorithm: String) async throws {
        let key = try TestKey.of(algorithm, "a")
        let issuer = TestIssuer(key)
        let token = try await issuer.verifier().verify(try key.token(issuer.claims(["name": "Ada", "jti": "1"])))
        #expect(token.issuer == TestIssuer.url && token.subject == "ada" && token.name == "Ada" && token.id == "1")
        #expect(token.roles == ["user"] && token.tenant == "default" && !token.secondFactorShown)
        #expect(token.expires == issuer.now.addingTimeInterval(300))
    }

    @Test func refusesAnotherKeysSignature() async throws {
        let issuer = TestIssuer(.es256("a"))
        let forged = try TestKey.es256("a").token(issuer.claims())
        await expectRefusal("its signature is wrong", of: forged, by: try issuer.verifier())
    }

    @Test(arguments: ["RS256", "PS256", "ES256", "EdDSA"])
    func refusesAnotherPayloadUnderTheSameSignature(_ algorithm: String) async throws {
        let key = try TestKey.of(algorithm, "a")
        let issuer = TestIssuer(key)
        var parts = try key.token(issuer.claims()).split(separator: ".").map(String.init)
        parts[1] = Base64URL.encode(issuer.claims(["sub": "root"]).bytes)
        await expectRefusal("its signature is wrong", of: parts.joined(separator: "."), by: try issuer.verifier())
    }

    @Test func refusesHMACWithThePublicKey() async throws {
        let key = try TestKey.rsa("a")
        let issuer = TestIssuer(key)
        let publicKey = try TestKey.rsaKey.get().publicKey
        let secrets = [
            Data(publicKey.pemRepresentation.utf8), publicKey.derRepresentation, publicKey.pkcs1DERRepresentation,
            Data(key.jwk.bytes),
        ]
        for secret in secrets {
            for algorithm in ["HS256", "RS256"] {
                let forger = TestKey(id: "a", algorithm: algorithm, jwk: .null) { bytes in
                    Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
                }
                let token = try forger.token(issuer.claims())
                await expectRefusal(
                    algorithm == "HS256" ? #"its algorithm "HS256" is never accepted"# : "its signature is wrong",
                    of: token, by: try issuer.verifier())
            }
        }
    }

    @Test(arguments: [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS256", "HS512", "rs256", "es256", "RSA-OAEP", "ES256K",
    ])
    func refusesAlgorithm(_ algorithm: String) async throws {
        let key = TestKey.es256("a")
        let issuer = TestIssuer(key)
        let token = try key.token(issuer.claims(), header: ["alg": .string(algorithm)])
        await expectRefusal("is never accepted", of: token, by: try issuer.verifier())
        let bare = token.split(separator: ".").prefix(2).joined(separator: ".") + "."
        await expectRefusal("its signature is missing", of: bare, by: try issuer.verifier())
    }

    @Test func refusesAnAlgorithmThatTheSettingsLeaveOut() async throws {
        let key = TestKey.es256("a")
        let issuer = TestIssuer(key)
        var settings = TestIssuer.settings
        settings.algorithms = [.rs256]
        await expectRefusal(
            "ES256 is not allowed for its issuer", of: try key.token(issuer.claims()), by: try issuer.verifier(settings)
        )
    }

    @Test func takesAnRSAKeyOnlyForTheAlgorithmItNames() async throws {
        let issuer = TestIssuer()
        issuer.change { $0.keys = [try! TestKey.rsa("a").with(jwk: ["alg": "RS256"])] }
        _ = try await issuer.verifier().verify(try TestKey.rsa("a", "RS256").token(issuer.claims()))
        await expectRefusal(
            "PS256 is not the one of its key", of: try TestKey.rsa("a", "PS256").token(issuer.claims()),
            by: try issuer.verifier())
    }

    @Test func refusesAnAlgorithmOfAnotherTypeOfKey() async throws {
        let key = TestKey.es256("a")
        let issuer = TestIssuer(key)
        for algorithm in ["RS256", "PS256", "EdDSA"] {
            await expectRefusal(
                "its algorithm \(algorithm) is not the one of its key",
                of: try key.token(issuer.claims(), header: ["alg": .string(algorithm)]), by: try issuer.verifier())
        }
        var settings = TestIssuer.settings
        settings.algorithms = Set(TokenAlgorithm.allCases)
        for algorithm in ["ES384", "ES512"] {
            await expectRefusal(
                "is not the one of its key",
                of: try key.token(issuer.claims(), header: ["alg": .string(algorithm)]),
                by: try issuer.verifier(settings))
        }
    }

    @Test func takesLongerHashesWhereTheyAreAllowed() async throws {
        let key = TestKey.es384("a")
        let issuer = TestIssuer(key)
        var settings = TestIssuer.settings
        settings.algorithms = [.es384]
        #expect(try await issuer.verifier(settings).verify(try key.token(issuer.claims())).subject == "ada")
    }

    @Test func knowsEd25519ByItsNewName() async throws {
        let key = TestKey.edDSA("a")
        let issuer = TestIssuer()
        issuer.change { $0.keys = [key.with(jwk: ["alg": "Ed25519"])] }
        for name in ["EdDSA", "Ed25519"] {
            _ = try await issuer.verifier().verify(try key.token(issuer.claims(), header: ["alg": .string(name)]))
        }
    }

    @Test func takesATokenWithoutKeyNameOnlyWhereThereIsOneKey() async throws {
        let (first, second) = (TestKey.es256(nil), TestKey.es256("b"))
        let alone = TestIssuer(first)
        _ = try await alone.verifier().verify(try first.token(alone.claims()))
        let both = TestIssuer(first, second)
        await expectRefusal(
            "it has no 'kid', and its issuer has 2 keys", of: try first.token(both.claims()), by: try both.verifier())
        await expectRefusal(
            "it has no 'kid'", of: try second.token(both.claims(), header: ["kid": .null]), by: try both.verifier())
        _ = try await both.verifier().verify(try second.token(both.claims()))
    }

    @Test func comparesKeyNamesByteForByte() async throws {
        let key = TestKey.es256("K")
        let issuer = TestIssuer(key)
        await expectRefusal(
            "is not among its issuer's", of: try key.token(issuer.claims(), header: ["kid": "\u{212A}"]),
            by: try issuer.verifier())
    }

    @Test func doesNotTrustKeysThatATokenBrings() async throws {
        let forger = TestKey.es256("mine")
        let issuer = TestIssuer(TestKey.es256("a"))
        let verifier = try issuer.verifier()
        let headers: [[String: JSON]] = [
            ["jwk": forger.jwk], ["jku": "https://evil.example/keys"], ["x5u": "https://evil.example/cert"],
            ["x5c": ["MIIB"], "x5t": "AAAA"],
        ]
        for header in headers {
            await expectRefusal(
                "is not among its issuer's", of: try forger.token(issuer.claims(), header: header), by: verifier)
            await expectRefusal(
                "its signature is wrong",
                of: try forger.token(issuer.claims(), header: header.merging(["kid": "a"]) { $1 }),
                by: verifier)
        }
        #expect(issuer.fetched.allSatisfy { $0.absoluteString == TestIssuer.url + "/keys" })
    }

    @Test func takesKeysOfDifferentTypesUnderOneName() async throws {
        let (rsa, elliptic) = (try TestKey.rsa("a"), TestKey.es256("a"))
        let issuer = TestIssuer(rsa, elliptic)
        let verifier = try issuer.verifier()
        for key in [rsa, elliptic] { _ = try await verifier.verify(try key.token(issuer.claims())) }
    }
}
