/// The dimensions of a published model, for checkpoints with random weights: speed depends on the shape alone.
public struct SyntheticShape: Sendable {
    public enum Attention: Sendable {
        case grouped(heads: Int, keyValueHeads: Int, headWidth: Int, biases: Bool)
        case latent(heads: Int, queryRank: Int?, keyValueRank: Int, nope: Int, rope: Int, value: Int)
    }

    public struct Experts: Sendable {
        var count: Int
        var perToken: Int
        var shared: Int
        var width: Int
        var denseLayers: Int
        var groups: Int
        var groupsPerToken: Int
        var sigmoid: Bool
        var normalizes: Bool
        var scale: Double
    }

    public var name: String
    /// GGUF's `general.architecture`.
    public var architecture: String
    public var layers: Int
    public var hidden: Int
    public var intermediate: Int
    public var vocabulary: Int
    public var context: Int
    public var ropeBase: Double
    public var epsilon: Double
    public var attention: Attention
    public var experts: Experts?
    /// YaRN of the DeepSeek models: factor, original context, `0.1 × mscale_all_dim`.
    public var yarn: (factor: Double, context: Int, logMultiplier: Double)?
    /// Name of the pre-tokenizer, so that other programs accept the file.
    public var preTokenizer: String

    public static let names = all.map(\.name)

    /// - Parameter layers: fewer layers than the published model, to fit the machine.
    public static func named(_ name: String, layers: Int? = nil) -> SyntheticShape? {
        guard var shape = all.first(where: { $0.name == name }) else { return nil }
        if let layers { shape.layers = layers }
        return shape
    }

    private static let all: [SyntheticShape] = [
        // No published model: small enough for tests and first tries.
        SyntheticShape(
            name: "tiny", architecture: "qwen2", layers: 2, hidden: 64, intermediate: 128, vocabulary: 512,
            context: 1024, ropeBase: 10_000, epsilon: 1e-6,
            attention: .grouped(heads: 4, keyValueHeads: 2, headWidth: 16, biases: true), preTokenizer: "qwen2"),
        SyntheticShape(
            name: "r1-distill-qwen-1.5b", architecture: "qwen2", layers: 28, hidden: 1536, intermediate: 8960,
            vocabulary: 151_936, context: 131_072, ropeBase: 10_000, epsilon: 1e-6,
            attention: .grouped(heads: 12, keyValueHeads: 2, headWidth: 128, biases: true), preTokenizer: "qwen2"),
        SyntheticShape(
            name: "r1-distill-llama-8b", architecture: "llama", layers: 32, hidden: 4096, intermediate: 14_336,
            vocabulary: 128_256, context: 131_072, ropeBase: 500_000, epsilon: 1e-5,
            attention: .grouped(heads: 32, keyValueHeads: 8, headWidth: 128, biases: false), preTokenizer: "llama-bpe"),
        SyntheticShape(
            name: "llm-7b", architecture: "llama", layers: 30, hidden: 4096, intermediate: 11_008,
            vocabulary: 102_400, context: 4096, ropeBase: 10_000, epsilon: 1e-6,
            attention: .grouped(heads: 32, keyValueHeads: 32, headWidth: 128, biases: false),
            preTokenizer: "deepseek-llm"),
        SyntheticShape(
            name: "v2-lite", architecture: "deepseek2", layers: 27, hidden: 2048, intermediate: 10_944,
            vocabulary: 102_400, context: 163_840, ropeBase: 10_000, epsilon: 1e-6,
            attention: .latent(heads: 16, queryRank: nil, keyValueRank: 512, nope: 128, rope: 64, value: 128),
            experts: Experts(
                count: 64, perToken: 6, shared: 2, width: 1408, denseLayers: 1, groups: 1, groupsPerToken: 1,
                sigmoid: false, normalizes: false, scale: 1),
            yarn: (40, 4096, 0.0707), preTokenizer: "deepseek-llm"),
        SyntheticShape(
            name: "v3", architecture: "deepseek2", layers: 61, hidden: 7168, intermediate: 18_432,
            vocabulary: 129_280, context: 163_840, ropeBase: 10_000, epsilon: 1e-6,
            attention: .latent(heads: 128, queryRank: 1536, keyValueRank: 512, nope: 128, rope: 64, value: 128),
            experts: Experts(
                count: 256, perToken: 8, shared: 1, width: 2048, denseLayers: 3, groups: 8, groupsPerToken: 4,
                sigmoid: true, normalizes: true, scale: 2.5),
            yarn: (40, 4096, 0.1), preTokenizer: "deepseek-v3"),
    ]
}
