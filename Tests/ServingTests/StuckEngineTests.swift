import Foundation
import HadalGateway
import Testing

/// A worker that answers how it is, while its engine does not get on.
@Suite(.timeLimit(.minutes(15))) struct StuckEngineTests {
    @Test func itIsReplaced() async throws {
        let worker = try FakeWorker(0, 0)
        try await Serving.run { configuration in
            worker.use(in: &configuration, memoryLimit: 1 << 30)
            configuration.workerSilenceLimit = .milliseconds(400)
        } _: { _ in
            let first = try #require(worker.processes.first)
            kill(first, SIGHUP)
            #expect(await ProcessEnd.wait(first))
            #expect(await becomes { worker.processes.count == 2 })
            let report = try #require(try worker.reports.all().first?.report.get())
            #expect(report.reason == .unresponsive && report.signal == Int(SIGKILL))
        }
    }
}
