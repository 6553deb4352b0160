import Foundation
import HadalGateway
import Testing

/// Workers that take more memory than they may.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MemoryLimitTests {
    private static let limit = 128 << 20

    /// - Returns: the report of a worker that took so much memory by a signal, once another one answers.
    private static func report(after signal: Int32) async throws -> CrashReport {
        // Between the limit and 110 % of it, and far beyond.
        let worker = try FakeWorker(133, 200)
        return try await Serving.run(configure: { worker.use(in: &$0, memoryLimit: limit) }) { serving in
            let first = try #require(worker.processes.first)
            kill(first, signal)
            #expect(await ProcessEnd.wait(first))
            #expect(await becomes { worker.processes.count == 2 })
            let detokenized = try await serving.post("/detokenize", #"{"model":"scripted","tokens":[1]}"#)
            #expect(detokenized.body.contains("\(worker.processes[1])"), "\(detokenized.body)")
            let entries = try worker.reports.all()
            #expect(entries.count == 1)
            return try #require(try entries.first?.report.get())
        }
    }

    @Test func aWorkerBeyondItsLimitIsReplaced() async throws {
        let report = try await Self.report(after: SIGUSR1)
        #expect(report.reason == .memoryLimit && report.exitCode == 0 && report.signal == nil)
        #expect(report.memoryLimit == Self.limit && report.digest == "00")
        #expect(try #require(report.memory) > Self.limit)
        #expect(report.lastLines == ["a last word"])
    }

    @Test func aWorkerFarBeyondItsLimitIsEndedAtOnce() async throws {
        let report = try await Self.report(after: SIGUSR2)
        #expect(report.reason == .memoryLimit && report.signal == Int(SIGKILL))
        #expect(try #require(report.peakMemory) > Self.limit + Self.limit / 10)
    }
}
