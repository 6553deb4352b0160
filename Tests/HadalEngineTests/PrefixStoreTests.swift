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

    private func engine(
        _ directory: Directory, blocks: Int = 40, bytes: Int = 64 << 20, digest: UInt8 = 1, reloads: Int = 8
    ) throws -> Engine {
        var options = EngineOptions()
        options.prefixStore = PrefixStoreOptions(directory: directory.path, bytesMax: bytes)
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

    @Test func aPrefixSurvivesARestart() async throws {
        let directory = Directory()
        let before = try engine(directory)
        let expected = try await before.answer(request(200, tenant: "a"))
        await before.shutdown()
        // 219 positions were computed.
        #expect(before.statistics.store.written == 6)
        let after = try engine(directory)
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

    @Test func damagedBlocksAreNeverUsed() async throws {
        let directory = Directory()
        let before = try engine(directory)
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
            let engine = try engine(directory)
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
