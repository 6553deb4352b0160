import Foundation
import HadalCheckpoint
import HadalJSON
import TestSupport
import Testing

@Suite struct PackerTests {
    /// A folder of the test's own.
    private func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-pack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    private func tensor(_ name: String, _ shape: [Int], format: TensorFormat = .f32) throws -> Tensor {
        var random = SplitMix(state: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        let values = (0..<shape.reduce(1, *)).map { _ in random.normal() }
        return try Tensor(
            name: name, format: format, shape: shape, bytes: Quantizer.quantize(values, as: format))
    }

    private func gguf(_ tensors: [Tensor], to path: String) throws {
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string("test")
        writer.metadata["general.name"] = .string("of the test")
        for tensor in tensors { try writer.add(tensor) }
        try writer.write(to: path)
    }

    private func relativeError(_ values: [Float], _ wanted: [Float]) -> Float {
        var (error, size): (Float, Float) = (0, 0)
        for (value, wanted) in zip(values, wanted) {
            error += (value - wanted) * (value - wanted)
            size += wanted * wanted
        }
        return (error / size).squareRoot()
    }

    @Test(arguments: PackRecipe.formats) func aFileInFewerBitsHoldsNearlyTheSameNumbers(format: TensorFormat) throws {
        try inFolder { folder in
            let (source, out) = (
                folder.appendingPathComponent("a.gguf").path, folder.appendingPathComponent("b.gguf").path
            )
            let tensors = try [
                tensor("blk.0.ffn_up.weight", [24, 512]), tensor("blk.0.attn_norm.weight", [512]),
                tensor("blk.0.odd.weight", [5, 20]),
            ]
            try gguf(tensors, to: source)
            var shares: [Double] = []
            try Packer(Checkpoint.open(source), recipe: PackRecipe(format)).write(to: out) { shares.append($0) }
            #expect(shares.last == 1 && shares == shares.sorted())
            let packed = try Checkpoint.open(out)
            #expect(packed.gguf?.string("general.name") == "of the test")
            #expect(packed.tensorOrder == tensors.map(\.name))
            #expect(try packed.tensor("blk.0.ffn_up.weight").format == format)
            #expect(try packed.tensor("blk.0.attn_norm.weight").format == .f32)
            // Rows of 20 numbers are no blocks.
            #expect(try packed.tensor("blk.0.odd.weight").format == (format.blockSize == 1 ? format : .f16))
            let limit: Float =
                switch format {
                case .f32: 0
                case .f16, .bf16: 0.004
                case .q8_0: 0.01
                case .q6_K: 0.03
                case .q5_K, .q5_0, .q5_1: 0.06
                case .mxfp4: 0.15
                default: 0.12
                }
            for tensor in tensors {
                let error = relativeError(try packed.tensor(tensor.name).dequantized(), tensor.dequantized())
                #expect(error <= limit, "\(tensor.name): \(error)")
            }
        }
    }

    /// Several pieces, on all cores: as in one piece.
    @Test func largeTensorsComeOutAsInOnePiece() throws {
        try inFolder { folder in
            let (source, out) = (
                folder.appendingPathComponent("a.gguf").path, folder.appendingPathComponent("b.gguf").path
            )
            let large = try tensor("blk.0.ffn_down.weight", [5000, 4096], format: .f16)
            try gguf([large], to: source)
            try Packer(Checkpoint.open(source), recipe: PackRecipe(.q8_0)).write(to: out)
            let whole = try Quantizer.quantize(large.dequantized(), as: .q8_0)
            let packed = try Checkpoint.open(out).tensor("blk.0.ffn_down.weight")
            let isSame = withExtendedLifetime(packed) { packed.data.elementsEqual(whole) }
            #expect(isSame)
        }
    }

    @Test func whatDecidesGetsMoreBits() throws {
        func format(_ name: String, _ recipe: PackRecipe, hasExperts: Bool) throws -> TensorFormat {
            recipe.format(of: try tensor(name, [2, 256]), hasExperts: hasExperts)
        }
        let q4 = PackRecipe(.q4_K)
        for (name, dense, routed) in [
            ("model.layers.3.mlp.down_proj.weight", TensorFormat.q4_K, TensorFormat.q6_K),
            ("blk.3.attn_output.weight", .q4_K, .q6_K), ("output.weight", .q6_K, .q6_K),
            ("lm_head.weight", .q6_K, .q6_K), ("model.embed_tokens.weight", .q6_K, .q6_K),
            ("model.layers.3.self_attn.kv_b_proj.weight", .q6_K, .q6_K),
            ("model.layers.3.mlp.experts.7.up_proj.weight", .q4_K, .q4_K),
            ("blk.3.ffn_up_exps.weight", .q4_K, .q4_K), ("blk.3.ffn_up_shexp.weight", .q4_K, .q6_K),
            ("model.layers.3.mlp.gate.weight", .f32, .f32), ("blk.3.ffn_gate_inp.weight", .f32, .f32),
        ] {
            #expect(try format(name, q4, hasExperts: false) == dense, "\(name)")
            #expect(try format(name, q4, hasExperts: true) == routed, "\(name)")
        }
        let exact = PackRecipe(
            .q4_0, exceptions: [.init(name: "lm_head", format: .bf16), .init(name: "head", format: .q8_0)])
        #expect(try format("lm_head.weight", exact, hasExperts: false) == .bf16)
        #expect(try format("other_head.weight", exact, hasExperts: false) == .q8_0)
        #expect(try format("model.embed_tokens.weight", exact, hasExperts: false) == .q8_0)
    }

    /// What the processor reads, in the same order, whatever piece it was written in.
    @Test(arguments: PackRecipe.formats) func panelsHoldTheSameNumbers(format: TensorFormat) throws {
        try inFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            let tensors = try [
                tensor("token_embd.weight", [32, 512]), tensor("blk.0.attn_kv_b.weight", [32, 512]),
                tensor("blk.0.ffn_up.weight", [80, 512]), tensor("blk.0.ffn_up_exps.weight", [3, 32, 512]),
                tensor("blk.0.narrow.weight", [24, 512]), tensor("blk.0.ffn_gate_inp.weight", [16, 512]),
            ]
            try gguf(tensors, to: path("source"))
            let source = try Checkpoint.open(path("source"))
            try Packer(source, recipe: PackRecipe(format)).write(to: path("rows"))
            try Packer(source, recipe: PackRecipe(format), laysOutPanels: true).write(to: path("panels"))
            // Quantized already, and only laid out anew.
            let rows = try Checkpoint.open(path("rows"))
            try Packer(rows, recipe: PackRecipe(nil), laysOutPanels: true).write(to: path("later"))
            for name in ["panels", "later"] {
                let packed = try Checkpoint.open(path(name))
                for tensor in tensors {
                    let (own, expected) = (try packed.tensor(tensor.name), try rows.tensor(tensor.name))
                    let isWhole = tensor.name.contains("ffn_up")
                    #expect(own.layout == (isWhole ? .panels : .rows), "\(tensor.name)")
                    #expect(own.format == expected.format && own.shape == expected.shape)
                    #expect(relativeError(own.dequantized(), expected.dequantized()) < 1e-3, "\(name) \(tensor.name)")
                }
                let experts = try packed.tensor("blk.0.ffn_up_exps.weight")
                let second = try rows.tensor("blk.0.ffn_up_exps.weight").slice(1).dequantized()
                #expect(relativeError(try experts.slice(1).dequantized(), second) < 1e-3)
                #expect(throws: CheckpointError.self) { try packed.tensor("blk.0.ffn_up.weight").slice(8..<24) }
            }
        }
    }

