import Foundation
import HadalAudit
import HadalJSON
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// What happens where nothing can be recorded, and what is left of a server that is killed.
@Suite(.serialized, .timeLimit(.minutes(15))) struct TrailFailureTests {
    /// More than any disk has.
    private static let everything: UInt64 = 1 << 62

    @Test func onAFullDiskNothingIsAsked() async throws {
        let asked = Asked()
        try await TrailServing.run(asked.backend(), reserve: Self.everything) { guarded in
            for _ in 0..<2 {
                let answer = try await guarded.ask("one two")
                #expect(answer.status == 503 && answer.errorCode == "audit_unavailable", "\(answer.body)")
                #expect(!answer.body.contains(guarded.data.path))
            }
            let status = try await guarded.admin(.GET, "trail/status")
            #expect(status.json["failure"]?.string?.contains("make room") == true, "\(status.body)")
            #expect(try await guarded.serving.get("/health/live").status == 200)
            #expect(try guarded.records() == [])
        }
        #expect(asked.texts == [])
    }

    @Test func onAFullDiskRequestsGoOnWhereThePolicySaysSo() async throws {
        try await TrailServing.run(reserve: Self.everything, onFailure: .goOn) { guarded in
            #expect(try await guarded.ask("one two").status == 200)
            let status = try await guarded.admin(.GET, "trail/status")
            #expect(status.json["lost"]?.int ?? 0 > 0 && status.json["failure"] != nil, "\(status.body)")
        }
    }

    private actor Answered {
        private(set) var ids: [String] = []

        func add(_ id: String) -> Int {
            ids.append(id)
            return ids.count
        }
    }

    @Test func whatWasAnsweredIsRecordedThoughTheServerIsKilled() async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write(
            "content: {record: {input: full, output: full, durable: true}}\n".utf8, "hadal.yaml")
        let data = URL(fileURLWithPath: directory.file("data"))
        let body = #"{"model":"guide","max_tokens":1,"messages":[{"role":"user","content":"How?"}]}"#
        let outcome = try await HadalProcess.serve(["--config", config, "--data", data.path]) { hadal in
            let answered = Answered()
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        while let answer = try? await hadal.serving.post("/v1/chat/completions", body),
                            answer.status == 200, let id = answer.json["id"]?.string
                        {
                            // The others are on their way.
                            if await answered.add(id) == 30 { kill(hadal.process, SIGKILL) }
                        }
                    }
                }
            }
            return await answered.ids
        }
        #expect(outcome.status == .signaled(SIGKILL) && outcome.value.count >= 30)
        // The next start cuts off what was half written.
        try await AuditTrail(data: data.path, keys: nil).close()
        let records = try TrailServing.records(data).reduce(into: [:]) { $0[$1.requestID ?? ""] = $1 }
        #expect(Set(outcome.value).subtracting(records.keys) == [])
        let contents = try AuditContents(data: data.path)
        for id in outcome.value {
            let record = try #require(records[id])
            #expect(try contents.input(of: record).contains("How?"))
        }
        #expect(try TrailServing.isValid(data))
    }
}
