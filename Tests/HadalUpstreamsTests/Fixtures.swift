import Foundation
import HadalJSON
import HadalWire
import Testing

@testable import HadalUpstreams

extension UpstreamCapabilities {
    /// One that can do everything in its own words.
    static func all(_ kind: UpstreamKind) -> UpstreamCapabilities {
        let guided: GuidedForm? =
            switch kind {
            case .vLLM, .hadal, .other: .structuredOutputs
            case .sgLang: .sgLang
            case .llamaServer, .llamaCppPython: .grammar
            case .openAI, .deepSeek, .ollama: nil
            }
        let thinking: ThinkingForm? =
            switch kind {
            case .vLLM, .sgLang, .hadal, .llamaServer, .other: .variables
            case .deepSeek: .deepSeek
            case .openAI, .ollama: .effort
            case .llamaCppPython: nil
            }
        return UpstreamCapabilities(
            kind: kind, contextLength: 4096, features: Set(UpstreamFeature.allCases), guidedForm: guided,
            thinkingForm: thinking)
    }

    func without(_ features: UpstreamFeature...) -> UpstreamCapabilities {
        var copy = self
        copy.features.subtract(features)
        return copy
    }
}

extension WorkerRequest {
    /// A question with all that a client can say of its answer's length and stop.
    static func question(_ text: String = "Why?") -> WorkerRequest {
        WorkerRequest(
            id: "r1", prompt: .messages([["role": "user", "content": .string(text)]], variables: JSON.Object()))
    }

    static func text(_ text: String, tokens: Int? = 8) -> WorkerRequest {
        var request = WorkerRequest(id: "r1", prompt: .plain(.text(text)))
        request.maximumTokens = tokens
        return request
    }

    /// - Returns: the body as an upstream gets it.
    func body(_ can: UpstreamCapabilities, hasOwnSeed: Bool = true) throws -> JSON {
        .object(try call(can, hasOwnSeed: hasOwnSeed).body)
    }

    func call(_ can: UpstreamCapabilities, hasOwnSeed: Bool = true) throws -> UpstreamCall {
        try UpstreamCall(self, model: "m", upstream: "up", can, hasOwnSeed: hasOwnSeed)
    }
}

/// - Throws: what is not a refusal.
func refusal(of body: () async throws -> Void) async throws -> WorkerFailure? {
    do {
        try await body()
        return nil
    } catch let failure as WorkerFailure {
        return failure
    }
}

/// - Throws: what is not a loss.
func loss(of body: () async throws -> Void) async throws -> String? {
    do {
        try await body()
        return nil
    } catch UpstreamError.lost(_, let problem) {
        return problem
    }
}

func settings(_ url: URL, _ change: (inout UpstreamSettings) -> Void = { _ in }) -> UpstreamSettings {
    var settings = UpstreamSettings(name: "up", base: url, model: "m")
    // Long enough for a machine that is busy with other things.
    settings.timeouts.connect = .seconds(20)
    settings.timeouts.firstByte = .seconds(30)
    settings.timeouts.betweenEvents = .seconds(30)
    change(&settings)
    return settings
}

/// Serves with a stub, gives a client of it, and takes both down.
func withClient<Result>(
    _ can: UpstreamCapabilities = .all(.vLLM), key: UpstreamKey? = nil,
    _ change: (inout UpstreamSettings) -> Void = { _ in }, answer: @escaping StubServer.Answer,
    _ body: (UpstreamClient, StubServer) async throws -> Result
) async throws -> Result {
    let server = try await StubServer.start(answer)
    let client = try UpstreamClient(settings(server.url, change), key: key, capabilities: can)
    do {
        let result = try await body(client, server)
        try await client.shutdown()
        try await server.stop()
        return result
    } catch {
        try? await client.shutdown()
        try? await server.stop()
        throw error
    }
}

func all(_ events: UpstreamClient.Events) async throws -> [WorkerEvent] {
    var gathered: [WorkerEvent] = []
    for try await event in events { gathered.append(event) }
    return gathered
}

/// Whether it comes true within half a minute.
func eventually(_ condition: () async -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// A chunk of a chat.
func chunk(_ delta: String, finish: String? = nil, usage: String? = nil, more: String = "") -> String {
    let finish = finish.map { "\"\($0)\"" } ?? "null"
    let usage = usage.map { ",\"usage\":\($0)" } ?? ""
    return "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(finish)\(more)}]\(usage)}"
}

let someUsage = """
    {"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3},\
    "completion_tokens_details":{"reasoning_tokens":1}}
    """

/// An answer that thinks, says and calls.
let answerChunks = [
    chunk(#"{"role":"assistant","content":""}"#), chunk(#"{"reasoning_content":"Hm. ü"}"#),
    chunk(#"{"content":"It is "}"#),
    chunk(#"{"content":"so — 是"}"#),
    chunk(#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}}]}"#),
    chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}"#),
    chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#),
    chunk(#"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"tell","arguments":"{}"}}]}"#),
    chunk("{}", finish: "tool_calls"), "{\"id\":\"c\",\"choices\":[],\"usage\":\(someUsage)}", "[DONE]",
]

extension WorkerRequest {
    /// What `answerChunks` can answer.
    static func toolQuestion() -> WorkerRequest {
        var request = WorkerRequest.question()
        request.tools.definitions = ["look", "tell"].map { name in
            ["type": "function", "function": ["name": .string(name), "parameters": ["type": "object"]]]
        }
        return request
    }
}
