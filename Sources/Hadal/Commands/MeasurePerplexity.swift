import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalJSON
import HadalModels
import HadalTerminal
import HadalTokenization

struct MeasurePerplexity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts a text.",
        discussion: """
            exp of the mean negative log-likelihood of each token, in windows of which the first half is context only.

            Examples:
              hadal perplexity model.gguf book.txt
              hadal perplexity model.gguf book.txt --context 2048 --json
            """)

    @Argument(help: "The model.") var model: String
    @Argument(help: "A UTF-8 text file.") var file: String
    @Option(help: "Tokens in a window.") var context = 512
    @Option(help: "How keys and values are kept: f32, f16 or int8.") var kvFormat = KVCacheShape.Format.f32
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let path = try ModelFiles.resolve(model)
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw CommandFailure("\(file): cannot be read as UTF-8 text")
        }
        let checkpoint = try Checkpoint.open(path, opener: try await secrets.opener(for: path))
        let tokenizer = try ModelFiles.tokenizer(of: checkpoint)
        let model = try loadModel(checkpoint, named: ModelFiles.name(of: path), maximumRows: 64)
        let result = try withProgress("measuring") {
            try Perplexity.measure(
                model, tokens: tokenizer.encodeWhole(text), context: min(context, model.description.contextLength),
                cacheFormat: kvFormat, progress: $0)
        }
        if json {
            print(
                JSON.object(
                    .init([
                        ("perplexity", .double(result.value)), ("standard_error", .double(result.standardError)),
                        ("mean_nll", .double(result.meanNegativeLogLikelihood)), ("tokens", .int(Int64(result.tokens))),
                    ])
                ).text)
        } else {
            print(
                String(
                    format: "perplexity %.4f ± %.4f over %d tokens", result.value, result.standardError, result.tokens))
        }
    }
}
