import Crypto
import Foundation
import HadalJSON
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadalSecrets

/// What a server does only when it is in trouble, by one that does as it is told. What a healthy one does:
/// `OpenBaoTests`.
@Suite struct TransitClientTests {
    private static let version = "{\"data\":{\"latest_version\":3,\"supports_encryption\":true,\"derived\":false}}"

    private let directory: TemporaryDirectory
    private let key = SymmetricKey(size: .bits256)

    init() throws {
        directory = try TemporaryDirectory()
        try write(token: "s.token")
    }

    private func write(token: String) throws {
        try Fixtures.write(Array(token.utf8), directory.file("token"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("token"))
    }

    private func settings(_ address: String, timeout: Double = 30) -> TransitSettings {
        TransitSettings(address: address, token: .file(directory.file("token")), timeout: timeout)
    }

    /// With waits that are only written down.
    private func service(
        _ settings: TransitSettings, waits: Waits = Waits()
    ) throws(SecretsError) -> TransitKeyService {
        try TransitKeyService(
            settings,
            client: TransitClient(settings: settings, pause: { wait in waits.all.withLock { $0.append(wait) } }))
    }

    private final class Waits: Sendable { let all = Mutex<[Duration]>([]) }

    @Test func troubleThatPassesIsWaitedFor() async throws {
        for status in [
            HTTPResponseStatus.internalServerError, .badGateway, .serviceUnavailable, .gatewayTimeout,
            .tooManyRequests, .preconditionFailed,
        ] {
            let server = try await FakeVault.start { _, count in
                count < 2 ? .errors(status) : .init(status: .ok, body: Self.version)
            }
            let waits = Waits()
            #expect(try await service(settings(server.address), waits: waits).currentVersion() == 3)
            #expect(waits.all.withLock { $0 } == [.milliseconds(200), .milliseconds(800)])
            try await server.stop()
        }
    }

    @Test func troubleThatStaysIsAnErrorAfterThreeAttempts() async throws {
        let server = try await FakeVault.start { _, _ in .errors(.internalServerError, "disk\\u001b[31m full") }
        let error = await Fixtures.failure { _ = try await service(settings(server.address)).currentVersion() }
        guard case .serviceFails(_, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Its words, without what would colour a terminal.
        #expect(problem == "status 500: disk [31m full")
        #expect(server.requests.count == 3)
        try await server.stop()
    }

    @Test func whatWaitingDoesNotHelpIsNotRepeated() async throws {
        let answers: [FakeVault.Answer] = [
            .errors(.forbidden, "permission denied"), .errors(.serviceUnavailable, "Vault is sealed"),
            .errors(.badRequest, "invalid ciphertext"), .errors(.notFound), .init(status: .ok, body: "<html>"),
            .init(status: .ok, body: "{}"), .init(status: .ok, body: "{\"data\":{}}"),
            .init(status: .temporaryRedirect, body: "", headers: ["Location": "http://127.0.0.1:1/v1/x"]),
        ]
        for answer in answers {
            let server = try await FakeVault.start { _, _ in answer }
            await #expect(throws: SecretsError.self) { try await service(settings(server.address)).currentVersion() }
            #expect(server.requests.count == 1, "\(answer.status)")
            try await server.stop()
        }
    }

    @Test func aRotationIsNeverDoneTwice() async throws {
        let server = try await FakeVault.start { _, _ in .errors(.badGateway) }
        await #expect(throws: SecretsError.self) { try await service(settings(server.address)).rotate() }
        #expect(server.requests.map(\.path) == ["/v1/transit/keys/hadal/rotate"])
        try await server.stop()
    }

    @Test func nobodyThereAndNobodyAnsweringAreSaid() async throws {
        let server = try await FakeVault.start { _, _ in .silence }
        let silent = await Fixtures.failure {
            _ = try await service(settings(server.address, timeout: 0.3)).currentVersion()
        }
        guard case .serviceUnreachable(_, let problem) = silent else {
            Issue.record("\(String(describing: silent))")
            return
        }
        #expect(problem.contains(server.address))
        // On a busy machine an attempt may end before the server has seen it.
        #expect(server.requests.count <= 3)
        let address = server.address
        try await server.stop()
        let gone = await Fixtures.failure { _ = try await service(settings(address)).currentVersion() }
        guard case .serviceUnreachable = gone else {
            Issue.record("\(String(describing: gone))")
            return
        }
    }

    @Test func anAnswerWithoutEndIsNotRead() async throws {
        let server = try await FakeVault.start { _, _ in
            .init(status: .ok, body: String(repeating: "x", count: 2 << 20))
        }
        await #expect(throws: SecretsError.self) { try await service(settings(server.address)).currentVersion() }
        try await server.stop()
    }

    @Test func requestsCarryTokenNamespaceAndNothingOfTheKeyInTheAddress() async throws {
        let server = try await FakeVault.start { _, _ in
            .init(status: .ok, body: "{\"data\":{\"ciphertext\":\"vault:v7:abc\"}}")
        }
        var settings = settings(server.address + "/")
        settings.namespace = "team-a"
        settings.mount = "security/transit"
        let wrapped = try await service(settings).wrap(key, context: "a")
        #expect(wrapped == WrappedKey(service: "vault", version: 7, bytes: Array("vault:v7:abc".utf8)))
        let request = try #require(server.requests.first)
        #expect(request.method == .POST && request.path == "/v1/security/transit/encrypt/hadal")
        #expect(request.headers["X-Vault-Token"] == ["s.token"])
        #expect(request.headers["X-Vault-Namespace"] == ["team-a"])
        #expect(request.headers["X-Vault-Request"] == ["true"])
        let text = try #require(try JSON(parsing: request.body)["plaintext"]?.string)
        let plain = try #require(Data(base64Encoded: text))
        #expect(plain.count == 64 && Array(plain.prefix(32)) == key.bytes())
        try await server.stop()
    }

    @Test func aTokenThatAnAgentReplacesIsUsed() async throws {
        let server = try await FakeVault.start { _, _ in .init(status: .ok, body: Self.version) }
        let service = try service(settings(server.address))
        _ = try await service.currentVersion()
        try write(token: "s.next\n")
        _ = try await service.currentVersion()
        #expect(server.requests.map { $0.headers["X-Vault-Token"] } == [["s.token"], ["s.next"]])
        try await server.stop()
    }

    @Test func aTokenThatIsNoneIsRefusedAndNotShown() async throws {
        for token in ["bad token", "bad\r\nX-Other: 1", "bäd"] {
            try write(token: token)
            let error = await Fixtures.failure {
                _ = try await service(settings("http://127.0.0.1:1")).currentVersion()
            }
            guard case .badSecret = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!"\(String(describing: error))".contains("X-Other"))
        }
    }

    @Test(arguments: [
        "http://vault.example.org:8200", "ftp://127.0.0.1", "127.0.0.1:8200", "https://", "https://a/b",
        "https://user:pass@a", "https://a?b", "",
    ])
    func addressesThatWouldGiveTheTokenAwayOrAreNoneAreRefused(address: String) {
        guard case .badSettings = Fixtures.failure({ _ = try service(settings(address)) }) else {
            Issue.record("it is taken")
            return
        }
    }

    @Test(arguments: ["", "a/b", "../sys", "a?b", "a b", "..", "ä"])
    func namesThatWouldChangeThePathAreRefused(name: String) {
        var changed = settings("https://a")
        changed.key = name
        #expect(throws: SecretsError.self) { try service(changed) }
        changed.key = "hadal"
        changed.mount = name == "a/b" ? "a//b" : name
        #expect(throws: SecretsError.self) { try service(changed) }
    }

    @Test func strangeCiphertextsAreRefused() async throws {
        for text in [
            "", "vault", "vault:v:x", "vault:vx:x", "vault:1:x", "other:v1:x", String(repeating: "x", count: 9000),
        ] {
            let server = try await FakeVault.start { _, _ in
                .init(status: .ok, body: "{\"data\":{\"ciphertext\":\"\(text)\"}}")
            }
            await #expect(throws: SecretsError.self, "\(text.prefix(20))") {
                try await service(settings(server.address)).wrap(key, context: "a")
            }
            try await server.stop()
            let wrapped = WrappedKey(service: "vault", version: 1, bytes: Array(text.utf8))
            guard
                case .keyDoesNotOpen = await Fixtures.failure({
                    _ = try await service(settings("http://127.0.0.1:1")).unwrap(wrapped, context: "a")
                })
            else {
                Issue.record("it was sent")
                return
            }
        }
    }

    @Test func whatTheServerSaysIsChecked() async throws {
        for body in ["{\"data\":{\"plaintext\":\"AAAA\"}}", "{\"data\":{\"plaintext\":\"?\"}}", "{\"data\":{}}"] {
            let server = try await FakeVault.start { _, _ in .init(status: .ok, body: body) }
            let wrapped = WrappedKey(service: "vault", version: 1, bytes: Array("vault:v1:x".utf8))
            await #expect(throws: SecretsError.self) {
                try await service(settings(server.address)).unwrap(wrapped, context: "a")
            }
            try await server.stop()
        }
    }
}
