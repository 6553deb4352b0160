import Crypto
import Foundation
import HadalEngine
import HadalModels
import Synchronization
import TestSupport
import Testing

/// Cached prefixes that outlive the engine, and files that cannot be trusted.
@Suite struct PrefixStoreTests {
    private final class Directory {
        let path = NSTemporaryDirectory() + "hadal-prefixes-\(UUID().uuidString)"
        let warnings = Warnings()
        deinit { try? FileManager.default.removeItem(atPath: path) }

        var files: [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { path + "/" + $0 }
        }
    }

    final class Warnings: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    private static func key(_ byte: UInt8) -> PrefixKey {
        PrefixKey(SymmetricKey(data: [UInt8](repeating: byte, count: 32)))
    }

    private func engine(
        _ directory: Directory, blocks: Int = 40, bytes: Int = 64 << 20, digest: UInt8 = 1, reloads: Int = 8,
        key: PrefixKey? = nil
    ) throws -> Engine {
        var options = EngineOptions()
        options.prefixStore = PrefixStoreOptions(directory: directory.path, bytesMax: bytes, key: key)
        options.reloadsBesideOthers = reloads
        let warnings = directory.warnings
        return try Engine(
            model: TinyModel.model(maximumRows: 48), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
            endTokens: [], options: options, modelDigest: [digest], warn: { warnings.add($0) })
    }

    private func request(_ length: Int, seed: UInt64 = 1, tenant: String = "") -> GenerationRequest {
        .test(prompt(length, seed: seed), 20) {
            $0.topLogProbabilities = 2
            $0.tenant = tenant
        }
    }

