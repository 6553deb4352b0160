import Foundation
import HadalJSON
import Subprocess
import Synchronization
import TestSupport
import Testing

/// The real program with a small trained model: processes, signals, sockets.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ProcessTests {
    static let folder = "weights/stories260K/"
    static let model = SharedData.file(folder + "stories260K.gguf")?.path
    static let hasModel: Comment = "needs the trained model of ../shared/data/weights/stories260K"

    private static let story = #"{"model":"stories260K","prompt":"Once upon a time","temperature":0,"max_tokens":48}"#

    @Test(.enabled(if: model != nil, hasModel)) func theTrainedModelTellsItsStory() async throws {
        let known = try #require(SharedData.file(Self.folder + "known-good-output.json"))
        let expected = try #require(try JSON(parsing: try Data(contentsOf: known))["expected"]?.string)
        let outcome = try await HadalProcess.serve(try #require(Self.model)) { hadal in
            let answer = try await hadal.serving.post(
                "/v1/completions",
                #"{"model":"stories260K","prompt":"","temperature":0,"max_tokens":256}"#)
            let text = try #require(answer.json["choices"]?[0]?["text"]?.string)
            #expect(!text.isEmpty)
            #expect(expected.hasPrefix(text) || text.hasPrefix(expected))
            let example = try await hadal.serving.post(hadal.example.path, hadal.example.body)
            #expect(example.status == 200)
            #expect(example.json["choices"]?[0]?["text"]?.string?.isEmpty == false)
            try await PythonClient.run(base: hadal.serving.base, model: "stories260K", ["models", "stories"])
        }
        #expect(outcome.status == .exited(0))
    }

    /// What a stream tells, without what differs from answer to answer.
    private static func told(_ answer: Serving.Answer) throws -> [JSON] {
        try answer.events.filter { $0 != "[DONE]" }.flatMap { event -> [JSON] in
            let json = try JSON(parsing: event)
            let usage = json["usage"]?["completion_tokens"]
            return (json["choices"]?.array ?? []) + [json["error"], usage].compactMap { $0 }
        }
    }

    private static func stories(_ hadal: HadalProcess, _ each: @escaping @Sendable () -> Void) async throws -> [[JSON]]
    {
        try await withThrowingTaskGroup(of: (Int, [JSON]).self) { group in
            for index in 0..<16 {
                let body = """
                    {"model":"guide","prompt":"Story \(index): ","max_tokens":\(300 + index),"stream":true,"ignore_eos":true,\
                    "seed":\(index),"temperature":\(index % 3),"logprobs":1,"stream_options":{"include_usage":true}}
                    """
                group.addTask {
                    defer { each() }
                    return (index, try told(try await hadal.serving.post("/v1/completions", body)))
                }
            }
            return try await group.reduce(into: Array(repeating: [], count: 16)) { $0[$1.0] = $1.1 }
        }
    }

    @Test func streamsOutliveTheirWorkers() async throws {
        let outcome = try await HadalProcess.serve([]) { hadal in
            let expected = try await Self.stories(hadal) {}
            for (index, story) in expected.enumerated() { #expect(story.last == .int(Int64(300 + index))) }
            let ended = Atomic(0)
            async let got = Self.stories(hadal) { ended.add(1, ordering: .relaxed) }
            let probe = try RawConnection(port: hadal.port)
            let body = #"{"model":"guide","prompt":"a","max_tokens":400,"stream":true,"ignore_eos":true}"#
            await probe.send(
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await probe.read(until: "data: ").contains("data: "))
            var hit = 0
            for _ in 0..<3 {
                let worker = try #require(hadal.workers.first)
                if ended.load(ordering: .relaxed) < 16 { hit += 1 }
                kill(worker, SIGKILL)
                #expect(await ProcessEnd.wait(worker))
                // Liveness does not depend on the worker; readiness comes back with the next one.
                #expect(try await hadal.serving.get("/health/live").status == 200)
                #expect(
                    try await becomes {
                        try await hadal.serving.get("/health/ready").status == 200
                            && hadal.workers.contains { $0 != worker }
                    })
            }
            #expect(hit > 0)
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            #expect(await probe.read().contains(#""finish_reason":"length""#))
        }
        #expect(outcome.status == .exited(0))
    }

    @Test(.enabled(if: model != nil, hasModel)) func aPromptIsRememberedBeyondARestart() async throws {
        let directory = NSTemporaryDirectory() + "hadal-prefixes-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let words = String(repeating: "Once upon a time there was a little girl. ", count: 12)
        let body =
            #"{"model":"stories260K","prompt":"\#(words)","temperature":0,"max_tokens":16,"logprobs":1}"#
        var answers: [JSON] = []
        for start in 0..<2 {
            let outcome = try await HadalProcess.serve(
                try #require(Self.model), ["--prefix-cache-dir", directory, "--kv-cache", "64MiB", "--batch", "4"]
            ) { hadal in
                let first = try await hadal.serving.post("/v1/completions", body)
                let second = try await hadal.serving.post("/v1/completions", body)
                let ready = try await hadal.serving.get("/health/ready")
                let stored = ready.json["engines"]?["stories260K"]?["stored_blocks_read"]?.int ?? 0
                #expect(start == 0 ? stored == 0 : stored > 0)
                return [first.json, second.json]
            }
            #expect(outcome.status == .exited(0))
            answers += outcome.value
        }
        let cached = answers.map { $0["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.int ?? -1 }
        #expect(cached[0] == 0 && cached[1] > 64 && cached[2] == cached[1] && cached[3] == cached[1])
        #expect(answers.allSatisfy { $0["choices"] == answers[0]["choices"] })
    }

    @Test(.enabled(if: model != nil, hasModel)) func theWorkerEndsWithItsGateway() async throws {
        let outcome = try await HadalProcess.serve(try #require(Self.model)) { hadal in
            let worker = try #require(hadal.workers.first)
            kill(hadal.process, SIGKILL)
            #expect(await ProcessEnd.wait(worker))
        }
        #expect(outcome.status == .signaled(SIGKILL))
    }

    @Test(.enabled(if: model != nil, hasModel)) func runningAnswersOutliveTheSignalToStop() async throws {
        let outcome = try await HadalProcess.serve(try #require(Self.model)) { hadal in
            let connection = try RawConnection(port: hadal.port)
            let body = #"{"model":"stories260K","prompt":"","max_tokens":150,"stream":true,"ignore_eos":true}"#
            await connection.send(
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await connection.read(until: "data: ").contains("data: "))
            kill(hadal.process, SIGTERM)
            let rest = await connection.read()
            #expect(rest.contains(#""finish_reason":"length""#))
            #expect(rest.contains("[DONE]"))
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aWideAddressIsRefused() async throws {
        let outcome = try await HadalProcess.run(["serve", "guide", "--listen", "0.0.0.0:0"])
        #expect(outcome.status == .exited(1))
        #expect(outcome.errors.contains("--insecure"))
    }

    @Test func aModelThatCannotBeLoadedEndsTheServer() async throws {
        let outcome = try await HadalProcess.run(["serve", "/nowhere.gguf", "--listen", "127.0.0.1:0"])
        #expect(outcome.status == .exited(1))
        #expect(outcome.errors.contains("/nowhere.gguf"))
    }
}
