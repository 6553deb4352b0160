import ArgumentParser
import Foundation
import HadalEngine
import HadalTerminal
import HadalWire

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
              hadal chat http://127.0.0.1:8000 --served guide
              echo 'Name three rivers.' | hadal chat model.gguf
            """)

    @Argument(help: "The model, or the address of a server (its key in HADAL_API_KEY).") var model = BuiltInModel.name
    @Option(help: ArgumentHelp("Which of the server's models; without it the first.", valueName: "name"))
    var served: String?
    @Option(help: "Instructions that stand before the conversation.") var system: String?
    @Option(help: "The most tokens of an answer.") var maxTokens = 4096
    @Option(help: "Whether the model thinks before it answers, where its template can say so: on or off.") var thinking:
        String?
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func validate() throws {
        guard thinking == nil || thinking == "on" || thinking == "off" else {
            throw ValidationError("--thinking is on or off")
        }
        guard served == nil || server != nil else {
            throw ValidationError("--served is for a server's address, such as http://127.0.0.1:8000")
        }
    }

    func run() async throws {
        let conversation = Conversation(try await answerer, system: system)
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

    /// Nil where MODEL is none.
    private var server: URL? {
        model.hasPrefix("http://") || model.hasPrefix("https://") ? URL(string: model) : nil
    }

    private var answerer: any Answerer {
        get async throws {
            let thinks = thinking.map { $0 == "on" }
            if let server {
                return try await ServedAnswerer(
                    server, served: served, maximumTokens: maxTokens, thinks: thinks, sampling: sampling)
            }
            return try LoadedAnswerer(
                try loadHost(model, opener: try await secrets.opener(for: model)), maximumTokens: maxTokens,
                thinks: thinks, sampling: sampling)
        }
    }
}

/// The messages so far.
private final class Conversation {
    private let answerer: any Answerer
    private let system: String?
    private var messages: [ChatMessage] = []

    init(_ answerer: any Answerer, system: String?) {
        self.answerer = answerer
        self.system = system
        clear()
    }

    func clear() { messages = system.map { [ChatMessage(role: .system, content: $0)] } ?? [] }

    /// Prints the answer and keeps it, with its question. An answer that Ctrl-C stopped stays as far as it came.
    /// - Throws: what the answerer does; then nothing is kept.
    func ask(_ text: String) async throws {
        let asked = messages + [ChatMessage(role: .user, content: text)]
        let answer = try await withInterruptHandling { [answerer] in try await answerer.printAnswer(to: asked) }
        messages = asked + [ChatMessage(role: .assistant, content: answer)]
    }
}
