import Foundation
import HadalJSON
import HadalUpstreams
import HadalWire
import Subprocess
import TestSupport
import Testing

@testable import HadalGateway

/// The real program before another real server in a worker's place: llama_cpp.server from PyPI, and another Hadal.
@Suite(.serialized, .timeLimit(.minutes(15))) struct UpstreamPeerTests {
    /// Both read it. Its words are ASCII: llama_cpp.server leaves letters out of streams whose bytes are several tokens.
    private static func withPeer<Value: Sendable>(
        _ peer: UpstreamPeer,
        _ body:
            @escaping @Sendable (_ theirs: UpstreamPeer.Server, _ file: String) async throws
            -> Value
    ) async throws -> Value {
        let file = try TinyModel.write(contextLength: UInt32(UpstreamPeer.context), endless: true, ascii: true)
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try await peer.serve(file) { theirs in try await body(theirs, file) }
    }

    /// `hadal serve` with the other one as the model `ours`.
    private static func withOurs(
        _ theirs: UpstreamPeer.Server, _ body: @escaping @Sendable (Serving) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let configuration = """
            models:
              - name: ours
                upstream: {url: 'http://127.0.0.1:\(theirs.port)', model: \(theirs.model), requests: 1}
            workers: {wait: 1s}
            """
        let file = try directory.write(configuration.utf8, "hadal.yaml")
        let outcome = try await HadalProcess.serve(["--config", file]) { hadal in try await body(hadal.serving) }
        #expect(outcome.status == .exited(0))
    }

    private static func question(_ model: String, _ members: String, _ text: String = "Hello") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]\#(members)}"#
    }

    private static let chat = "/v1/chat/completions"

    private static func content(_ answer: Serving.Answer) throws -> String {
        try answer.events.filter { $0 != "[DONE]" }.compactMap {
            try JSON(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
        }.joined()
    }

    @Test(arguments: UpstreamPeer.allCases)
    func itIsFoundOutAndAnswersAsItDoesWhenAskedDirectly(_ peer: UpstreamPeer) async throws {
        try await Self.withPeer(peer) { theirs, _ in
            try await Self.withOurs(theirs) { ours in
                let status = try await ours.get("/admin/v1/upstreams").json["data"]?[0]
                let found = status?["found"]
                #expect(status?["name"] == "ours" && status?["reachable"] == true, "\(status?.text ?? "nothing")")
                #expect(found?["kind"]?.string == peer.rawValue)
                #expect(found?["contextLength"]?.int == UpstreamPeer.context)
                let features = Set(found?["features"]?.array?.compactMap(\.string) ?? [])
                var proven: Set = [
                    "chat", "completion", "seeds", "json_schema", "choice", "chat_logprobs", "top_k", "min_p",
                    "presence_penalty", "frequency_penalty", "logit_bias", "tokenize",
                ]
                // Random weights begin to think by accident, and do not end it: what they would say then is not proven.
                if peer == .hadal { proven.subtract(["json_schema", "choice"]) }
                #expect(features.isSuperset(of: proven), "missing: \(proven.subtracting(features))")

                var answers: Set<String> = []
                for members in [
                    #","temperature":0"#, #","temperature":1.3,"top_k":20,"seed":1"#,
                    #","temperature":1,"top_k":12,"top_p":0.8,"min_p":0.02,"seed":2"#,
                    #","top_k":20,"presence_penalty":1,"frequency_penalty":0.5,"seed":3"#,
                    #","temperature":0,"logit_bias":{"100":100}"#,
                    #","temperature":0,"stop":["a","e","i","o","u","n","t","s"," "]"#,
                ] {
                    let members = members + #","max_tokens":16"#
                    let direct = try await theirs.serving.post(Self.chat, Self.question(theirs.model, members))
                    let whole = try await ours.post(Self.chat, Self.question("ours", members))
                    let stream = try await ours.post(
                        Self.chat, Self.question("ours", members + #","stream":true"#))
                    try #require(stream.status == 200, "\(members): \(stream.body)")
                    let text = try #require(direct.json["choices"]?[0]?["message"]?["content"]?.string)
                    let message = whole.json["choices"]?[0]
                    #expect(message?["message"]?["content"]?.string == text, "\(members): \(whole.body)")
                    #expect(message?["finish_reason"] == direct.json["choices"]?[0]?["finish_reason"])
                    #expect(try Self.content(stream) == text, "\(members)")
                    #expect(stream.events.last == "[DONE]")
                    answers.insert(text)
                }
                #expect(answers.count >= (peer == .hadal ? 4 : 6), "a parameter that has no effect proves nothing")
                if peer == .hadal { return }

                let constrained = try await ours.post(
                    Self.chat,
                    Self.question(
                        "ours",
                        #","max_tokens":64,"temperature":0,"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object","properties":{"a":{"enum":["yes","no"]}},"required":["a"],"additionalProperties":false}}}"#
                    ))
                let object = constrained.json["choices"]?[0]?["message"]?["content"]?.string.flatMap {
                    try? JSON(parsing: $0)
                }
                #expect(["yes", "no"].contains(object?["a"]?.string), "\(constrained.body)")
            }
        }
    }

    @Test(arguments: UpstreamPeer.allCases)
    func itsRefusalsArePassedOnAndWhatIsNotProvenIsRefused(_ peer: UpstreamPeer) async throws {
        try await Self.withPeer(peer) { theirs, _ in
            try await Self.withOurs(theirs) { ours in
                let long = String(repeating: "word ", count: UpstreamPeer.context / 4)
                // More of them than losses after which it would be left alone.
                for stream in [false, true, false, true] {
                    let answer = try await ours.post(
                        Self.chat, Self.question("ours", #","max_tokens":8,"stream":\#(stream)"#, long))
                    #expect(answer.body.contains(#""code":"context_length_exceeded""#), "\(answer.body)")
                    if !stream { #expect(answer.status == 400) }
                }
                let unproven = try await ours.post(
                    Self.chat,
                    Self.question(
                        "ours",
                        #","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"#
                    ))
                #expect(unproven.status == 400 && unproven.errorField == "tools", "\(unproven.body)")
                let after = try await ours.post(Self.chat, Self.question("ours", #","max_tokens":4"#))
                #expect(after.status == 200, "\(after.body)")
            }
        }
    }

    @Test(arguments: UpstreamPeer.allCases)
    func itsDeathInMidStreamIsToldAndItIsUsedAgainWhenItIsBack(_ peer: UpstreamPeer) async throws {
        try await Self.withPeer(peer) { theirs, file in
            try await Self.withOurs(theirs) { ours in
                let short = Self.question("ours", #","max_tokens":8,"temperature":0"#)
                let before = try await ours.post(Self.chat, short)
                #expect(before.status == 200, "\(before.body)")
                let body = Self.question("ours", #","max_tokens":14000,"top_k":20,"seed":3,"stream":true"#)
                let connection = try RawConnection(port: ours.port)
                await connection.send(
                    "POST \(Self.chat) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                let first = await connection.read(until: #""delta":{"content":"#)
                #expect(first.contains(#""delta":{"content":"#), "\(first)")
                kill(theirs.process, SIGKILL)
                let rest = await connection.read()
                #expect(rest.contains(#""code":"worker_lost""#), "\(rest.suffix(300))")
                #expect(!rest.contains("[DONE]"))
                #expect(try await becomes { try await ours.get("/health/ready").status == 503 })
                let away = try await ours.post(Self.chat, short)
                #expect(away.status == 503, "\(away.body)")
                let status = try await ours.get("/admin/v1/upstreams").json["data"]?[0]
                #expect(status?["reachable"] == false && status?["problem"] != nil, "\(status?.text ?? "nothing")")
                #expect(status?["errors"]?["count"]?.int ?? 0 > 0)
                try await peer.serve(file, port: theirs.port) { _ in
                    #expect(try await becomes { try await ours.get("/health/ready").status == 200 })
                    let after = try await ours.post(Self.chat, short)
                    #expect(after.json["choices"] == before.json["choices"], "\(after.body)")
                }
            }
        }
    }

    /// llama_cpp.server breaks a stream off as soon as it is asked anything else.
    @Test(arguments: UpstreamPeer.allCases)
    func itsAnswersAreNotDisturbedByLookingHowItIs(_ peer: UpstreamPeer) async throws {
        try await Self.withPeer(peer) { theirs, _ in
            let url = try #require(URL(string: theirs.serving.base))
            let settings = UpstreamSettings(name: "ours", base: url, model: theirs.model)
            let model = UpstreamModel(settings, model: "ours", ledger: nil, logger: Notes().logger)
            _ = try await model.look()
            var request = WorkerRequest(
                id: "r", prompt: .messages([["role": "user", "content": "Hello"]], variables: JSON.Object()))
            request.maximumTokens = 400
            request.sampling.topK = 20
            let stream = try await model.generate(request, hasOwnSeed: false)
            var looks = 0
            var isFinished = false
            try await stream.forEachEvent { event in
                if case .delta = event, looks < 20 {
                    _ = try await model.look()
                    looks += 1
                }
                guard case .finished(let summary) = event else { return true }
                isFinished = summary.finish == .length
                return false
            }
            #expect(looks == 20 && isFinished)
            await model.end()
        }
    }
}
