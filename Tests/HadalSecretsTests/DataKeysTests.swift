import Crypto
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HadalSecrets

/// A service that fails at a chosen call, as one does that goes away in the middle of something.
private final class FailingService: KeyService {
    let name = "passphrase"
    private let service: PassphraseKeyService
    private let callsLeft: Mutex<Int>

    init(_ service: PassphraseKeyService, after calls: Int) {
        self.service = service
        callsLeft = Mutex(calls)
    }

    private func count() throws(SecretsError) {
        let isOver = callsLeft.withLock { left in
            left -= 1
            return left < 0
        }
        if isOver { throw .serviceUnreachable(service: name, problem: "test") }
    }

    func currentVersion() async throws(SecretsError) -> Int {
        try count()
        return try service.currentVersion()
    }
    func wrap(_ key: SymmetricKey, context: String) async throws(SecretsError) -> WrappedKey {
        try count()
        return try service.wrap(key, context: context)
    }
    func unwrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> SymmetricKey {
        try count()
        return try service.unwrap(wrapped, context: context)
    }
    func rotate() async throws(SecretsError) -> Int {
        try count()
        return try service.rotate()
    }
}

/// A service whose wrapped keys do not open again.
private struct BrokenService: KeyService {
    let name = "passphrase"
    let service: PassphraseKeyService

    func currentVersion() async throws(SecretsError) -> Int { try service.currentVersion() }
    func wrap(_ key: SymmetricKey, context: String) async throws(SecretsError) -> WrappedKey {
        try service.wrap(SymmetricKey(size: .bits256), context: context)
    }
    func unwrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> SymmetricKey {
        try service.unwrap(wrapped, context: context)
    }
    func rotate() async throws(SecretsError) -> Int { try service.rotate() }
}

@Suite struct DataKeysTests {
    private let directory: TemporaryDirectory
    private let keys: DataKeys
    private let service: PassphraseKeyService
    private var table: String { directory.file("keys.json") }
    private var data: String { directory.file("data") }

    init() async throws {
        directory = try TemporaryDirectory()
        (keys, service) = try await Fixtures.keys(in: directory)
        try EncryptedFile.write([1, 2, 3], to: data, keys: keys, purpose: .models, context: "c")
    }

    private func read(_ service: (any KeyService)? = nil) async throws -> [UInt8] {
        let keys = try await DataKeys.open(in: directory.path, service: service ?? self.service)
        return try EncryptedFile.read(data, keys: keys, limit: 100)
    }

    @Test func eachPurposeHasAKeyOfItsOwnThatAStartFindsAgain() async throws {
        let again = try await DataKeys.open(in: directory.path, service: service)
        for purpose in DataPurpose.allCases {
            #expect(try again.key(for: purpose).key == keys.key(for: purpose).key)
        }
        #expect(Set(keys.all.map { $0.key.bytes() }).count == DataPurpose.allCases.count)
    }

    @Test func aRotationWrapsAllKeysAnewAndWritesNoData() async throws {
        let before = try Fixtures.read(data)
        let modified = try FileManager.default.attributesOfItem(atPath: data)[.modificationDate] as? Date
        let rotation = try await DataKeys.rotate(in: directory.path, service: service)
        #expect(rotation == .init(service: "passphrase", version: 2, rewrapped: DataPurpose.allCases.count))
        #expect(try Fixtures.read(data) == before)
        #expect(try FileManager.default.attributesOfItem(atPath: data)[.modificationDate] as? Date == modified)
        #expect(try DataKeys.describe(in: directory.path)?.map(\.version) == [2, 2, 2, 2, 2])
        #expect(try await read() == [1, 2, 3])
        // Who has the keys in memory goes on without looking at the table.
        #expect(try EncryptedFile.read(data, keys: keys, limit: 100) == [1, 2, 3])
    }

