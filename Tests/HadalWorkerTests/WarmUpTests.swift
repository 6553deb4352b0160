import Foundation
import HadalEngine
import HadalWire
import HadalWorker
import TestSupport
import Testing

/// What a worker computes before it is ready.
@Suite struct WarmUpTests {
    private static func host(_ configure: (inout LoadOptions) -> Void = { _ in }) throws -> ModelHost {
        let path = try TinyModel.write(endless: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LoadOptions()
        options.threads = 1
        configure(&options)
        return try ModelHost.load(path, options: options)
    }

    @Test func aPromptAndSomeTokensAreComputedAndNothingIsKept() async throws {
        let host = try Self.host()
        try await EngineBackend(host).warmUp()
        let statistics = host.engine.statistics
        #expect(statistics.promptTokens >= 16 && statistics.generatedTokens >= 4)
        #expect(statistics.running == 0 && statistics.waiting == 0)
        #expect(statistics.usedBlocks == 0 && statistics.cachedBlocks == 0)
    }

    @Test(arguments: [2, 3, 8]) func aShortContextIsEnough(context: Int) async throws {
        let host = try Self.host { $0.context = context }
        try await EngineBackend(host).warmUp()
        #expect(host.engine.statistics.generatedTokens > 0)
    }

    @Test func aModelThatCannotComputeIsNotReady() async throws {
        let host = try Self.host()
        await host.engine.shutdown()
        await #expect(throws: WorkerFailure.self) { try await EngineBackend(host).warmUp() }
    }
}
