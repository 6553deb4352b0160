import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTerminal

struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a checkpoint holds: architecture, sizes, tensors, formats, checksums.",
        discussion: """
            Takes any GGUF or safetensors file, also one with a vocabulary alone.

            Examples:
              hadal inspect model.gguf
              hadal inspect /models/DeepSeek-V2-Lite --tensors
              hadal inspect model.gguf --checksums --json
            """)

    @Argument(help: "A directory, a .gguf or a .safetensors file, or guide.") var model: String
    @Flag(help: "List every tensor.") var tensors = false
    @Flag(help: "Compute each file's SHA-256, and the digest that pins the model (docs/audit.md).") var checksums =
        false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let opener = try await secrets.opener(for: model)
        let report = try CheckpointReport(
            of: Checkpoint.open(ModelFiles.resolve(model), opener: opener), named: model, checksums: checksums)
        print(json ? report.json(tensors: tensors).text : report.text(tensors: tensors))
    }
}