    @Test func aRotationThatFailsAnywhereLeavesAllReadable() async throws {
        var calls = 0
        while true {
            let failing = FailingService(service, after: calls)
            let before = try Fixtures.read(table)
            let error = await Fixtures.failure { _ = try await DataKeys.rotate(in: directory.path, service: failing) }
            if error == nil { break }
            guard case .serviceUnreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try Fixtures.read(table) == before)
            #expect(try await read() == [1, 2, 3])
            #expect(try !directory.names.contains { $0.contains(".new-") })
            calls += 1
        }
        // One rotate, and for each key unwrap, unwrap and wrap (rewrap), unwrap (check).
        #expect(calls == 1 + 4 * DataPurpose.allCases.count)
        #expect(try await read() == [1, 2, 3])
    }

    /// What a crash leaves behind at each point: the new master key without the new table, and a table half written
    /// aside.
    @Test func aCrashBetweenTheStepsOfARotationLeavesAllReadable() async throws {
        _ = try service.rotate()
        #expect(try await read() == [1, 2, 3])
        try Fixtures.write(Array("{\"format\":".utf8), table + ".new-1-1")
        #expect(try await read() == [1, 2, 3])
        _ = try await DataKeys.rotate(in: directory.path, service: service)
        #expect(try await read() == [1, 2, 3])
    }

    @Test func anOldCopyOfTheTableStillOpensAfterARotation() async throws {
        let old = try Fixtures.read(table)
        _ = try await DataKeys.rotate(in: directory.path, service: service)
        try Fixtures.write(old, table)
        #expect(try await read() == [1, 2, 3])
    }

    @Test func aServiceThatWrapsWrongDoesNotReplaceTheTable() async throws {
        let before = try Fixtures.read(table)
        await #expect(throws: SecretsError.self) {
            try await DataKeys.rotate(in: directory.path, service: BrokenService(service: service))
        }
        #expect(try Fixtures.read(table) == before)
    }

    @Test func keysCanBeGivenToAnotherService() async throws {
        let elsewhere = try TemporaryDirectory()
        let other = try PassphraseKeyService.create(
            path: elsewhere.file("master.key"), passphrase: Secret("another long passphrase"), cost: Fixtures.cheap)
        let rotation = try await DataKeys.move(in: directory.path, from: service, to: other)
        #expect(rotation.rewrapped == DataPurpose.allCases.count)
        #expect(try await read(other) == [1, 2, 3])
        await #expect(throws: SecretsError.self) { try await read() }
    }

    @Test func newDataKeysAreForNewDataAndOldOnesStay() async throws {
        let old = try keys.key(for: .models).id
        try await DataKeys.renew([.models], in: directory.path, service: service)
        #expect(try keys.key(for: .models).id == old)
        try await keys.reload(with: service)
        #expect(try keys.key(for: .models).id != old)
        #expect(try EncryptedFile.read(data, keys: keys, limit: 100) == [1, 2, 3])
        let new = directory.file("new")
        try EncryptedFile.write([4], to: new, keys: keys, purpose: .models, context: "c")
        #expect(try EncryptedFile.read(new, keys: keys, limit: 100) == [4])
    }

    @Test func aChangedEntryOfTheTableIsFound() async throws {
        let text = String(decoding: try Fixtures.read(table), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex { $0.contains("\"wrapped\"") })
        // Keys exchanged between purposes; a wrapped key with one other character; an id of another.
        func value(_ name: String, _ line: String) throws -> String {
            String(
                try #require(line.components(separatedBy: "\"\(name)\":\"").last?.components(separatedBy: "\"").first))
        }
        let (one, two) = (lines[first], lines[first + 1])
        let wrapped = (try value("wrapped", one), try value("wrapped", two))
        let changes = [
            text.replacingOccurrences(of: wrapped.0, with: wrapped.1),
            text.replacingOccurrences(
                of: wrapped.0, with: (wrapped.0.hasPrefix("A") ? "B" : "A") + wrapped.0.dropFirst()),
            text.replacingOccurrences(of: "\"purpose\":\"models\"", with: "\"purpose\":\"audit\""),
            text.replacingOccurrences(of: try value("id", one), with: String(repeating: "0", count: 32)),
            text.replacingOccurrences(of: try value("id", one), with: try value("id", two)),
            text.replacingOccurrences(of: "\"version\":1,\"wrapped\"", with: "\"version\":9,\"wrapped\""),
            text.replacingOccurrences(of: "\"service\":\"passphrase\"", with: "\"service\":\"vault\""),
            String(text.dropLast(20)), "", "{}", "[]",
        ]
        for (index, change) in changes.enumerated() {
            #expect(change != text)
            try Fixtures.write(Array(change.utf8), table)
            await #expect(throws: SecretsError.self, "change \(index)") { try await read() }
        }
        try Fixtures.write(Array(text.utf8), table)
        #expect(try await read() == [1, 2, 3])
    }

    @Test func aTableThatIsThereIsNotMadeAgain() async throws {
        let error = await Fixtures.failure { _ = try await DataKeys.create(in: directory.path, service: service) }
        #expect(error == .alreadyExists(path: table))
        let empty = try TemporaryDirectory()
        #expect(try DataKeys.describe(in: empty.path) == nil)
        let missing = await Fixtures.failure { _ = try await DataKeys.open(in: empty.path, service: service) }
        #expect(missing == .notSetUp(path: empty.file("keys.json")))
    }

    @Test func twoRotationsAtOnceDoNotMix() async throws {
        let lock = try OpenFile(directory.file("keys.lock"), O_RDWR | O_CREAT)
        try lock.lock(waits: false)
        let error = await Fixtures.failure { _ = try await DataKeys.rotate(in: directory.path, service: service) }
        #expect(error == .busy(path: directory.file("keys.lock")))
        #expect(try await read() == [1, 2, 3])
    }

    @Test(arguments: ["", "0", "zz", "+0112233445566778899aabbccddeeff", String(repeating: "0", count: 33)])
    func anIDIs32HexadecimalDigits(text: String) { #expect(DataKeyID(text) == nil) }

    @Test func anIDIsReadAsItIsWritten() {
        let id = DataKeyID.random()
        #expect(DataKeyID(id.description) == id)
    }

    @Test(arguments: ["header", "keys"]) func whatAFuzzerFoundHoldsEverAfter(_ parser: String) throws {
        let inputs = try SharedData.corpus(parser)
        #expect(!inputs.isEmpty)
        for input in inputs {
            if parser == "header" { SecretsFuzzing.header(input) } else { SecretsFuzzing.keyTable(input) }
        }
    }
}
