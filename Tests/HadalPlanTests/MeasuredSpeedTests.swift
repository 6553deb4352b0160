import HadalCheckpoint
import HadalCompute
import HadalModels
import Testing

@testable import HadalPlan

/// The roofline against what was measured on one machine: "The engine, 2026-11-29" in `Benchmarks/RESULTS.md`, whose
/// rounds are averaged here.
@Suite(.timeLimit(.minutes(15)))
struct MeasuredSpeedTests {
    /// That machine's limits: int8 0.91 to 0.94 TOPS; 87 % of plain reading at 18.1 tokens/s.
    private static let machine = Hardware.given(memory: 24_000_000_000, bandwidth: 34e9, int8: 0.93e12)

    struct Measurement: Sendable {
        var model: String
        var format: TensorFormat
        /// 0: of prompts of 512 tokens.
        var batch: Int
        var tokensPerSecond: Double
    }

    /// Without V2-Lite's batch of 8: random weights choose the same experts again and again (72 % of reading are 20 of
    /// 64 a layer), where 8 tokens that have nothing to do with each other are expected to choose 35.
    static let measurements = [
        Measurement(model: "r1-distill-qwen-1.5b", format: .q8_0, batch: 0, tokensPerSecond: 175.5),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q8_0, batch: 1, tokensPerSecond: 20.6),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q8_0, batch: 8, tokensPerSecond: 130.5),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q8_0, batch: 16, tokensPerSecond: 161),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q8_0, batch: 32, tokensPerSecond: 175.5),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q4_0, batch: 0, tokensPerSecond: 206),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q4_0, batch: 1, tokensPerSecond: 34),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q4_0, batch: 8, tokensPerSecond: 151.5),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q4_0, batch: 16, tokensPerSecond: 183.5),
        Measurement(model: "r1-distill-qwen-1.5b", format: .q4_0, batch: 32, tokensPerSecond: 186.5),
        Measurement(model: "v2-lite", format: .q4_0, batch: 0, tokensPerSecond: 104),
        Measurement(model: "v2-lite", format: .q4_0, batch: 1, tokensPerSecond: 18.3),
        Measurement(model: "v2-lite", format: .q4_0, batch: 32, tokensPerSecond: 83.5),
    ]

    @Test(arguments: measurements)
    func plannedSpeedIsWithinAFifth(measured: Measurement) throws {
        let shape = try #require(ModelCatalogue.published.find(measured.model)).shape()
        let roofline = Roofline(uniform(shape, measured.format), Self.machine, cacheFormat: .f16)
        let planned =
            measured.batch == 0
            ? 512 / roofline.prefill(tokens: 512, after: 0, rowsMax: 512)
            : Double(measured.batch)
                / roofline.decode(batch: measured.batch, length: measured.batch == 1 ? 536 : 44).seconds
        #expect(
            abs(planned / measured.tokensPerSecond - 1) < 0.2,
            "\(planned) planned, \(measured.tokensPerSecond) measured")
    }

    /// As `hadal bench synth` writes files: every matrix but routers in one format, MLA's up-projections apart.
    private func uniform(_ shape: ModelShape, _ format: TensorFormat) -> ModelWeights {
        let tensors = ModelWeights(shape, in: .bf16).tensors.flatMap { tensor -> [WeightTensor] in
            func with(_ name: String, _ dimensions: [Int]) -> WeightTensor {
                WeightTensor(
                    name, dimensions, copies: tensor.copies, format: tensor.role == .exact ? .f32 : format,
                    layers: shape.layers)
            }
            guard tensor.name.contains("kv_b_proj"), case .latent(let c) = shape.attention else {
                return [with(tensor.name, tensor.shape)]
            }
            return [
                with("attn_k_b.weight", [c.heads, c.rank, c.nope]),
                with("attn_v_b.weight", [c.heads, c.value, c.rank]),
            ]
        }
        return ModelWeights(shape: shape, tensors: tensors)
    }
}
