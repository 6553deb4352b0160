import Foundation
import HadalJSON
import HadalWire
import HadalWorker

/// A model that needs no arithmetic: it says the last message again, a token a word. Tests that need other behaviour give
/// a script.
struct ScriptedBackend: WorkerBackend {
    typealias Script = @Sendable (WorkerRequest) throws(WorkerFailure) -> AsyncStream<[WorkerEvent]>

    /// It has a digest, so that nobody asks for it again and again.
    var model = WorkerModel(
        architecture: "scripted", contextLength: 64, vocabularySize: 1000, parameters: 0, weightBytes: 0,
        fingerprint: "fp_scripted", abilities: [.chat, .completion, .infill, .embedding], embeddingDimensions: 3,
        digest: "scripted")
    var figures: EngineFigures?
    var script: Script = ScriptedBackend.echo

    func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<[WorkerEvent]> {
        try script(request)
    }

    func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings {
        Embeddings(
            vectors: request.inputs.map { input in
                switch input {
                case .text(let text): .init([Float(text.count), 0.1, -2])
                case .tokens(let tokens): .init([Float(tokens.count), 0.2, -2])
                }
            },
            promptTokens: request.inputs.count)
    }

    static func text(of request: WorkerRequest) -> String {
        switch request.prompt {
        case .messages(let messages, _): messages.last?["content"]?.string ?? ""
        case .infill(let before, let after): "[\(before)|\(after)]"
        case .plain(.text(let text)): text
        case .plain(.tokens(let tokens)): tokens.map(String.init).joined(separator: " ")
        }
    }

    /// Thinks "Hm." first where the template variable `thinking` is true, then says the prompt's words, `maximumTokens` of
    /// them at most.
    static let echo: Script = { request throws(WorkerFailure) in
        let words = text(of: request).split(separator: " ").map(String.init)
        guard words.count <= 64 else {
            throw WorkerFailure(.contextLengthExceeded, "the prompt has \(words.count) tokens; at most 63 fit")
        }
        var thinks = false
        if case .messages(_, let variables) = request.prompt { thinks = variables["thinking"]?.bool ?? false }
        var events: [WorkerEvent] = []
        if thinks {
            events.append(.delta(GenerationDelta(part: .reasoning, text: "Hm.", tokens: [token("Hm.", 0, request)])))
        }
        var count = 0
        var stop: String?
        for (index, word) in words.prefix(request.maximumTokens ?? .max).enumerated() where stop == nil {
            var text = index == 0 ? word : " " + word
            stop = request.stop.texts?.first { text.contains($0) }
            if let stop, let place = text.range(of: stop) { text = String(text[..<place.lowerBound]) }
            count += 1
            events.append(
                .delta(GenerationDelta(part: .content, text: text, tokens: [token(text, Int32(index + 1), request)])))
        }
        let usage = Usage(
            promptTokens: words.count, completionTokens: count + (thinks ? 1 : 0), reasoningTokens: thinks ? 1 : 0)
        let summary = GenerationSummary(
            finish: count < words.count && stop == nil ? .length : .stop, stop: stop, usage: usage)
        return stream(events + [.finished(summary)])
    }

    /// As `echo`, but it calls tools: the first, or the one it has to, for the last word of the question, and the second
    /// too where the question speaks of both. What a tool answered, it says. It goes on with what was begun.
    static let agent: Script = { request throws(WorkerFailure) in
        guard case .messages(let messages, let variables) = request.prompt, let last = messages.last else {
            return try echo(request)
        }
        let text = last["content"]?.string ?? ""
        if request.continuesLast { return stream([.said("on after " + text), .done(.stop)]) }
        if last["role"] == "tool" {
            let thought = messages.last { $0["role"] == "assistant" }?["reasoning_content"]?.string
            return stream([.said("It is \(text)." + (thought.map { " (\($0))" } ?? "")), .done(.stop)])
        }
        let names = request.tools.active.compactMap { $0["function"]?["name"]?.string }
        guard var name = names.first else { return try echo(request) }
        var events: [WorkerEvent] = []
        if variables["thinking"]?.bool ?? false {
            events.append(.delta(GenerationDelta(part: .reasoning, text: "Hm.", tokens: [])))
        }
        if request.tools.choice == .auto { events.append(.said("Let me look.")) }
        if case .function(let named) = request.tools.choice { name = named }
        events += call(0, name, ["{\"city\"", ": \"", text.split(separator: " ").last.map(String.init) ?? "", "\"}"])
        if text.contains("both"), request.tools.isParallel, names.count > 1 { events += call(1, names[1], ["{}"]) }
        return stream(events + [.done(.toolCalls)])
    }

