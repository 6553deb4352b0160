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
              hadal chat model.gguf
              hadal chat /models/DeepSeek-R1-Distill-Qwen-1.5B --system 'Answer in Chinese.'
              echo 'Name three rivers.' | hadal chat model.gguf
            """)

    @Argument(help: "The model.") var model: String
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
        let isTerminal = Terminal.isTerminal(STDIN_FILENO)
        let history = ProcessInfo.processInfo.environment["HOME"].map {
            URL(fileURLWithPath: $0).appendingPathComponent(".local/state/hadal/chat-history")
        }
        let editor = LineEditor(prompt: "> ", historyFile: isTerminal ? history : nil)
        while true {
            switch editor.read() {
            case .endOfInput, .interrupted: return
            case .text(let text):
                switch text.trimmingCharacters(in: .whitespacesAndNewlines) {
                case "": continue
                case "/exit", "/quit": return
                case "/clear": conversation.clear()
                case "/help": print("/clear begins a new conversation, /exit ends. Ctrl-C stops an answer.")
                default: try await conversation.ask(text)
                }
            }
        }
    }
}

/// The messages so far, and how the next answer is made.
final class Conversation {
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

    /// Prints the answer and keeps it. An answer that was stopped stays as far as it came.
    func ask(_ text: String) async throws {
        messages.append(Conversation.message("user", text))
        var variables = JSON.Object()
        if let thinking { variables["enable_thinking"] = .bool(thinking) }
        let prompt = try host.chatPrompt(messages: messages, variables: variables)
        var request = GenerationRequest(prompt: prompt.tokens, maximumTokens: maximumTokens)
        request.sampling = sampling.parameters(defaults: host.defaults)
        request.stops = sampling.stop
        let answer = try await Interrupt.cancelling { [host, request] in
            try await Conversation.print(host, request, startsInReasoning: prompt.startsInReasoning)
        }
        messages.append(Conversation.message("assistant", answer))
    }

    private static func print(_ host: ModelHost, _ request: GenerationRequest, startsInReasoning: Bool) async throws
        -> String
    {
        let printer = AnswerPrinter()
        var splitter = ReasoningSplitter(opened: startsInReasoning)
        var content = ""
        var statistics = "stopped"
        func show(_ delta: ReasoningSplitter.Delta) {
            printer.reasoning(delta.reasoning)
            printer.content(delta.content)
            content += delta.content
        }
        for await event in try host.engine.submit(request) {
            switch event {
            case .delta(let text, _): show(splitter.feed(text))
            case .finished(let summary): statistics = summary.statistics
            }
        }
        show(splitter.finish())
        printer.finish(statistics)
        return content
    }
}
