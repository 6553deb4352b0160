import ArgumentParser
import Foundation
import HadalBench
import HadalJSON
import HadalTerminal
import HadalTokenization

struct BenchGrammar: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grammar",
        abstract: "Measure compiling JSON schemas and computing token masks.",
        discussion: """
            The file has a JSON object a line: a schema, and tests that hold data and whether it is valid, as in
            maskbench and the JSON Schema test suite.

            Example:
              hadal bench grammar tokenizers/deepseek-r1 maskbench-sample.jsonl --json
            """)

    @Argument(help: "A tokenizer: a directory, or a .gguf file.") var tokenizer: String
    @Argument(help: "Schemas and values, one a line.") var file: String
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
        let tokenizer = try TokenizerLoader.load(path: tokenizer)
        let cases = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0), depthLimit: 256)
        }
        let result = GrammarBenchmark.run(tokenizer, cases: cases)
        if json {
            print(result.json.text)
            return
        }
        func row(_ name: String, _ figures: GrammarBenchmark.Figures) -> [String] {
            [name, "\(figures.count)"]
                + [figures.median, figures.p99, figures.largest].map { String(format: "%.2f", $0) }
        }
        print(
            Table(
                header: ["", "count", "median", "p99", "max"],
                rows: [
                    row("compile, ms", result.compileMilliseconds),
                    row("first masks, µs", result.firstMaskMicroseconds),
                    row("next masks, µs", result.nextMaskMicroseconds), row("advance, µs", result.advanceMicroseconds),
                    row("memory, kB", result.kilobytes),
                ], numbers: [1, 2, 3, 4]
            ).text)
        print(
            String(
                format: "%d tokens of vocabulary arranged in %.2f s; %d schemas refused; %.0f %% of %d tokens forced",
                result.vocabulary, result.vocabularySeconds, result.refusedSchemas, result.forcedShare * 100,
                result.tokens))
    }
}
