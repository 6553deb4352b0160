import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

@testable import HadalAccess

/// Versions that are asked for by their numbers: `chat@2`.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReleaseTrialTests {
    @Test func greenIsTriedBeforeItIsPromoted() async throws {
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(2)
            let down = try await serving.ask(model: "chat@2")
            #expect(down.status == 409 && down.errorCode == "version_not_up", "\(down.body)")
            #expect(down.body.contains("hadal releases start chat 2"), "\(down.body)")
            let rollout = try await serving.start(2, "blue-green", ["switchesByItself": false])
            try await serving.wait(rollout, for: "running")
            for number in 1...2 {
                let answer = try await serving.ask(model: "chat@\(number)")
                #expect(answer.status == 200 && answer.content == "v\(number)", "\(answer.body)")
                #expect(answer.target == "chat@\(number)" && answer.json["model"]?.string == "chat@\(number)")
            }
            let streamed = try await serving.guarded.serving.ask("chat@2", "one", #","stream":true"#)
            #expect(streamed.streamed == "v2", "\(streamed.body)")
            #expect(try await serving.ask().content == "v1")
            _ = try await serving.admin(.POST, "releases/\(rollout)/promote", ["why": "it answers well"])
            try await serving.wait(rollout, for: "promoted")
            #expect(try await serving.ask().content == "v2")
            // It stands by.
            #expect(try await serving.ask(model: "chat@1").content == "v1")
            #expect(try await serving.ask(model: "chat@9").errorCode == "version_not_up")
            for name in ["other@1", "chat@02", "chat@-1", "chat@", "@1", "chat@1@1"] {
                let answer = try await serving.ask(model: name)
                #expect(answer.status == 404 && answer.errorCode == "model_not_found", "\(name): \(answer.body)")
            }
            #expect(try await serving.guarded.serving.get("/v1/models").names.allSatisfy { !$0.contains("@") })
        }
    }

    @Test func whoMayNotManageReleasesLearnsNothingOfThem() async throws {
        try await ReleaseServing.run([nil, nil]) { open in
            var serving = open
            serving.key = try open.guarded.key(["administrator"]).secret
            try await serving.release(2)
            #expect(try await serving.ask(model: "chat@1").content == "v1")
            let user = try open.guarded.key().secret
            let unknown = try await serving.ask(model: "nothing@1", key: user)
            #expect(unknown.status == 404 && unknown.errorCode == "model_not_found")
            // Up, down, and none.
            for name in ["chat@1", "chat@2", "chat@9"] {
                let answer = try await serving.ask(model: name, key: user)
                #expect(answer.status == unknown.status)
                #expect(answer.body.replacing(name, with: "nothing@1") == unknown.body)
            }
            let other = try open.guarded.key(["administrator"], models: .only(["base"])).secret
            #expect(try await serving.ask(model: "base", key: other).content == "base")
            for name in ["chat@1", "chat@2"] {
                #expect(try await serving.ask(model: name, key: other).errorCode == "model_not_found")
            }
        }
    }

    @Test func whatIsTriedIsNoEvidence() async throws {
        let broken = ReleaseServing.verified { _ throws(WorkerFailure) in
            throw WorkerFailure(.internal, "its weights are broken")
        }
        try await ReleaseServing.run([nil, broken]) { serving in
            try await serving.release(2)
            let rollout = try await serving.start(
                2, "canary",
                [
                    "steps": [ReleaseServing.step(50), ReleaseServing.step(100)],
                    "guardrails": [["metric": "error_rate", "absolute": 0.1, "minimumSamples": 30]],
                ])
            try await serving.wait(rollout, for: "running")
            for _ in 0..<60 { #expect(try await serving.ask(model: "chat@2").status >= 500) }
            let tried = try await serving.ask(model: "chat@1")
            let verdict = try await serving.show(rollout)["verdicts"]?[0]
            #expect(verdict?["outcome"] == "tooFew" && verdict?["candidate"] == nil && verdict?["baseline"] == nil)
            let said = try await serving.admin(
                .POST, "feedback",
                ["request": .string(try #require(tried.json["id"]?.string)), "metric": "solved", "value": true])
            #expect(said.status == 404, "\(said.body)")
            // Those that the traffic leads there are.
            while try await serving.show(rollout)["state"] == "running" { _ = try await serving.ask() }
            try await serving.wait(rollout, for: "aborted")
        }
    }
}
