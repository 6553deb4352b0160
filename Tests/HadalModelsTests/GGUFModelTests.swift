import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels
import Testing

@Suite struct GGUFModelTests {
    struct Conversion: Sendable, CustomTestStringConvertible {
        let fixture: String
        var splits = false
        var testDescription: String { fixture + (splits ? ", up-projections split" : "") }
    }

    @Test(
        arguments: [
            .init(fixture: "llama-bf16"), .init(fixture: "llama-linear"), .init(fixture: "llama-bands"),
            .init(fixture: "qwen2"), .init(fixture: "qwen3-yarn"), .init(fixture: "deepseek-moe"),
            .init(fixture: "deepseek-v2-lite"), .init(fixture: "deepseek-v3"),
            .init(fixture: "deepseek-v2-lite", splits: true),
            .init(fixture: "deepseek-v3", splits: true), .init(fixture: "deepseek-v3-fp8", splits: true),
        ] as [Conversion])
    func namesAndMetadataOfGGUFGiveTheSameModel(_ conversion: Conversion) throws {
        var written = GGUFConversion()
        written.splitsUpProjections = conversion.splits
        if conversion.fixture == "llama-bands" { written.bands() }
        if conversion.splits { written.describesAbsorbedHeads() }
        try Fixture.asGGUF(conversion.fixture, written) { checkpoint in
            let model = try load(checkpoint)
            for reference in try ReferenceCase.folder(Fixture.folder(conversion.fixture)) {
                let own = try logits(model, reference.tokens, chunk: 128)
                let worst = worstDifference(own, reference.logits)
                #expect(worst <= LogitsTests.limit, "\(reference.tokens.count) tokens: \(worst)")
            }
        }
    }

    @Test(arguments: ["llama-bf16", "deepseek-v2-lite", "deepseek-v3"], [TensorFormat.q8_0, .f16])
    func quantizedWeightsComputeNearlyWhatTheirNumbersSay(_ fixture: String, _ format: TensorFormat) throws {
        let reference = try ReferenceCase.folder(Fixture.folder(fixture)).last!
        func own(dequantizes: Bool) throws -> [Float] {
            var conversion = GGUFConversion()
            conversion.format = format
            conversion.dequantizes = dequantizes
            return try Fixture.asGGUF(fixture, conversion) { try logits(load($0), reference.tokens, chunk: 128) }
        }
        let exact = try own(dequantizes: true)
        // 16 bits are computed with in float32. 8 bits meet activations of 8 bits, whose errors layers this narrow and with
        // random weights enlarge; a trained model stays within 1 % (`quantizedStoriesStayNearTheDequantizedModel`).
        let error = relativeRMS(try own(dequantizes: false), exact)
        #expect(error <= (format == .f16 ? 2e-5 : 0.05), "\(error)")
    }

    /// Laid out beforehand or when they are loaded: the same bits.
    @Test(arguments: ["llama-bf16", "qwen3-yarn", "deepseek-v2-lite", "deepseek-v3", "deepseek-v3-fp8"])
    func weightsThatLieInPanelsComputeTheSame(_ fixture: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-panels-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tokens = try ReferenceCase.folder(Fixture.folder(fixture)).last!.tokens
        let results = try [false, true].map { laysOutPanels in
            let out = folder.appendingPathComponent("\(laysOutPanels)").path
            try Packer(
                Checkpoint.open(Fixture.folder(fixture).path), recipe: PackRecipe(.q8_0), laysOutPanels: laysOutPanels
            ).write(to: out)
            let checkpoint = try Checkpoint.open(out)
            #expect(checkpoint.tensors.values.contains { $0.layout == .panels } == laysOutPanels)
            return try logits(load(checkpoint), tokens, chunk: 128)
        }
        #expect(results[0] == results[1])
    }

    @Test func layersThatPredictSeveralTokensAreLeftAside() throws {
        var conversion = GGUFConversion()
        conversion.metadata = {
            $0["deepseek2.block_count"] = .uint32(3)
            $0["deepseek2.nextn_predict_layers"] = .uint32(1)
        }
        try Fixture.asGGUF("deepseek-v3", conversion) { checkpoint in
            let reference = try ReferenceCase.folder(Fixture.folder("deepseek-v3"))[1]
            let own = try logits(load(checkpoint), reference.tokens, chunk: 128)
            #expect(worstDifference(own, reference.logits) <= LogitsTests.limit)
        }
    }

    @Test func aFactorWithoutATypeMeansLinearScaling() throws {
        for key in ["rope.scaling.factor", "rope.scale_linear"] {
            var conversion = GGUFConversion()
            conversion.metadata = {
                $0["llama.rope.scaling.type"] = nil
                $0["llama.rope.scaling.factor"] = nil
                $0["llama.\(key)"] = .float32(4)
            }
            try Fixture.asGGUF("llama-linear", conversion) { checkpoint in
                let reference = try ReferenceCase.folder(Fixture.folder("llama-linear")).last!
                let own = try logits(load(checkpoint), reference.tokens, chunk: 128)
                #expect(worstDifference(own, reference.logits) <= LogitsTests.limit, "\(key)")
            }
        }
    }
}

extension GGUFConversion {
    /// Llama 3.1's frequency bands as `rope_freqs.weight`: what each frequency is divided by. For llama-bands: heads of
    /// 16, theta 5000, factor 8 beyond 32 positions, whole below a quarter of them.
    fileprivate mutating func bands() {
        extra["rope_freqs.weight"] = (0..<8).map { pair -> Float in
            let length = 2 * Double.pi * pow(5000, Double(pair) / 8)
            if length < 32 / 4 { return 1 }
            if length > 32 / 1 { return 8 }
            let smooth = (32 / length - 1) / (4 - 1)
            return Float(1 / ((1 - smooth) / 8 + smooth))
        }
    }

    /// Newer deepseek2 files describe the absorbed attention: one key head of the latent's width.
    fileprivate mutating func describesAbsorbedHeads() {
        metadata = { data in
            let (rank, rope) = (
                data.int("deepseek2.attention.kv_lora_rank")!, data.int("deepseek2.rope.dimension_count")!
            )
            data["deepseek2.attention.key_length_mla"] = data["deepseek2.attention.key_length"]
            data["deepseek2.attention.value_length_mla"] = data["deepseek2.attention.value_length"]
            data["deepseek2.attention.key_length"] = .uint32(UInt32(rank + rope))
            data["deepseek2.attention.value_length"] = .uint32(UInt32(rank))
            data["deepseek2.attention.head_count_kv"] = .uint32(1)
        }
    }
}