    /// Says as JSON what it was asked.
    static let mirror: Script = { request throws(WorkerFailure) in
        stream([.said(request.json.text), .done(.stop)])
    }

    private static func call(_ index: Int, _ name: String, _ pieces: [String]) -> [WorkerEvent] {
        [.delta(GenerationDelta(part: .call(index: index, name: name), text: "", tokens: []))]
            + pieces.map { .delta(GenerationDelta(part: .call(index: index, name: nil), text: $0, tokens: [])) }
    }

    /// A token a word, numbered from 0.
    func tokenize(_ request: TokenizeRequest) async throws(WorkerFailure) -> TokenizedPrompt {
        let words = ScriptedBackend.text(of: request.request).split(separator: " ").map(String.init)
        return TokenizedPrompt(tokens: words.indices.map { Int32($0) }, texts: words)
    }

    func detokenize(_ request: DetokenizeRequest) async throws(WorkerFailure) -> String {
        request.tokens.map(String.init).joined(separator: " ")
    }

    static func stream(_ events: [WorkerEvent]) -> AsyncStream<[WorkerEvent]> {
        AsyncStream { continuation in
            for event in events { continuation.yield([event]) }
            continuation.finish()
        }
    }

    private static func token(_ text: String, _ id: Int32, _ request: WorkerRequest) -> GeneratedToken {
        guard let top = request.topLogProbabilities else { return GeneratedToken(id: id) }
        let alternatives = (0..<top).map { index in
            GeneratedToken.Candidate(
                id: Int32(100 + index), bytes: Array("alternative\(index)".utf8), logProbability: -1 - Double(index))
        }
        return GeneratedToken(
            id: id, chosen: .init(id: id, bytes: Array(text.utf8), logProbability: -0.5), alternatives: alternatives)
    }
}

extension WorkerEvent {
    static func said(_ text: String) -> WorkerEvent {
        .delta(GenerationDelta(part: .content, text: text, tokens: [GeneratedToken(id: 1)]))
    }

    static func done(_ finish: FinishReason) -> WorkerEvent {
        .finished(
            GenerationSummary(finish: finish, usage: Usage(promptTokens: 5, cachedTokens: 2, completionTokens: 3)))
    }
}

/// A generation that goes on until somebody ends it, and tells how it ended.
final class EndlessGeneration: Sendable {
    /// Yields once for each generation whose taker went away.
    let cancelled: AsyncStream<Void>
    private let report: AsyncStream<Void>.Continuation
    /// Yields once for each request that arrives.
    let started: AsyncStream<WorkerRequest>
    private let arrival: AsyncStream<WorkerRequest>.Continuation
    private let continuations = Continuations()

    private actor Continuations {
        private var all: [AsyncStream<[WorkerEvent]>.Continuation] = []

        func add(_ continuation: AsyncStream<[WorkerEvent]>.Continuation) { all.append(continuation) }

        func finish() {
            let summary = GenerationSummary(finish: .stop, usage: Usage(promptTokens: 1, completionTokens: 1))
            for continuation in all {
                continuation.yield([.finished(summary)])
                continuation.finish()
            }
        }
    }

    init() {
        (cancelled, report) = AsyncStream.makeStream()
        (started, arrival) = AsyncStream.makeStream()
    }

    /// Says one word and then waits.
    var script: ScriptedBackend.Script {
        { [self] request throws(WorkerFailure) in
            let (stream, continuation) = AsyncStream<[WorkerEvent]>.makeStream()
            continuation.onTermination = { [report] termination in
                if case .cancelled = termination { report.yield() }
            }
            continuation.yield([.delta(GenerationDelta(part: .content, text: "word", tokens: [GeneratedToken(id: 1)]))])
            Task { [continuations, arrival] in
                await continuations.add(continuation)
                arrival.yield(request)
            }
            return stream
        }
    }

    /// Ends the generations as a model would.
    func finish() async { await continuations.finish() }
}
