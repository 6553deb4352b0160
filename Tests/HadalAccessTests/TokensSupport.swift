import Crypto
import CryptoExtras
import Foundation
import HadalJSON
import Synchronization
import Testing

@testable import HadalAccess

/// A private key of a test's issuer. It signs with swift-crypto alone, so that nothing signs and checks with the same code.
struct TestKey: Sendable {
    let id: String?
    let algorithm: String
    /// Its public part, as a key set has it.
    let jwk: JSON
    let sign: @Sendable (Data) throws -> Data

    func with(jwk changes: [String: JSON]) -> JSON {
        var object = jwk.object ?? JSON.Object()
        for (name, value) in changes { object[name] = value }
        return .object(object)
    }

    func without(_ name: String) -> JSON {
        var object = jwk.object ?? JSON.Object()
        object[name] = nil
        return .object(object)
    }

    private static func jwk(_ id: String?, _ members: [(String, JSON)]) -> JSON {
        .object(JSON.Object(members + (id.map { [("kid", .string($0))] } ?? [])))
    }

    static func es256(_ id: String?) -> TestKey {
        let key = P256.Signing.PrivateKey()
        let point = key.publicKey.rawRepresentation
        return TestKey(
            id: id, algorithm: "ES256",
            jwk: jwk(
                id,
                [
                    ("kty", "EC"), ("crv", "P-256"), ("x", .string(Base64URL.encode(point.prefix(32)))),
                    ("y", .string(Base64URL.encode(point.suffix(32)))),
                ]),
            sign: { try key.signature(for: $0).rawRepresentation })
    }

    static func es384(_ id: String?) -> TestKey {
        let key = P384.Signing.PrivateKey()
        let point = key.publicKey.rawRepresentation
        return TestKey(
            id: id, algorithm: "ES384",
            jwk: jwk(
                id,
                [
                    ("kty", "EC"), ("crv", "P-384"), ("x", .string(Base64URL.encode(point.prefix(48)))),
                    ("y", .string(Base64URL.encode(point.suffix(48)))),
                ]),
            sign: { try key.signature(for: $0).rawRepresentation })
    }

    static func edDSA(_ id: String?) -> TestKey {
        let key = Curve25519.Signing.PrivateKey()
        let x = Base64URL.encode(key.publicKey.rawRepresentation)
        return TestKey(
            id: id, algorithm: "EdDSA", jwk: jwk(id, [("kty", "OKP"), ("crv", "Ed25519"), ("x", .string(x))]),
            sign: { try key.signature(for: $0) })
    }

    /// One for all tests: to make one takes a while.
    static let rsaKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    static func rsa(_ id: String?, _ algorithm: String = "RS256", key: _RSA.Signing.PrivateKey? = nil) throws -> TestKey
    {
        let key = try key ?? rsaKey.get()
        let numbers = try key.publicKey.getKeyPrimitives()
        let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
        return TestKey(
            id: id, algorithm: algorithm,
            jwk: jwk(
                id,
                [
                    ("kty", "RSA"), ("n", .string(Base64URL.encode(numbers.modulus))),
                    ("e", .string(Base64URL.encode(numbers.publicExponent))),
                ]),
            sign: { try key.signature(for: SHA256.hash(data: $0), padding: padding).rawRepresentation })
    }

    static func of(_ algorithm: String, _ id: String?) throws -> TestKey {
        switch algorithm {
        case "ES256": es256(id)
        case "ES384": es384(id)
        case "EdDSA": edDSA(id)
        default: try rsa(id, algorithm)
        }
    }

    /// - Parameter header: members that replace or join `alg`, `kid` and `typ`; `.null` removes one.
    func token(_ claims: JSON, header changes: [String: JSON] = [:]) throws -> String {
        var header = JSON.Object([("alg", .string(algorithm)), ("typ", "JWT")])
        if let id { header["kid"] = .string(id) }
        for (name, value) in changes { header[name] = value.isNull ? nil : value }
        return try token(header: JSON.object(header).text, payload: claims.text)
    }

    func token(header: String, payload: String) throws -> String {
        let signed = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload.utf8)
        return signed + "." + Base64URL.encode(try sign(Data(signed.utf8)))
    }
}

/// An issuer with its clock and its web server.
final class TestIssuer: Sendable {
    struct State {
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        var keys: [JSON] = []
        var document: Data?
        var isDown = false
        var fetched: [URL] = []
    }

    static let url = "https://login.example.org"
    private let state = Mutex(State())

    init(_ keys: TestKey...) { state.withLock { $0.keys = keys.map(\.jwk) } }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    var now: Date { state.withLock(\.now) }
    var seconds: Int64 { Int64(now.timeIntervalSince1970) }
    var fetched: [URL] { state.withLock(\.fetched) }

    func pass(_ seconds: TimeInterval) { change { $0.now += seconds } }

    func fetch(_ url: URL) throws -> Data {
        try state.withLock { state in
            state.fetched.append(url)
            if state.isDown { throw URLError(.cannotConnectToHost) }
            return state.document ?? Data(JSON.object(JSON.Object([("keys", .array(state.keys))])).bytes)
        }
    }

    static var settings: TokenIssuer {
        var settings = TokenIssuer(issuer: url, audiences: ["hadal"])
        settings.keySource = .url(URL(string: url + "/keys")!)
        settings.roleMap = ["staff": "user"]
        return settings
    }

    func verifier(
        _ settings: TokenIssuer = TestIssuer.settings, replacing previous: TokenVerifier? = nil
    ) throws -> TokenVerifier {
        try TokenVerifier(
            issuers: [settings], fetch: { try self.fetch($0) }, now: { self.now }, replacing: previous)
    }

    /// Claims that are right. `.null` removes one.
    func claims(_ changes: [String: JSON] = [:]) -> JSON {
        var claims = JSON.Object([
            ("iss", .string(Self.url)), ("sub", "ada"), ("aud", "hadal"), ("exp", .int(seconds + 300)),
            ("iat", .int(seconds)), ("roles", ["staff"]),
        ])
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) { claims[name] = value.isNull ? nil : value }
        return .object(claims)
    }
}

/// Expects that a token is refused for a reason that has this text.
///
/// - Parameter isTemporary: whether it is not the token's fault.
func expectRefusal(
    _ reason: String, isTemporary: Bool = false, of token: String, by verifier: TokenVerifier,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    await expectRefusal(reason, isTemporary: isTemporary, sourceLocation: sourceLocation) {
        try await verifier.verify(token)
    }
}

func expectRefusal<Result>(
    _ reason: String, isTemporary: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Result
) async {
    do {
        _ = try await body()
        Issue.record("it was accepted, not refused because \(reason)", sourceLocation: sourceLocation)
    } catch AccessError.credentialsRefused(let detail) where !isTemporary {
        #expect(detail.contains(reason), sourceLocation: sourceLocation)
    } catch AccessError.unavailable(let detail) where isTemporary {
        #expect(detail.contains(reason), sourceLocation: sourceLocation)
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}
