import ArgumentParser
import Foundation
import HadalEngine
import HadalJSON
import HadalTemplates
import HadalTerminal

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk to a model in the terminal.",
        discussion: """
            Enter sends; Alt-Enter or a backslash at the end begins a new line. Ctrl-C stops an answer, Ctrl-D ends the
            conversation. /clear begins a new one, /help lists what else there is.

            Examples:
              hadal chat
              hadal chat model.gguf
              hadal chat /models/DeepSeek-R1-Distill-Qwen-1.5B --system 'Answer in Chinese.'
              echo 'Name three rivers.' | hadal chat model.gguf
            """)

    @Argument(help: "The model.") var model = BuiltInModel.name
    @Option(help: "Instructions that stand before the conversation.") var system: String?
    @Option(help: "The most tokens of an answer.") var maxTokens = 4096
    @Option(help: "Whether the model thinks before it answers, where its template can say so: on or off.") var thinking:
        String?
    @OptionGroup var sampling: SamplingOptions

    func validate() throws {
        guard thinking == nil || thinking == "on" || thinking == "off" else {
            throw ValidationError("--thinking is on or off")
        }
    }

    func run() async throws {
        let host = try loadHost(model)
        guard host.chatFormat != nil else { throw EngineError.noChatTemplate(model: host.name) }
        let conversation = Conversation(
            host: host, system: system, maximumTokens: maxTokens, thinking: thinking.map { $0 == "on" },
            sampling: sampling)
        let history = ProcessInfo.processInfo.environment["HOME"].map { $0 + "/.local/state/hadal/chat-history" }
        let editor = LineEditor(history: History(file: history))
        while true {
            switch try await editor.read() {
            case .endOfInput: return
            // A Ctrl-C that came too late for the answer must not end the conversation.
            case .interrupted: try Terminal.standardOutput.write("Ctrl-D ends the conversation.\n")
            case .text(let text):
                switch text.trimmingCharacters(in: .whitespacesAndNewlines) {
                case "": continue
                case "/exit", "/quit": return
                case "/clear": conversation.clear()
                case "/help":
                    try Terminal.standardOutput.write(
                        "/clear begins a new conversation, /exit ends. Ctrl-C stops an answer.\n")
                default:
                    do {
                        try await conversation.ask(text)
                    } catch  where editor.isInteractive && !(error is TerminalError) {
                        // Whoever types can ask something else; a script is told by the exit code.
                        try Terminal.standardError.write("error: \(error)\n")
                    }
                }
            }
        }
    }
}

/// The messages so far, and how the next answer is made.
private final class Conversation {
    private let host: ModelHost
    private let system: String?
    private let maximumTokens: Int
    private let thinking: Bool?
    private let sampling: SamplingOptions
    private var messages: [JSON] = []

    init(host: ModelHost, system: String?, maximumTokens: Int, thinking: Bool?, sampling: SamplingOptions) {
        self.host = host
        self.system = system
        self.maximumTokens = maximumTokens
        self.thinking = thinking
        self.sampling = sampling
        clear()
    }

    func clear() { messages = system.map { [Conversation.message("system", $0)] } ?? [] }

    private static func message(_ role: String, _ content: String) -> JSON {
        .object(.init([("role", .string(role)), ("content", .string(content))]))
    }

    /// Prints the answer and keeps it, with its question. An answer that Ctrl-C stopped stays as far as it came.
    /// - Throws: `EngineError` as when the question is too long, `TemplateError`, `TerminalError`; then nothing is kept.
    func ask(_ text: String) async throws {
        let asked = messages + [Conversation.message("user", text)]
        var variables = JSON.Object()
        if let thinking { variables["enable_thinking"] = .bool(thinking) }
        let answer = try await withInterruptHandling { [host, maximumTokens, sampling, variables] in
            let prompt = try host.chatPrompt(messages: asked, variables: variables)
            var request = GenerationRequest(prompt: prompt.tokens, maximumTokens: maximumTokens)
            request.sampling = sampling.parameters(defaults: host.defaults)
            request.stops = sampling.stop
            return try await Conversation.print(host, request, startsInReasoning: prompt.startsInReasoning)
        }
        messages = asked + [Conversation.message("assistant", answer)]
    }

    /// - Returns: the content, as far as it came before the task was cancelled.
    private static func print(_ host: ModelHost, _ request: GenerationRequest, startsInReasoning: Bool) async throws
        -> String
    {
        var printer = AnswerPrinter()
        var meter = AnswerMeter()
        var splitter = ReasoningSplitter(opened: startsInReasoning)
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
