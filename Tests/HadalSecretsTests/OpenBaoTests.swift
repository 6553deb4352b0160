import Crypto
import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

/// Against a real OpenBao, whose API is Vault's. One after another, as one of them seals the server.
@Suite(.serialized) struct OpenBaoTests {
    private let server: OpenBaoServer
    private let key = SymmetricKey(size: .bits256)

    init() throws { server = try OpenBaoServer.shared.get() }

    private func token(_ policy: String) throws -> String {
        let name = "p-" + UUID().uuidString.prefix(8)
        _ = try server.run("policy", "write", name, "-", input: policy)
        return try server.run("token", "create", "-policy=\(name)", "-field=token")
    }

    @Test func aKeyIsWrappedAndOpensWithItsContextOnly() async throws {
        let settings = try server.settings()
        let service = try await TransitKeyService.open(settings)
        let wrapped = try await service.wrap(key, context: "a")
        #expect(wrapped.version == 1 && wrapped.service == "vault")
        #expect(String(decoding: wrapped.bytes, as: UTF8.self).hasPrefix("vault:v1:"))
        #expect(try await TransitKeyService.open(settings).unwrap(wrapped, context: "a") == key)
        guard case .keyDoesNotOpen = await Fixtures.failure({ _ = try await service.unwrap(wrapped, context: "b") })
        else {
            Issue.record("a key opens with another context")
            return
        }
    }

    @Test func aChangedKeyDoesNotOpen() async throws {
        let service = try await TransitKeyService.open(try server.settings())
        let wrapped = try await service.wrap(key, context: "a")
        for index in [10, 20, 40, wrapped.bytes.count - 5] {
            var changed = wrapped
            changed.bytes[index] = changed.bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let error = await Fixtures.failure { _ = try await service.unwrap(changed, context: "a") }
            guard case .keyDoesNotOpen = error else {
                Issue.record("byte \(index): \(String(describing: error))")
                return
            }
        }
        // Of another key of the same server.
        let other = try await TransitKeyService.open(try server.settings())
        guard case .keyDoesNotOpen = await Fixtures.failure({ _ = try await other.unwrap(wrapped, context: "a") })
        else {
            Issue.record("another key opens it")
            return
        }
    }

    @Test func aRotationRewrapsInsideTheServer() async throws {
        let settings = try server.settings()
        let service = try await TransitKeyService.open(settings)
        let wrapped = try await service.wrap(key, context: "a")
        #expect(try await service.rotate() == 2)
        #expect(try await service.unwrap(wrapped, context: "a") == key)

        // Who may only rewrap cannot see the key.
        var limited = settings
        limited.token = try server.place(
            of: try token(
                """
                path "transit/rewrap/\(settings.key)" { capabilities = ["update"] }
                path "transit/keys/\(settings.key)" { capabilities = ["read"] }
                """))
        let rewrapper = try await TransitKeyService.open(limited)
        let again = try await rewrapper.rewrap(wrapped, context: "a")
        #expect(again.version == 2)
        #expect(try await service.unwrap(again, context: "a") == key)
        let error = await Fixtures.failure { _ = try await rewrapper.unwrap(again, context: "a") }
        guard case .serviceRefuses(_, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains("permission denied"))
    }

    @Test func dataKeysLiveBehindTheServerAndTheDocumentedPolicyIsEnough() async throws {
        var settings = try server.settings()
        settings.token = try server.place(
            of: try token(
                """
                path "transit/encrypt/\(settings.key)"     { capabilities = ["update"] }
                path "transit/decrypt/\(settings.key)"     { capabilities = ["update"] }
                path "transit/rewrap/\(settings.key)"      { capabilities = ["update"] }
                path "transit/keys/\(settings.key)"        { capabilities = ["read"] }
                path "transit/keys/\(settings.key)/rotate" { capabilities = ["update"] }
                """))
        let directory = try TemporaryDirectory()
        let service = try await KeyServiceSettings.vault(settings).open(in: directory.path)
        let keys = try await DataKeys.create(in: directory.path, service: service)
        try EncryptedFile.write([1, 2, 3], to: directory.file("f"), keys: keys, purpose: .models, context: "c")
        let rotation = try await DataKeys.rotate(in: directory.path, service: service)
        #expect(rotation.version == 2)
        let later = try await DataKeys.open(in: directory.path, service: service)
        #expect(try EncryptedFile.read(directory.file("f"), keys: later, limit: 10) == [1, 2, 3])
    }