    @Test func panelsThatCannotBeAreRefused() throws {
        try inFolder { folder in
            let source = folder.appendingPathComponent("a.gguf").path
            try gguf([tensor("blk.0.ffn_up.weight", [16, 64], format: .q8_0)], to: source)
            let out = folder.appendingPathComponent("b.gguf").path
            try Packer(Checkpoint.open(source), recipe: PackRecipe(.q8_0), laysOutPanels: true).write(to: out)
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: out)))
            #expect(throws: Never.self) { try GGUFFile.parse(MappedFile(copying: bytes)) }
            let type = try #require((0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == [8, 1, 0x50, 0x48] })
            // Innermost first: 64 inputs, 16 outputs.
            for (place, value) in [
                (type - 8, 17), (type - 8, 0), (type - 16, 65), (type - 16, 0), (type + 1, 2), (type, 99),
            ] {
                var changed = bytes
                changed[place] = UInt8(value)
                #expect(throws: CheckpointError.self, "\(place - type): \(value)") {
                    try GGUFFile.parse(MappedFile(copying: changed))
                }
            }
            #expect(throws: CheckpointError.self) { try GGUFFile.parse(MappedFile(copying: Array(bytes.dropLast(64)))) }
        }
    }

    @Test func nothingIsQuantizedTwiceUnasked() throws {
        try inFolder { folder in
            let source = folder.appendingPathComponent("a.gguf").path
            try gguf([tensor("blk.0.ffn_up.weight", [2, 256], format: .q8_0)], to: source)
            let checkpoint = try Checkpoint.open(source)
            #expect(throws: CheckpointError.self) { try Packer(checkpoint, recipe: PackRecipe(.q4_0)) }
            #expect(throws: Never.self) { try Packer(checkpoint, recipe: PackRecipe(.q8_0)) }
            #expect(throws: Never.self) { try Packer(checkpoint, recipe: PackRecipe(.q4_0), requantizes: true) }
            // And nothing is written over.
            #expect(throws: CheckpointError.self) {
                try Packer(checkpoint, recipe: PackRecipe(.q8_0)).write(to: source)
            }
        }
    }

    /// FP8 with block factors, the way DeepSeek publishes.
    @Test func aDirectoryStaysADirectory() throws {
        try inFolder { folder in
            let source = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/deepseek-v3-fp8")
            let out = folder.appendingPathComponent("packed").path
            let original = try Checkpoint.open(source.path)
            try Packer(original, recipe: PackRecipe(.bf16)).write(to: out)
            let packed = try Checkpoint.open(out)
            #expect(packed.gguf == nil && packed.directory != nil)
            #expect(Set(packed.tensorOrder) == Set(original.tensorOrder))
            #expect(packed.config?["model_type"] == original.config?["model_type"])
            #expect(original.config?["quantization_config"] != nil && packed.config?["quantization_config"] == nil)
            for name in original.tensorOrder {
                let error = relativeError(
                    try packed.tensor(name).dequantized(), try original.tensor(name).dequantized())
                #expect(error < 0.004, "\(name)")
            }
            #expect(!FileManager.default.fileExists(atPath: out + ".partial"))
        }
    }

    /// DeepSeek's own 8-bit floats: others' servers read them, and so does Hadal.
    @Test func aDirectoryBecomesFP8() throws {
        try inFolder { folder in
            let source = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/deepseek-v3")
            let out = folder.appendingPathComponent("fp8").path
            let original = try Checkpoint.open(source.path)
            try Packer(original, recipe: PackRecipe(.f8_E4M3)).write(to: out)
            let packed = try Checkpoint.open(out)
            #expect(packed.source == .safetensors && Set(packed.tensorOrder) == Set(original.tensorOrder))
            #expect(packed.config?["quantization_config"]?["quant_method"]?.string == "fp8")
            for name in original.tensorOrder {
                let (own, wanted) = (try packed.tensor(name), try original.tensor(name))
                let isMatrix = wanted.shape.count == 2
                let isKept = !isMatrix || name.hasSuffix("mlp.gate.weight")
                let isVocabulary = name.contains("embed_tokens") || name.contains("lm_head")
                #expect(own.format == (isKept ? wanted.format : isVocabulary ? .bf16 : .f8_E4M3), "\(name)")
                #expect((own.blockScale != nil) == (own.format == .f8_E4M3), "\(name)")
                // Three bits of mantissa.
                #expect(relativeError(own.dequantized(), wanted.dequantized()) < 0.04, "\(name)")
            }
            // Packed again it stays what it is, to the bit.
            let again = folder.appendingPathComponent("again").path
            try Packer(packed, recipe: PackRecipe(.f8_E4M3)).write(to: again)
            for name in packed.tensorOrder {
                let (first, second) = (try packed.tensor(name), try Checkpoint.open(again).tensor(name))
                #expect(first.dequantized() == second.dequantized(), "\(name)")
            }
        }
    }

    @Test func fp8TakesTheNearestNumberAndScalesEachBlock() throws {
        try inFolder { folder in
            let (rows, columns) = (130, 200)
            var random = SplitMix(state: 11)
            var values = (0..<rows * columns).map { _ in random.normal() * exp(2 * random.normal()) }
            for (index, value) in values.enumerated() where abs(value) > 440 { values[index] = 1 }
            // The largest of a block is 448 times its factor, here 1, 2, 4 and 1/8.
            let factors: [Float] = [1, 2, 4, 0.125]
            for (block, factor) in factors.enumerated() {
                let (row, column) = (block / 2 * (rows - 1), block % 2 * (columns - 1))
                for place in values.indices
                where place / columns / 128 == block / 2 && place % columns / 128 == block % 2 {
                    values[place] = max(-440 * factor, min(440 * factor, values[place]))
                }
                values[row * columns + column] = 448 * factor
            }
            var writer = GGUFWriter()
            writer.metadata["general.architecture"] = .string("test")
            try writer.add(
                "w.weight", format: .f32, shape: [rows, columns], bytes: Quantizer.quantize(values, as: .f32))
            try writer.write(to: folder.appendingPathComponent("model.gguf").path)
            try Data("{}".utf8).write(to: folder.appendingPathComponent("config.json"))
            let out = folder.path + "-fp8"
            defer { try? FileManager.default.removeItem(atPath: out) }
            try Packer(Checkpoint.open(folder.path), recipe: PackRecipe(.f8_E4M3)).write(to: out)
            let packed = try Checkpoint.open(out).tensor("w.weight")
            #expect(packed.blockScale?.values == factors)

            let numbers = try Tensor(name: "all", format: .f8_E4M3, shape: [256], bytes: Array(0...255)).dequantized()
            let decoded = packed.dequantized()
            for (index, value) in values.enumerated() {
                let factor = factors[index / columns / 128 * 2 + index % columns / 128]
                // Of two equally near ones that with the even code.
                let nearest = numbers.indices.filter { numbers[$0].isFinite }.min { left, right in
                    let (a, b) = (abs(numbers[left] * factor - value), abs(numbers[right] * factor - value))
                    return a != b ? a < b : left % 2 < right % 2
                }
                #expect(decoded[index] == numbers[nearest!] * factor, "\(value)")
            }
        }
    }

    @Test func fp8WantsADirectory() throws {
        try inFolder { folder in
            let source = folder.appendingPathComponent("a.gguf").path
            try gguf([tensor("blk.0.ffn_up.weight", [16, 64])], to: source)
            let checkpoint = try Checkpoint.open(source)
            #expect(throws: CheckpointError.self) { try Packer(checkpoint, recipe: PackRecipe(.f8_E4M3)) }
        }
    }

    @Test func aFullDiskLeavesNothingBehind() throws {
        try inFolder { folder in
            let source = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/deepseek-v3")
            // A file where the directory should be made.
            let blocked = folder.appendingPathComponent("file")
            try Data().write(to: blocked)
            let out = blocked.appendingPathComponent("packed").path
            #expect(throws: CheckpointError.self) {
                try Packer(Checkpoint.open(source.path), recipe: PackRecipe(.q8_0)).write(to: out)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
        }
    }
}
