import ArgumentParser
import Foundation
import HadalEngine
import HadalJSON
import HadalTerminal

struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continue a text.",
        discussion: """
            The text goes to the model as it is, without a chat template.

            Examples:
              hadal generate model.gguf --prompt 'Once upon a time' --max-tokens 100
              hadal generate model.gguf --prompt 'fn main() {' --temperature 0 --json
            """)

    @Argument(help: "The model.") var model: String
    @Option(help: "The text to continue; may be empty.") var prompt = ""
    @Option(help: "The most tokens to generate.") var maxTokens = 256
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options
    @Flag(help: "Write one JSON object at the end.") var json = false

    func run() async throws {
        let host = try loadHost(model, opener: try await secrets.opener(for: model))
        var request = GenerationRequest(prompt: host.textPrompt(prompt), maximumTokens: maxTokens)
        request.sampling = sampling.parameters(defaults: host.defaults)
        request.stops = sampling.stop
        var printer = AnswerPrinter()
        var meter = AnswerMeter()
        var text = ""
        var tokens: [JSON] = []
        for await event in try host.engine.submit(request) {
            meter.count(event)
            switch event {
            case .delta(let delta, let new):
                text += delta
                tokens += new.map { .int(Int64($0.id)) }
                if !json { try printer.content(delta) }
            case .finished(let summary):
                if json {
                    print(
                        JSON.object(
                            .init([
                                ("text", .string(text)), ("tokens", .array(tokens)),
                                ("finish_reason", .string(summary.reason.rawValue)),
                                ("prompt_tokens", .int(Int64(summary.promptTokens))),
                                ("generated_tokens", .int(Int64(summary.generatedTokens))),
                                ("seed", .int(Int64(bitPattern: request.sampling.seed))),
                            ])
                        ).text)
                } else {
                    try printer.finish(meter.statistics)
                }
            }
        }
    }
}
