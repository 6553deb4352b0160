import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTerminal

struct Pack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model in fewer bits.",
        discussion: """
            A GGUF file becomes a GGUF file, a Hugging Face directory a directory with the same tokenizer and configuration
            and the weights in model.gguf. Vectors and routers stay as they are; the table, the projection to the vocabulary,
            MLA's up-projections, and beside routed experts also attention and shared experts, get more bits than the rest.
            Formats: \(PackRecipe.formats.map { $0.name.lowercased() }.joined(separator: ", ")); for directories also fp8 (E4M3
            with a factor for each 128×128 block, as DeepSeek-V3 has it), which stays safetensors, for vLLM and SGLang too.
            What is written is not encrypted, also where MODEL is; its files beside the weights are copied as they are.

            Examples:
              hadal pack /models/DeepSeek-R1-Distill-Qwen-1.5B r1-q4 --format q4_k
              hadal pack model-bf16.gguf model-q8.gguf
              hadal pack /models/DeepSeek-V2-Lite v2-q4 --format q4_0 --keep lm_head=bf16 --keep self_attn=q6_k
              hadal pack /models/DeepSeek-R1-Distill-Llama-8B llama-fp8 --format fp8
              hadal pack v2-q4_0.gguf v2-ready.gguf --panels
              hadal imatrix model-bf16.gguf text.txt model.imatrix.gguf
              hadal pack model-bf16.gguf model-q4.gguf --format q4_k --imatrix model.imatrix.gguf
            """)

    @Argument(help: "The model: a directory or a .gguf file.") var model: String
    @Argument(help: "The directory or file to write; must not exist.") var out: String
    @Option(help: "Of most matrices. (default: q8_0; with --panels what each matrix has)") var format: String?
    @Option(
        name: .customLong("keep"),
        help: ArgumentHelp(
            "Tensors whose name contains TEXT get this format instead; may be given several times.",
            valueName: "TEXT=FORMAT"))
    var exceptions: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            What hadal imatrix measured (or llama.cpp, as GGUF): formats of less than 8 bits are then most exact where the \
            model's inputs are largest.
            """, valueName: "file")) var imatrix: String?
    @Flag(
        help: """
            Lay matrices out as the processor reads them, so that a model starts in seconds; only Hadal reads such a file.
            """) var panels = false
    @Flag(help: "Quantize anew what is quantized already, at a loss.") var requantize = false
    @Flag(help: "Say what would be done, and do nothing.") var dryRun = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    private static func format(_ name: String) throws -> TensorFormat {
        if name.lowercased() == "fp8" { return .f8_E4M3 }
        guard let format = TensorFormat(name: name), PackRecipe.formats.contains(format) else {
            let known = PackRecipe.formats.map { $0.name.lowercased() }.joined(separator: ", ")
            throw ValidationError("no format '\(name)' to pack into; there are \(known)")
        }
        return format
    }

    private func recipe() throws -> PackRecipe {
        PackRecipe(
            try (format ?? (panels ? nil : "q8_0")).map(Self.format),
            exceptions: try exceptions.map { text in
                guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
                    throw ValidationError("--keep \(text): write TEXT=FORMAT, for example lm_head=bf16")
                }
                return .init(
                    name: String(text[..<equals]), format: try Self.format(String(text[text.index(after: equals)...])))
            })
    }

    func validate() throws { _ = try recipe() }

    func run() async throws {
        let path = try ModelFiles.resolve(model)
        let opener = try await secrets.opener(for: path)
        let packer: Packer
        do {
            packer = try Packer(
                Checkpoint.open(path, opener: opener), recipe: recipe(),
                importance: imatrix.map(ImportanceMatrix.init(path:)),
                requantizes: requantize, laysOutPanels: panels)
        } catch let error as CheckpointError {
            guard case .quantizedAlready = error else { throw error }
            throw CommandFailure("\(error); --requantize does it all the same")
        }
        if !dryRun {
            try withProgress("packing \(ModelFiles.name(of: path))") { progress in
                try packer.write(to: out, progress: progress)
            }
        }
        report(packer)
    }

    private func report(_ packer: Packer) {
        var formats: [(name: String, tensors: Int, bytes: Int)] = []
        for part in packer.parts {
            if let index = formats.firstIndex(where: { $0.name == part.format.name }) {
                formats[index].tensors += 1
                formats[index].bytes += part.bytes
            } else {
                formats.append((part.format.name, 1, part.bytes))
            }
        }
        formats.sort { $0.bytes > $1.bytes }
        if json {
            let list = formats.map { format in
                JSON.object(
                    .init([
                        ("format", .string(format.name)), ("tensors", .int(Int64(format.tensors))),
                        ("bytes", .int(Int64(format.bytes))),
                    ]))
            }
            print(
                JSON.object(
                    .init([
                        ("out", dryRun ? .null : .string(out)), ("bytes_before", .int(Int64(packer.bytesBefore))),
                        ("bytes", .int(Int64(packer.bytesAfter))), ("formats", .array(list)),
                    ])
                ).text)
            return
        }
        let rows = formats.map { [$0.name, "\($0.tensors)", "\($0.bytes)"] }
        print(Table(header: ["format", "tensors", "bytes"], rows: rows, numbers: [1, 2]).text)
        let share = 100 * Double(packer.bytesAfter) / Double(max(1, packer.bytesBefore))
        print(
            "\(packer.bytesBefore) bytes become \(packer.bytesAfter) (\(String(format: "%.0f", share)) %)\(dryRun ? "" : ": \(out)")"
        )
    }
}
