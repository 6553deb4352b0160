import Crypto
import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

@Suite struct PassphraseKeyServiceTests {
    private let directory: TemporaryDirectory
    private let service: PassphraseKeyService
    private var path: String { directory.file("master.key") }
    private let key = SymmetricKey(size: .bits256)

    init() throws {
        directory = try TemporaryDirectory()
        service = try PassphraseKeyService.create(
            path: directory.file("master.key"), passphrase: Fixtures.passphrase, cost: Fixtures.cheap)
    }

    private func open(_ passphrase: Secret = Fixtures.passphrase) throws(SecretsError) -> PassphraseKeyService {
        try PassphraseKeyService.open(path: path, passphrase: passphrase)
    }

    @Test func aWrappedKeyOpensAfterAStartWithTheSameContextOnly() throws {
        let wrapped = try service.wrap(key, context: "a")
        #expect(wrapped.version == 1 && wrapped.service == "passphrase")
        #expect(try open().unwrap(wrapped, context: "a") == key)
        guard case .keyDoesNotOpen = Fixtures.failure({ _ = try open().unwrap(wrapped, context: "b") }) else {
            Issue.record("a key opens with another context")
            return
        }
    }

    @Test func everyFlippedBitOfAWrappedKeyIsFound() throws {
        let wrapped = try service.wrap(key, context: "a")
        for bit in 0..<wrapped.bytes.count * 8 {
            var changed = wrapped
            changed.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SecretsError.self) { try service.unwrap(changed, context: "a") }
        }
        for count in 0..<wrapped.bytes.count {
            var changed = wrapped
            changed.bytes = Array(wrapped.bytes[..<count])
            #expect(throws: SecretsError.self) { try service.unwrap(changed, context: "a") }
        }
    }

    @Test func olderVersionsStillOpenAndNewKeysUseTheNewest() throws {
        let wrapped = try service.wrap(key, context: "a")
        #expect(try service.rotate() == 2)
        #expect(try service.rotate() == 3)
        #expect(try open().unwrap(wrapped, context: "a") == key)
        #expect(try open().wrap(key, context: "a").version == 3)
        let again = try open().unwrap(wrapped, context: "a")
        #expect(again == key)
    }

    @Test func aRotationByAnotherProcessIsSeen() throws {
        let other = try open()
        #expect(try other.rotate() == 2)
        let wrapped = try other.wrap(key, context: "a")
        #expect(try service.unwrap(wrapped, context: "a") == key)
        #expect(try service.currentVersion() == 2)
        #expect(try service.rotate() == 3)
    }

    @Test func aVersionThatIsNotThereIsNamed() throws {
        var wrapped = try service.wrap(key, context: "a")
        for version in [0, 2, -1, Int.min + 1] {
            wrapped.version = version
            #expect(throws: SecretsError.self) { try service.unwrap(wrapped, context: "a") }
        }
        wrapped.version = 1
        wrapped.service = "vault"
        #expect(throws: SecretsError.self) { try service.unwrap(wrapped, context: "a") }
    }

    @Test func aWrongPassphraseIsToldApartFromADamagedFile() throws {
        #expect(Fixtures.failure { _ = try open(Secret("wrong horse battery")) } == .wrongPassphrase(path: path))
        let whole = try Fixtures.read(path)
        var damages = 0
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 1
            try Fixtures.write(bytes, path)
            switch Fixtures.failure({ _ = try open() }) {
            case .damaged, .unsupported: damages += 1
            // Nothing but the authentication code may be changed without the file's own sum showing it.
            case .wrongPassphrase:
                let text = String(decoding: whole, as: UTF8.self)
                let mac = try #require(text.range(of: "\"mac\":"))
                #expect(index > text.utf8.distance(from: text.startIndex, to: mac.lowerBound), "byte \(index)")
            case let other: #expect(index == whole.count - 1, "byte \(index): \(String(describing: other))")
            }
        }
        #expect(damages > whole.count / 2)
        for end in stride(from: 0, to: whole.count - 1, by: 7) {
            try Fixtures.write(Array(whole[..<end]), path)
            guard case .damaged = Fixtures.failure({ _ = try open() }) else {
                Issue.record("cut at \(end)")
                return
            }
        }
    }

    /// Whoever can write the file but does not know the passphrase cannot take out a version or put in another.
    @Test func aFileWithAMatchingSumButChangedKeysIsRefused() throws {
        #expect(try service.rotate() == 2)
        var (file, mac, _) = try MasterKeyFile.read(path)
        file.entries.removeLast()
        try file.write(authenticatedBy: SymmetricKey(size: .bits256), replacing: true)
        #expect(Fixtures.failure { _ = try open() } == .wrongPassphrase(path: path))
        #expect(mac.count == 32)
    }

    @Test func aFileCannotAskForAllMemory() throws {
        var file = try MasterKeyFile.read(path).file
        for cost in [
            ScryptCost(n: 1 << 21, r: 8, p: 1), ScryptCost(n: 1 << 20, r: 32, p: 1), ScryptCost(n: 3, r: 8, p: 1),
            ScryptCost(n: 16, r: 0, p: 1), ScryptCost(n: 16, r: 1, p: 1000), ScryptCost(n: 0, r: 1, p: 1),
        ] {
            file.cost = cost
            try file.write(authenticatedBy: key, replacing: true)
            guard case .unsupported = Fixtures.failure({ _ = try open() }) else {
                Issue.record("\(cost) is taken")
                return
            }
        }
    }

    @Test func thePassphraseCanBeChangedAndTheKeysStay() throws {
        let wrapped = try service.wrap(key, context: "a")
        #expect(try service.rotate() == 2)
        try service.changePassphrase(to: Secret("another long passphrase"), cost: Fixtures.cheap)
        #expect(Fixtures.failure { _ = try open() } == .wrongPassphrase(path: path))
        let changed = try open(Secret("another long passphrase"))
        #expect(try changed.unwrap(wrapped, context: "a") == key)
        #expect(try changed.currentVersion() == 2)
        #expect(try service.unwrap(wrapped, context: "a") == key)
    }

    @Test func whatIsThereIsNotMadeAgainAndWhatIsNotIsSaid() throws {
        #expect(
            Fixtures.failure {
                _ = try PassphraseKeyService.create(path: path, passphrase: Fixtures.passphrase, cost: Fixtures.cheap)
            } == .alreadyExists(path: path))
        let none = directory.file("none")
        #expect(
            Fixtures.failure { _ = try PassphraseKeyService.open(path: none, passphrase: Fixtures.passphrase) }
                == .notSetUp(path: none))
    }

    @Test func aShortPassphraseIsRefused() throws {
        guard
            case .badSecret = Fixtures.failure({
                _ = try PassphraseKeyService.create(
                    path: directory.file("b"), passphrase: Secret("elevenchars"), cost: Fixtures.cheap)
            })
        else {
            Issue.record("a short passphrase is taken")
            return
        }
    }

    @Test func onlyTheOwnerMayReadTheFile() throws {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func theStandardCostIsTheRecommendedOne() throws {
        let path = directory.file("standard")
        _ = try PassphraseKeyService.create(path: path, passphrase: Fixtures.passphrase)
        #expect(try MasterKeyFile.read(path).file.cost == ScryptCost(n: 131_072, r: 8, p: 1))
        #expect(throws: Never.self) { try PassphraseKeyService.open(path: path, passphrase: Fixtures.passphrase) }
    }
}
