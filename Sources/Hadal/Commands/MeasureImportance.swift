import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalJSON
import HadalModels
import HadalTerminal
import HadalTokenization

struct MeasureImportance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imatrix",
        abstract: "Measure which inputs of a model's matrices matter, for hadal pack --imatrix.",
        discussion: """
            The model reads the text; of every matrix the squares of its inputs are summed. A few hundred thousand characters of
            the kind that the model will meet are enough. Routed experts are measured one by one: the text has to be long enough
            that each is used. The file is the one that llama.cpp's tools write and read (GGUF).

            Examples:
              hadal imatrix model-bf16.gguf text.txt model.imatrix.gguf
              hadal pack model-bf16.gguf model-q4.gguf --format q4_k --imatrix model.imatrix.gguf
            """)

    @Argument(help: "The model, in 8 bits or more.") var model: String
    @Argument(help: "A UTF-8 text file.") var file: String
    @Argument(help: "The file to write; must not exist.") var out: String
    @Option(help: "Tokens that are read together.") var context = 512
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let path = try ModelFiles.resolve(model)
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw CommandFailure("\(file): cannot be read as UTF-8 text")
        }
        guard !FileManager.default.fileExists(atPath: out) else { throw CommandFailure("\(out): it exists already") }
        let checkpoint = try Checkpoint.open(path, opener: try await secrets.opener(for: path))
        let tokenizer = try ModelFiles.tokenizer(of: checkpoint)
        let device = try CPUDevice()
        let model = try withProgress("loading \(ModelFiles.name(of: path))") {
            try ModelLoader.load(checkpoint, device: device, maximumRows: 64, progress: $0)
        }
        let matrix = try withProgress("measuring") {
            try ImportanceMeasurement.measure(
                model, on: device, from: checkpoint, tokens: tokenizer.encodeWhole(text),
                text: URL(fileURLWithPath: file).lastPathComponent,
                context: min(context, model.description.contextLength), progress: $0)
        }
        try matrix.write(to: out)
        let unseen = matrix.entries.values.reduce(0) { $0 + $1.counts.count { $0 == 0 } }
        let matrices = matrix.entries.values.reduce(0) { $0 + $1.counts.count }
        if json {
            print(
                JSON.object(
                    .init([
                        ("out", .string(out)), ("tensors", .int(Int64(matrix.entries.count))),
                        ("matrices", .int(Int64(matrices))), ("unseen", .int(Int64(unseen))),
                        ("windows", .int(Int64(matrix.windows))),
                    ])
                ).text)
            return
        }
        print("\(matrix.entries.count) tensors, \(matrices) matrices, over \(matrix.windows) windows: \(out)")
        if unseen > 0 {
            print(
                "\(unseen) experts met no token; they are packed as without a measurement. A longer text reaches more.")
        }
    }
}