    @Test(arguments: [nil, key(1)]) func aPrefixSurvivesARestart(key: PrefixKey?) async throws {
        let directory = Directory()
        let before = try engine(directory, key: key)
        let expected = try await before.answer(request(200, tenant: "a"))
        await before.shutdown()
        // 219 positions were computed.
        #expect(before.statistics.store.written == 6)
        let after = try engine(directory, key: key)
        #expect(after.statistics.store.blocks == 6)
        let other = try await after.answer(request(200, tenant: "b"))
        #expect(other.cached == 0)
        let again = try await after.answer(request(200, tenant: "a"))
        #expect(again.cached == 192)
        #expect(again.withoutCounts == expected.withoutCounts && other.withoutCounts == expected.withoutCounts)
        #expect(after.statistics.store.read == 6)
        await after.shutdown()
        #expect(directory.warnings.all == [])
        // Nobody else may read what people asked.
        let attributes = try FileManager.default.attributesOfItem(atPath: #require(directory.files.first))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    /// Pieces of 16 bytes, without those that say nothing and the marks of records.
    private func pieces(of file: String) throws -> Set<Data> {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let pieces = stride(from: 0, to: bytes.count - 15, by: 16).map { bytes.subdata(in: $0..<$0 + 16) }
        return Set(pieces.filter { !$0.starts(with: "HADAL".utf8) && Set($0).count > 2 })
    }

    @Test func sealedBlocksShowNothingOfWhatWasSaid() async throws {
        let (plain, sealed) = (Directory(), Directory())
        for (directory, key) in [(plain, nil), (sealed, Self.key(1))] {
            let engine = try engine(directory, key: key)
            for seed in 0..<3 as Range<UInt64> { _ = try await engine.answer(request(200, seed: seed)) }
            await engine.shutdown()
        }
        // Keys and values, and the names, which are hashes of what was asked.
        let known = try pieces(of: try #require(plain.files.first))
        #expect(known.count > 5000)
        let shown = try pieces(of: try #require(sealed.files.first))
        #expect(shown.count > 5000 && known.isDisjoint(with: shown))
    }

    @Test func whatLiesUnderAnotherKeyOrNoneIsRemoved() async throws {
        let directory = Directory()
        var names: Set<String> = []
        var expected: Answer?
        for key in [nil, Self.key(1), Self.key(2), Self.key(1), nil] {
            let engine = try engine(directory, key: key)
            // Cold, not wrong.
            let answer = try await engine.answer(request(200))
            #expect(answer.cached == 0)
            if let expected { #expect(answer == expected) }
            expected = answer
            await engine.shutdown()
            #expect(directory.files.count == 1)
            names.formUnion(directory.files)
        }
        #expect(names.count == 3)
        #expect(directory.warnings.all == [])
        // Another key's file under the name of this one's.
        let first = try engine(directory, key: Self.key(1))
        _ = try await first.answer(request(200))
        await first.shutdown()
        let file = try #require(directory.files.first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let second = try engine(directory, key: Self.key(2))
        await second.shutdown()
        try bytes.write(to: URL(fileURLWithPath: try #require(directory.files.first)))
        let third = try engine(directory, key: Self.key(2))
        #expect(try await third.answer(request(200)) == expected)
        await third.shutdown()
        #expect(directory.warnings.all.count == 1)
    }

    @Test func whatMemoryGivesAwayIsFoundOnDisk() async throws {
        let directory = Directory()
        let engine = try engine(directory, blocks: 8)
        let expected = try await engine.answer(request(200, seed: 0))
        for seed in 1..<6 as Range<UInt64> { _ = try await engine.answer(request(200, seed: seed)) }
        #expect(engine.statistics.evictions > 20)
        // The writing is behind the computing: what it has not written yet is computed again.
        while engine.statistics.store.written < 6 { await Task.yield() }
        let again = try await engine.answer(request(200, seed: 0))
        #expect(again.withoutCounts == expected.withoutCounts)
        #expect(again.cached > 0 && engine.statistics.store.read > 0)
        await engine.shutdown()
    }

    /// Reading takes turns with the steps of others.
    @Test func readingDoesNotStopOthers() async throws {
        let directory = Directory()
        let before = try engine(directory)
        let expected = try await before.answer(request(230))
        await before.shutdown()
        let model = GatedModel(try TinyModel.model(maximumRows: 48))
        var options = EngineOptions()
        options.prefixStore = PrefixStoreOptions(directory: directory.path)
        options.reloadsBesideOthers = 2
        let engine = try Engine(
            model: model, tokenizer: TinyModel.shared.tokenizer, blocks: 40, endTokens: [], options: options,
            modelDigest: [1])
        let other = try engine.submit(.test(prompt(3, seed: 5), 100))
        await model.reachesGate()
        let stream = try engine.submit(request(230))
        model.allow(3)
        await model.reachesGate()
        // The step that had begun, and three in which two were read.
        #expect(engine.statistics.store.read == 6)
        model.allow(1000)
        let answer = await Answer(stream)
        #expect(answer.cached == 224)
        #expect(answer.withoutCounts == expected.withoutCounts)
        #expect(await Answer(other).generated == 100)
        await engine.shutdown()
    }

    @Test func theBudgetIsKept() async throws {
        let directory = Directory()
        // A block of the tiny model has 8 KiB.
        let bytes = 100_000
        for seed in 0..<4 as Range<UInt64> {
            let engine = try engine(directory, bytes: bytes)
            _ = try await engine.answer(request(200, seed: seed))
            await engine.shutdown()
        }
        let size = try FileManager.default.attributesOfItem(atPath: #require(directory.files.first))[.size] as? Int
        #expect(try #require(size) <= bytes)
        let engine = try engine(directory, bytes: bytes)
        #expect(try await engine.answer(request(200, seed: 3)).cached == 192)
        #expect(try await engine.answer(request(200, seed: 0)).cached == 0)
        await engine.shutdown()
        // A smaller budget cuts the file.
        let small = try self.engine(directory, bytes: 30_000)
        #expect(small.statistics.store.blocks <= 3)
        await small.shutdown()
        #expect(directory.warnings.all == [])
    }

    @Test(arguments: [nil, key(1)]) func damagedBlocksAreNeverUsed(key: PrefixKey?) async throws {
        let directory = Directory()
        let before = try engine(directory, key: key)
        let expected = try await before.answer(request(200))
        await before.shutdown()
        let path = try #require(directory.files.first)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SplitMix(state: 5)
        for round in 0..<30 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            }
            if round % 5 == 0 { bytes = bytes.prefix(Int.random(in: 0...bytes.count, using: &random)) }
            try bytes.write(to: URL(fileURLWithPath: path))
            let engine = try engine(directory, key: key)
            #expect(try await engine.answer(request(200)).withoutCounts == expected.withoutCounts, "round \(round)")
            await engine.shutdown()
        }
        #expect(!directory.warnings.all.isEmpty)
    }

    @Test func anotherModelsFileIsNotRead() async throws {
        let directory = Directory()
        let before = try engine(directory)
        _ = try await before.answer(request(200))
        await before.shutdown()
        let other = try engine(directory, digest: 2)
        #expect(other.statistics.store.blocks == 0)
        #expect(try await other.answer(request(200)).cached == 0)
        await other.shutdown()
        #expect(directory.files.count == 2)
        // Even under the other's name.
        let names = directory.files
        let blocks = try Data(contentsOf: URL(fileURLWithPath: names[0]))
        try blocks.write(to: URL(fileURLWithPath: names[1]))
        for digest in [1, 2] as [UInt8] {
            let engine = try engine(directory, digest: digest)
            await engine.shutdown()
        }
        #expect(directory.warnings.all.count == 1)
        #expect(directory.warnings.all[0].contains("replaced"))
    }

    @Test func aFileInUseIsLeftAlone() async throws {
        let directory = Directory()
        let first = try engine(directory)
        let second = try engine(directory)
        #expect(directory.warnings.all.count == 1)
        let one = try await first.answer(request(100))
        let two = try await second.answer(request(100))
        #expect(one == two)
        #expect(second.statistics.store.blocksMax == 0)
        await first.shutdown()
        await second.shutdown()
    }

    @Test func aDirectoryThatCannotBeIsAnError() throws {
        let directory = Directory()
        try Data().write(to: URL(fileURLWithPath: directory.path))
        let error = #expect(throws: EngineError.self) { try engine(directory) }
        guard case .prefixStore = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
