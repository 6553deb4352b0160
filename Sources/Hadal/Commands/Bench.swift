import ArgumentParser
import Foundation
import HadalBench
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalJSON
import HadalModels
import HadalTerminal

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure speed.",
        subcommands: [
            BenchLoad.self, BenchCompare.self, BenchEngine.self, BenchGateway.self, BenchGrammar.self, BenchSynth.self,
        ])
}

struct BenchEngine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measure prefill and decode beside the machine's limits.",
        discussion: """
            Example:
              hadal bench engine model.gguf --prefill 512 --decode 64 --batch 1,8,32 --json
            """)

    @Argument(help: "The model.") var model: String
    @Option(help: "Prompt tokens of each sequence.") var prefill = 512
    @Option(help: "Decode steps.") var decode = 64
    @Option(help: "Numbers of sequences, separated by commas.") var batch = "1"
    @Option(help: "Rounds; the median counts.") var repeats = 1
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let batches = batch.split(separator: ",").compactMap { Int($0) }
        guard !batches.isEmpty, batches.allSatisfy({ (1...512).contains($0) }), prefill > 0, decode > 0, repeats > 0
        else {
            throw ValidationError(
                "--batch, --prefill, --decode and --repeats are positive numbers; a batch has at most 512")
        }
        let path = try ModelFiles.resolve(model)
        let checkpoint = try Checkpoint.open(path, opener: try await secrets.opener(for: path))
        let model = try loadModel(checkpoint, named: ModelFiles.name(of: path), maximumRows: 512)
        let result = try EngineBenchmark.run(
            model, prefill: prefill, decode: decode, batches: batches, repeats: repeats)
        if json {
            print(result.json.text)
            return
        }
        let probe = result.probe
        func share(_ rate: Double, of limit: Double?) -> String {
            limit.map { String(format: "%.0f %%", rate / $0 * 100) } ?? ""
        }
        let rows = result.results.map { item in
            [
                "\(item.batch)", String(format: "%.1f", item.prefillTokensPerSecond),
                share(item.prefillOperationsPerSecond, of: probe?.int8Peak),
                String(format: "%.1f", item.decodeTokensPerSecond),
                share(item.decodeWeightBytesPerSecond, of: probe?.readBandwidth),
                share(item.decodeOperationsPerSecond, of: probe?.int8Peak),
            ]
        }
        let header = ["batch", "prefill tok/s", "of int8 peak", "decode tok/s", "of bandwidth", "of int8 peak"]
        print(Table(header: header, rows: rows, numbers: [0, 1, 2, 3, 4, 5]).text)
    }
}

struct BenchSynth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Write a GGUF file with random weights in the shape of a published model.",
        discussion: """
            Shapes: \(SyntheticShape.names.joined(separator: ", ")).

            Examples:
              hadal bench synth r1-distill-qwen-1.5b /tmp/q.gguf --format q8_0
              hadal bench synth v3 /tmp/v3.gguf --format q4_0 --layers 4
            """)

    @Argument(help: "The shape.") var shape: String
    @Argument(help: "The file to write.") var out: String
    @Option(help: "Of the matrices: f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k, q6_k.") var format = "q8_0"
    @Option(help: "Fewer layers than the published model.") var layers: Int?

    func run() throws {
        guard let shape = SyntheticShape.named(shape, layers: layers) else {
            throw ValidationError("no shape '\(shape)'; there are \(SyntheticShape.names.joined(separator: ", "))")
        }
        guard let format = TensorFormat(name: format), Quantizer.formats.contains(format) else {
            throw ValidationError("cannot write format '\(format)'")
        }
        if let layers, layers < 1 { throw ValidationError("--layers must be at least 1") }
        try withProgress("writing \(out)") {
            try SyntheticCheckpoint.write(shape, format: format, to: out, progress: $0)
        }
    }
}
