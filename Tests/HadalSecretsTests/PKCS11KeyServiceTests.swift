import Crypto
import Foundation
import HadalPKCS11
import Synchronization
import TestSupport
import Testing

@testable import HadalSecrets

/// SoftHSM 2 with tokens of its own, in a directory of its own.
private enum SoftHSM {
    struct Missing: Error, CustomStringConvertible {
        let description = "SoftHSM 2 is not installed; as root: apt-get install -y softhsm2"
    }

    static let pin = "73501298"

    static let module = [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ].first { FileManager.default.fileExists(atPath: $0) }

    /// Tokens, each used once. SoftHSM looks for tokens when the module starts, once in a process, so all are made
    /// before.
    private static let directory: Result<TemporaryDirectory, any Error> = Result {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("tokens"), withIntermediateDirectories: true)
        let configuration = """
            directories.tokendir = \(directory.file("tokens"))
            objectstore.backend = file
            log.level = ERROR
            """
        try Fixtures.write(Array(configuration.utf8), directory.file("softhsm2.conf"))
        setenv("SOFTHSM2_CONF", directory.file("softhsm2.conf"), 1)
        for index in 0..<tokenCount {
            try tool("--init-token", "--free", "--label", "token-\(index)", "--so-pin", "12345678", "--pin", pin)
        }
        atexit { SoftHSM.removeDirectory() }
        return directory
    }

    private static func removeDirectory() {
        if let path = try? directory.get().path { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let tokenCount = 20
    private static let used = Mutex(0)

    static func tool(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["softhsm2-util"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing() }
    }

    /// A fresh token.
    static func settings(pin: String = pin) throws -> PKCS11KeyService.Settings {
        guard let module else { throw Missing() }
        let directory = try directory.get()
        let index = used.withLock { used in
            defer { used += 1 }
            return used
        }
        try #require(index < tokenCount, "make more tokens")
        let label = "token-\(index)"
        let file = directory.file("pin-\(label)")
        try Fixtures.write(Array(pin.utf8), file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        return .init(module: module, token: label, key: "hadal", pin: .file(file))
    }

    /// A session of the test's own, for what an operator does with the token's tools.
    static func session(_ settings: PKCS11KeyService.Settings) throws -> PKCS11Session {
        let module = try PKCS11Module.load(settings.module)
        let slot = try #require(try module.slot(ofToken: settings.token).slot)
        return try PKCS11Session(module, slot: slot, pin: Secret(pin), writes: true)
    }
}

@Suite struct PKCS11KeyServiceTests {
    private let key = SymmetricKey(size: .bits256)

    private func service(_ kind: PKCS11Session.KeyKind) async throws -> (PKCS11KeyService, PKCS11KeyService.Settings) {
        let settings = try SoftHSM.settings()
        try SoftHSM.session(settings).makeKey(kind, label: "hadal", version: 1)
        return (try await PKCS11KeyService.open(settings), settings)
    }

    @Test(arguments: [PKCS11Session.KeyKind.aes, .rsa])
    func aKeyGoesThroughTheTokenAndBack(kind: PKCS11Session.KeyKind) async throws {
        let (service, settings) = try await service(kind)
        let wrapped = try await service.wrap(key, context: "a")
        #expect(wrapped.version == 1 && wrapped.service == "pkcs11")
        #expect(try await service.unwrap(wrapped, context: "a") == key)
        // Another start finds the key in the token.
        let again = try await PKCS11KeyService.open(settings)
        #expect(try await again.unwrap(wrapped, context: "a") == key)
        let error = await Fixtures.failure { _ = try await service.unwrap(wrapped, context: "b") }
        guard case .keyDoesNotOpen = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [PKCS11Session.KeyKind.aes, .rsa])
    func changedKeysDoNotOpen(kind: PKCS11Session.KeyKind) async throws {
        let (service, _) = try await service(kind)
        let wrapped = try await service.wrap(key, context: "a")
        for index in wrapped.bytes.indices {
            var changed = wrapped
            changed.bytes[index] ^= 0x10
            let error = await Fixtures.failure { _ = try await service.unwrap(changed, context: "a") }
            guard case .keyDoesNotOpen = error else {
                Issue.record("byte \(index): \(String(describing: error))")
                return
            }
        }
        for bytes in [[], [1], [9], Array(wrapped.bytes.dropLast())] as [[UInt8]] {
            var changed = wrapped
            changed.bytes = bytes
            let error = await Fixtures.failure { _ = try await service.unwrap(changed, context: "a") }
            guard case .keyDoesNotOpen = error else {
                Issue.record("\(bytes.count) bytes: \(String(describing: error))")
                return
            }
        }
        #expect(try await service.unwrap(wrapped, context: "a") == key)
    }

    @Test(arguments: [PKCS11Session.KeyKind.aes, .rsa])
    func rotationMakesAKeyInTheTokenAndOldKeysStillOpen(kind: PKCS11Session.KeyKind) async throws {
        let (service, _) = try await service(kind)
        let wrapped = try await service.wrap(key, context: "a")
        #expect(try await service.rotate() == 2)
        #expect(try await service.currentVersion() == 2)
        #expect(try await service.unwrap(wrapped, context: "a") == key)
        let again = try await service.rewrap(wrapped, context: "a")
        #expect(again.version == 2)
        #expect(try await service.unwrap(again, context: "a") == key)
    }

    @Test func dataKeysLiveBehindAToken() async throws {
        let (service, settings) = try await service(.aes)
        let directory = try TemporaryDirectory()
        let keys = try await DataKeys.create(in: directory.path, service: service)
        try EncryptedFile.write([1, 2, 3], to: directory.file("f"), keys: keys, purpose: .models, context: "c")
        _ = try await DataKeys.rotate(in: directory.path, service: service)
        let later = try await DataKeys.open(
            in: directory.path, service: try await KeyServiceSettings.pkcs11(settings).open(in: directory.path))
        #expect(try EncryptedFile.read(directory.file("f"), keys: later, limit: 10) == [1, 2, 3])
        #expect(try DataKeys.describe(in: directory.path)?.allSatisfy { $0.version == 2 } == true)
    }

    @Test func theMasterKeyCannotLeaveTheToken() async throws {
        let (_, settings) = try await service(.aes)
        let session = try SoftHSM.session(settings)
        let master = try #require(try session.masterKeys(label: "hadal").first)
        // CKA_VALUE
        #expect(throws: PKCS11Failure(function: "C_GetAttributeValue", code: 0x11)) {
            try session.attribute(0x11, of: master.key)
        }
    }

    @Test func manyCallersShareTheSession() async throws {
        let (service, _) = try await service(.aes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<32 {
                group.addTask {
                    let key = SymmetricKey(size: .bits256)
                    let wrapped = try await service.wrap(key, context: "\(index)")
                    #expect(try await service.unwrap(wrapped, context: "\(index)") == key)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aSessionThatTheTokenEndsIsOpenedAgain() async throws {
        let (service, settings) = try await service(.aes)
        let wrapped = try await service.wrap(key, context: "a")
        let module = try PKCS11Module.load(settings.module)
        let slot = try #require(try module.slot(ofToken: settings.token).slot)
        // This logs out too.
        try PKCS11Module.call("C_CloseAllSessions", module.functions.C_CloseAllSessions) { $0(slot) }
        #expect(try await service.unwrap(wrapped, context: "a") == key)
    }

    @Test func aWrongPINIsSaidAndNotTriedAgain() async throws {
        let settings = try SoftHSM.settings(pin: "11111111")
        let error = await Fixtures.failure { _ = try await PKCS11KeyService.open(settings) }
        guard case .serviceRefuses(_, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains("CKR_PIN_INCORRECT") && problem.contains(settings.token))
        #expect(!"\(String(describing: error))".contains("11111111"))
    }

    @Test func whatIsMissingIsNamed() async throws {
        var settings = try SoftHSM.settings()
        let service = try await PKCS11KeyService.open(settings)
        guard case .badSettings(let problem) = await Fixtures.failure({ _ = try await service.currentVersion() }) else {
            Issue.record("a token without a key is taken")
            return
        }
        #expect(problem.contains("'hadal'"))
        // As init does.
        #expect(try await service.rotate() == 1)

        let token = settings.token
        settings.token = "no such token"
        let error = await Fixtures.failure { _ = try await PKCS11KeyService.open(settings) }
        guard case .serviceUnreachable(_, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains(token))

        settings.module = "/usr/lib/none.so"
        guard case .serviceUnreachable = await Fixtures.failure({ _ = try await PKCS11KeyService.open(settings) })
        else {
            Issue.record("a module that is not there is loaded")
            return
        }
        settings.module = "/lib/x86_64-linux-gnu/libc.so.6"
        await #expect(throws: SecretsError.self) { try await PKCS11KeyService.open(settings) }
    }

    @Test func twoKeysWithTheSameIDAreRefused() async throws {
        let (service, settings) = try await service(.aes)
        try SoftHSM.session(settings).makeKey(.aes, label: "hadal", version: 1)
        guard case .badSettings(let problem) = await Fixtures.failure({ _ = try await service.wrap(key, context: "a") })
        else {
            Issue.record("one of two keys was taken")
            return
        }
        #expect(problem.contains("two keys"))
    }

    @Test func keysUnderOtherLabelsDoNotCount() async throws {
        let (service, settings) = try await service(.aes)
        try SoftHSM.session(settings).makeKey(.aes, label: "another", version: 7)
        #expect(try await service.currentVersion() == 1)
    }

    @Test func codesHaveNames() {
        #expect(PKCS11Failure(function: "C_Login", code: 0xA4).text == "C_Login: CKR_PIN_LOCKED (0xA4)")
        #expect(PKCS11Failure(function: "C_Sign", code: 0x8000_0001).text.contains("CKR_VENDOR_DEFINED"))
    }
}
