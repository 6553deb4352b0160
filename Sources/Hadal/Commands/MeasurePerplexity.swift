import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalJSON
import HadalModels
import HadalTerminal
import HadalTokenization

struct MeasurePerplexity: ParsableCommand {
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
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
        let path = try ModelFiles.resolve(model)
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw CommandFailure("\(file): cannot be read as UTF-8 text")
        }
        let checkpoint = try Checkpoint.open(path)
        let tokenizer = try ModelFiles.tokenizer(of: checkpoint)
        let bar = ProgressBar(label: "loading \(ModelFiles.name(of: path))")
        let model = try ModelLoader.load(checkpoint, device: CPUDevice(), maximumRows: 64) { bar.update($0) }
        bar.finish()
        let measuring = ProgressBar(label: "measuring")
        let result = try Perplexity.measure(
            model, tokens: tokenizer.encodeWhole(text), context: min(context, model.description.contextLength)
        ) { measuring.update($0) }
        measuring.finish()
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
