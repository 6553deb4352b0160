import Foundation
import HadalJSON
import TestSupport
import Testing

/// How much of a model is loaded, as administrators see it.
@Suite(.timeLimit(.minutes(15))) struct LoadingTests {
    @Test func aWorkerThatLoadsTellsHowFarItIs() async throws {
        let worker = try FakeWorker(100_000, 100_000)
        try await Serving.run(configure: { worker.use(in: &$0, memoryLimit: 1 << 40) }) { serving in
            @Sendable func shown() async throws -> JSON? {
                try await serving.get("/admin/v1/workers").json["data"]?[0]
            }
            try #require(mkfifo(worker.hold, 0o600) == 0)
            kill(try #require(worker.processes.first), SIGKILL)
            #expect(try await becomes { try await shown()?["loaded"]?.double == 0.4 })
            #expect(try await shown()?["state"] == "starting")
            let pipe = open(worker.hold, O_WRONLY)
            unlink(worker.hold)
            close(pipe)
            #expect(try await becomes { try await shown()?["state"] == "ready" })
            #expect(try await shown()?["loaded"] == nil)
        }
    }
}