    @Test func aKeyThatIsTooOldForTheServersPolicyIsSaid() async throws {
        let settings = try server.settings()
        let service = try await TransitKeyService.open(settings)
        let wrapped = try await service.wrap(key, context: "a")
        _ = try await service.rotate()
        _ = try server.run("write", "transit/keys/\(settings.key)/config", "min_decryption_version=2")
        let error = await Fixtures.failure { _ = try await service.unwrap(wrapped, context: "a") }
        guard case .keyDoesNotOpen(_, _, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains("too old"))
    }

    @Test func whatIsWrongAtTheStartIsNamed() async throws {
        let missing = await Fixtures.failure {
            _ = try await TransitKeyService.open(try server.settings(makesKey: false))
        }
        guard case .badSettings(let problem) = missing else {
            Issue.record("\(String(describing: missing))")
            return
        }
        #expect(problem.contains("bao write -f transit/keys/"))

        let token = await Fixtures.failure {
            _ = try await TransitKeyService.open(try server.settings(token: "wrong-t"))
        }
        guard case .serviceRefuses = token else {
            Issue.record("\(String(describing: token))")
            return
        }
        #expect(!"\(String(describing: token))".contains("wrong-t"))

        var settings = try server.settings()
        settings.mount = "nowhere"
        await #expect(throws: SecretsError.self) { try await TransitKeyService.open(settings) }

        settings = try server.settings(makesKey: false)
        _ = try server.run("write", "transit/keys/\(settings.key)", "type=ed25519")
        guard case .badSettings = await Fixtures.failure({ _ = try await TransitKeyService.open(settings) }) else {
            Issue.record("a key that cannot encrypt is taken")
            return
        }
    }

    @Test func aServerWhoseCertificateNobodyVouchesForIsNotSpokenTo() async throws {
        var settings = try server.settings()
        settings.certificateAuthorities = nil
        let error = await Fixtures.failure { _ = try await TransitKeyService.open(settings) }
        guard case .serviceUnreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        settings.certificateAuthorities = server.directory.file("none.pem")
        guard case .system = await Fixtures.failure({ _ = try await TransitKeyService.open(settings) }) else {
            Issue.record("a file of authorities that is not there")
            return
        }
    }

    @Test func namespacesAreKeptApart() async throws {
        _ = try server.run("namespace", "create", "team-a")
        _ = try server.run("secrets", "enable", "-namespace=team-a", "transit")
        var settings = try server.settings(makesKey: false)
        _ = try server.run("write", "-namespace=team-a", "-f", "transit/keys/\(settings.key)")
        guard case .badSettings = await Fixtures.failure({ _ = try await TransitKeyService.open(settings) }) else {
            Issue.record("the key is seen outside its namespace")
            return
        }
        settings.namespace = "team-a"
        let service = try await TransitKeyService.open(settings)
        #expect(try await service.unwrap(try await service.wrap(key, context: "a"), context: "a") == key)
    }

    @Test func aSealedServerIsSaidToBeSealed() async throws {
        let service = try await TransitKeyService.open(try server.settings())
        _ = try server.run("operator", "seal")
        let error = await Fixtures.failure { _ = try await service.wrap(key, context: "a") }
        try server.unseal()
        #expect(error == .serviceSealed(service: "vault"))
        #expect(error?.description.contains("unseal") == true)
        #expect(throws: Never.self) { try server.run("status") }
    }
}
