import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAccess

@Suite struct TokensFuzzTests {
    @Test(arguments: [("ES256", 20_000), ("EdDSA", 5_000), ("RS256", 5_000)])
    func noMutationOfATokenCounts(_ algorithm: String, _ count: Int) async throws {
        let key = try TestKey.of(algorithm, "a")
        let issuer = TestIssuer(key)
        let verifier = try issuer.verifier()
        let token = try key.token(issuer.claims())
        var random = SplitMix(state: 6)
        var accepted = 0
        for _ in 0..<count {
            let mutated = Self.mutation(of: token, &random)
            guard !mutated.utf8.elementsEqual(token.utf8) else { continue }
            do {
                _ = try await verifier.verify(mutated)
                accepted += 1
            } catch AccessError.credentialsRefused {}
        }
        #expect(accepted == 0)
        _ = try await verifier.verify(token)
    }

    /// Bytes, letters of the alphabet, or parts changed, left out, doubled or moved.
    private static func mutation(of token: String, _ random: inout SplitMix) -> String {
        var bytes = Array(token.utf8)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/".utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let length = Int.random(in: 0...min(40, bytes.count - place), using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1, 2: bytes[place] = alphabet.randomElement(using: &random) ?? 0
            case 3: bytes.removeSubrange(place..<place + length)
            case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            case 5: bytes.swapAt(place, Int.random(in: bytes.indices, using: &random))
            default:
                bytes = bytes.dropLast(length) + (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is signed rightly may say anything at all.
    @Test func noSignedNonsenseCrashes() async throws {
        let key = TestKey.edDSA("a")
        let issuer = TestIssuer(key)
        var settings = TestIssuer.settings
        settings.oneTimeUse = .whereClaimed("once")
        settings.tenant = .claim("tenant", allowed: nil)
        settings.secondFactorContexts = ["gold"]
        let verifier = try issuer.verifier(settings)
        var random = SplitMix(state: 7)
        let names = [
            "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "roles", "tenant", "amr", "acr", "once", "email",
            "name",
        ]
        let values: [JSON] = [
            .null, true, false, 0, -1, 1e308, .int(.min), .int(.max), "", "hadal", "\u{0}", "𝄞", .array([]), ["hadal"],
            [["a"]],
            .object(.init()), ["a": ["b": 1]], .string(String(repeating: "x", count: 3000)), .string(TestIssuer.url),
        ]
        for _ in 0..<3_000 {
            var claims = issuer.claims(["tenant": "acme"]).object ?? .init()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                claims[names.randomElement(using: &random) ?? ""] = values.randomElement(using: &random)
            }
            let payload = JSON.object(claims)
            do {
                let token = try await verifier.verify(key.token(payload))
                #expect(payload["sub"]?.string == token.subject && payload["iss"]?.string == TestIssuer.url)
                #expect(payload["aud"] == "hadal" || payload["aud"] == ["hadal"])
            } catch AccessError.credentialsRefused {}
        }
    }

    @Test func noKeySetCrashes() async throws {
        let keys = [TestKey.es256("a").jwk, TestKey.edDSA("b").jwk, try TestKey.rsa("c").jwk]
        let document = JSON.object(.init([("keys", .array(keys))])).bytes
        var random = SplitMix(state: 8)
        for _ in 0..<2_000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            _ = try? await KeySet(parsing: Data(bytes))
        }
    }

    @Test(arguments: ["address", "token", "keyset"]) func whatAFuzzerFoundHoldsEverAfter(_ parser: String) throws {
        let inputs = try SharedData.corpus(parser)
        #expect(!inputs.isEmpty)
        for input in inputs {
            switch parser {
            case "address": AccessFuzzing.addresses(input)
            case "token": AccessFuzzing.token(input)
            default: AccessFuzzing.keySet(input)
            }
        }
    }
}
