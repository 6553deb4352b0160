import HadalJSON
import HadalWire

/// Makes a worker's events of the chunks of an upstream's stream, and refuses what cannot be one.
struct UpstreamEventReader: Sendable {
    /// What arrived cannot be an answer to what was asked.
    struct NotUnderstood: Error {
        var problem: String

        init(_ problem: String) { self.problem = problem }
    }

    let call: UpstreamCall
    let failures: UpstreamFailures
    var hasStarted = false
    /// Whether the answer has all its text; its usage may still come.
    var finish: FinishReason?
    /// Whether there is nothing more to read.
    var isDone = false
    var usage: Usage?
    /// Pieces with text, which servers send for a token each; counted where no usage comes.
    var pieces = 0
    var reasoningPieces = 0
    var stop: String?
    private var calls = ToolCallPieces()
    var warnings: [String] = []

    init(call: UpstreamCall, failures: UpstreamFailures) {
        self.call = call
        self.failures = failures
    }

    /// - Returns: the events that this one holds; `failed` is the last.
    mutating func read(_ event: ServerSentEvent) throws(NotUnderstood) -> [WorkerEvent] {
        guard !isDone else { return [] }
        if event.data == "[DONE]" {
            guard finish != nil else { throw NotUnderstood("the stream ends without a reason") }
            isDone = true
            return []
        }
        let chunk: JSON
        do throws(JSONError) { chunk = try JSON(parsing: event.data) } catch {
            throw NotUnderstood("an event that is no JSON (\(error))")
        }
        guard chunk.object != nil else { throw NotUnderstood("an event that is no object") }
        if let error = chunk["error"], !error.isNull { return failed(chunk) }
        if event.name == "error" || chunk["object"] == "error" { return failed(chunk) }
        if call.shape == .infill { return try native(chunk) }
        try readUsage(chunk["usage"])
        guard let choices = chunk["choices"]?.array else {
            // Some send a first or last event about other things.
            guard chunk["usage"] != nil || chunk["id"] != nil else { throw NotUnderstood("an event without choices") }
            return []
        }
        guard let choice = choices.first else { return [] }
        guard choices.count == 1, (choice["index"]?.int ?? 0) == 0 else {
            throw NotUnderstood("more than the one choice that was asked for")
        }
        return try read(choice)
    }

    private mutating func failed(_ chunk: JSON) -> [WorkerEvent] {
        isDone = true
        return [.failed(failures.failure(inStream: chunk))]
    }

    private mutating func read(_ choice: JSON) throws(NotUnderstood) -> [WorkerEvent] {
        var events = start()
        var tokens = try TokenReader(top: call.topLogProbabilities).tokens(of: choice)
        if call.shape == .chat {
            let delta = choice["delta"]
            let reasoning = delta?["reasoning_content"]?.string ?? delta?["reasoning"]?.string ?? ""
            try append(.reasoning, reasoning, &tokens, to: &events)
            try append(.content, delta?["content"]?.string ?? delta?["refusal"]?.string ?? "", &tokens, to: &events)
            for piece in delta?["tool_calls"]?.array ?? [] { try append(call: piece, &tokens, to: &events) }
        } else {
            try append(.content, choice["text"]?.string ?? "", &tokens, to: &events)
        }
        // Tokens without text of their own: a part of a character, or the end.
        if call.topLogProbabilities != nil, tokens.contains(where: { $0.chosen != nil }) {
            events.append(.delta(GenerationDelta(part: .content, text: "", tokens: tokens)))
        }
        if let word = choice["finish_reason"]?.string, !word.isEmpty { events += try end(word, choice) }
        return events
    }

    /// `started` goes before all else.
    mutating func start() -> [WorkerEvent] {
        guard !hasStarted else { return [] }
        hasStarted = true
        let known = usage?.promptTokens ?? 0
        return [.started(promptTokens: known > 0 ? known : call.promptTokens)]
    }

    mutating func append(
        _ part: GenerationDelta.Part, _ text: String, _ tokens: inout [GeneratedToken], to events: inout [WorkerEvent]
    ) throws(NotUnderstood) {
        guard !text.isEmpty else { return }
        guard finish == nil else { throw NotUnderstood("text after the answer's end") }
        pieces += 1
        if part == .reasoning { reasoningPieces += 1 }
        let own = tokens.isEmpty ? [GeneratedToken(id: TokenReader.unknownID)] : tokens
        tokens = []
        events.append(.delta(GenerationDelta(part: part, text: text, tokens: own)))
    }

    private mutating func append(
        call piece: JSON, _ tokens: inout [GeneratedToken], to events: inout [WorkerEvent]
    ) throws(NotUnderstood) {
        guard finish == nil else { throw NotUnderstood("a call after the answer's end") }
        guard !call.toolNames.isEmpty else { throw NotUnderstood("a call although there are no tools") }
        for part in try calls.read(piece) {
            if part.beginsCall, case .call(_, let name?) = part.part, !call.toolNames.contains(name) {
                warnings.append("the model called \(failures.text(name)), which is not among the tools")
            }
            pieces += 1
            var delta = part
            delta.tokens = tokens.isEmpty ? [GeneratedToken(id: TokenReader.unknownID)] : tokens
            tokens = []
            events.append(.delta(delta))
        }
    }

    mutating func end(_ word: String, _ choice: JSON) throws(NotUnderstood) -> [WorkerEvent] {
        // Some proxies repeat it.
        guard finish == nil else { return [] }
        stop = choice["stop_reason"]?.string ?? choice["matched_stop"]?.string
        if let text = stop, !(call.stopTexts.contains(text)) { stop = nil }
        switch word {
        case "stop", "eos", "eos_token", "stop_sequence": finish = calls.isEmpty ? .stop : .toolCalls
        case "length", "max_tokens": finish = .length
        case "tool_calls", "function_call": finish = calls.isEmpty ? .stop : .toolCalls
        case "content_filter": finish = .contentFilter
        case "abort", "cancelled", "error", "insufficient_system_resource":
            isDone = true
            let message = "\(failures.upstream) ended the answer before it was done (\(failures.text(word)))"
            return [.failed(WorkerFailure(.cancelled, message))]
        default:
            finish = calls.isEmpty ? .stop : .toolCalls
            warnings.append("the answer ended for a reason that is not known: \(failures.text(word))")
        }
        return []
    }
}
