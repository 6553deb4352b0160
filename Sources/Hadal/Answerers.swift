import Foundation
import HadalClient
import HadalEngine
import HadalJSON
import HadalTemplates
import HadalTerminal
import HadalWire

/// Who answers in `hadal chat`.
protocol Answerer: Sendable {
    /// Prints the answer as it comes.
    /// - Returns: its content, as far as it came before the task was cancelled.
    func printAnswer(to messages: [ChatMessage]) async throws -> String
}

/// A model in this process.
struct LoadedAnswerer: Answerer {
    private let host: ModelHost
    private let maximumTokens: Int
    private let variables: JSON.Object
    private let sampling: SamplingOptions

    /// - Throws: `EngineError.noChatTemplate`.
    init(_ host: ModelHost, maximumTokens: Int, thinks: Bool?, sampling: SamplingOptions) throws {
        guard host.chatFormat != nil else { throw EngineError.noChatTemplate(model: host.name) }
        self.host = host
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        variables = JSON.Object(thinks.map { [("enable_thinking", .bool($0))] } ?? [])
    }

    /// - Throws: `EngineError` as when the question is too long, `TemplateError`, `TerminalError`.
    func printAnswer(to messages: [ChatMessage]) async throws -> String {
        let prompt = try host.chatPrompt(messages: messages.map(\.json), variables: variables)
        var request = GenerationRequest(prompt: prompt.tokens, maximumTokens: maximumTokens)
        request.sampling = sampling.parameters(defaults: host.defaults)
        request.stops = sampling.stop
        var printer = AnswerPrinter()
        var meter = AnswerMeter()
        var splitter = ReasoningSplitter(opened: prompt.startsInReasoning)
        var content = ""
        func show(_ delta: ReasoningSplitter.Delta) throws {
            try printer.reasoning(delta.reasoning)
            try printer.content(delta.content)
            content += delta.content
        }
        for await event in try host.engine.submit(request) {
            meter.count(event)
            if case .delta(let text, _) = event { try show(splitter.feed(text)) }
        }
        try show(splitter.finish())
        try printer.finish(meter.statistics)
        return content
    }
}

/// A model that a server has.
struct ServedAnswerer: Answerer {
    private let client: HadalClient
    private let call: ChatCall

    /// - Throws: `HadalClientError` where the server is not reached, `CommandFailure` where it has no such model.
    init(_ server: URL, served: String?, maximumTokens: Int, thinks: Bool?, sampling: SamplingOptions) async throws {
        client = HadalClient(server, key: ProcessInfo.processInfo.environment["HADAL_API_KEY"])
        let models = try await client.models()
        guard let model = served ?? models.first, models.contains(model) else {
            throw CommandFailure("the server has no model \(served ?? ""); it has \(models.joined(separator: ", "))")
        }
        var call = ChatCall(model: model)
        call.maximumTokens = maximumTokens
        call.thinks = thinks
        call.stop = sampling.stop
        call.seed = sampling.seed
        call.temperature = sampling.temperature.map(Double.init)
        call.topP = sampling.topP.map(Double.init)
        call.further = JSON.Object(
            [
                ("top_k", sampling.topK.map { .int(Int64($0)) }), ("min_p", sampling.minP.map { .double(Double($0)) }),
                ("typical_p", sampling.typicalP.map { .double(Double($0)) }),
                ("repetition_penalty", sampling.repetitionPenalty.map { .double(Double($0)) }),
                ("frequency_penalty", sampling.frequencyPenalty.map { .double(Double($0)) }),
                ("presence_penalty", sampling.presencePenalty.map { .double(Double($0)) }),
            ].compactMap { (name: String, value: JSON?) in value.map { (name, $0) } })
        self.call = call
    }

    /// - Throws: `HadalClientError`, `TerminalError`.
    func printAnswer(to messages: [ChatMessage]) async throws -> String {
        var call = call
        call.messages = messages
        var printer = AnswerPrinter()
        let start = ContinuousClock.now
        var first: Duration?
        var answer: ChatAnswer?
        var content = ""
        for try await event in client.events(call) {
            if first == nil { first = .now - start }
            switch event {
            case .reasoning(let text): try printer.reasoning(text)
            case .content(let text):
                try printer.content(text)
                content += text
            case .call, .arguments: break
            case .finished(let whole): answer = whole
            }
        }
        try printer.finish(
            AnswerStatistics(
                tokens: answer?.usage.completionTokens ?? 0, timeToFirstToken: first,
                duration: ContinuousClock.now - start, wasStopped: answer == nil))
        return content
    }
}
