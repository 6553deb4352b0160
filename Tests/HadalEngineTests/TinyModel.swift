import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels

/// A Llama of two layers with random weights and a byte-level vocabulary, written as a GGUF file: everything the engine
/// needs, made by the test.
enum TinyModel {
    /// Ids 0...255 are bytes.
    static let beginning: Int32 = 256
    static let end: Int32 = 257
    static let special = ["<|bos|>", "<|im_end|>", "<|im_start|>", "<think>", "</think>"]
    static let vocabulary = 256 + special.count

    static let template = """
        {{ bos_token }}{% for message in messages %}<|im_start|>{{ message.role }}
        {% if message.content is string %}\
        {% set content = message.content %}\
        {% if message.role == 'assistant' and '</think>' in content %}\
        {% set content = content.split('</think>')[-1] %}{% endif %}{{ content }}\
        {% else %}{% for part in message.content %}{{ part.text }}{% endfor %}{% endif %}<|im_end|>
        {% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}\
        {% if add_generation_prompt %}<|im_start|>assistant
        {% if thinking %}<think>
        {% endif %}{% endif %}
        """

    private static let width = 64
    private static let heads = 4
    private static let keyHeads = 2
    private static let layers = 2
    private static let feedForward = 96

    private struct Weight: Sendable {
        let name: String
        let shape: [Int]
        let bytes: [UInt8]
    }

    /// Random, the same in every run.
    private static let weights: [Weight] = {
        var random = SplitMix(state: 42)
        func weight(_ name: String, _ shape: [Int], scale: Float, around center: Float = 0) -> Weight {
            let values = (0..<shape.reduce(1, *)).map { _ in center + scale * random.normal() }
            return Weight(name: name, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
        }
        let keyWidth = keyHeads * width / heads
        var weights = [weight("token_embd.weight", [vocabulary, width], scale: 1)]
        for layer in 0..<layers {
            let name = "blk.\(layer)."
            weights += [
                weight(name + "attn_norm.weight", [width], scale: 0.1, around: 1),
                weight(name + "attn_q.weight", [width, width], scale: 0.2),
                weight(name + "attn_k.weight", [keyWidth, width], scale: 0.2),
                weight(name + "attn_v.weight", [keyWidth, width], scale: 0.25),
                weight(name + "attn_output.weight", [width, width], scale: 0.25),
                weight(name + "ffn_norm.weight", [width], scale: 0.1, around: 1),
                weight(name + "ffn_gate.weight", [feedForward, width], scale: 0.15),
                weight(name + "ffn_up.weight", [feedForward, width], scale: 0.15),
                weight(name + "ffn_down.weight", [width, feedForward], scale: 0.15),
            ]
        }
        weights.append(weight("output_norm.weight", [width], scale: 0.1, around: 1))
        weights.append(weight("output.weight", [vocabulary, width], scale: 0.3))
        return weights
    }()

    /// A file in the temporary directory, for the caller to remove.
    static func write(template: String? = TinyModel.template, metadata: [String: GGUFValue] = [:]) throws -> String {
        let width = 64
        let heads = 4
        let keyHeads = 2
        let layers = 2
        let feedForward = 96
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string("llama")
        writer.metadata["llama.embedding_length"] = .uint32(UInt32(width))
        writer.metadata["llama.block_count"] = .uint32(UInt32(layers))
        writer.metadata["llama.attention.head_count"] = .uint32(UInt32(heads))
        writer.metadata["llama.attention.head_count_kv"] = .uint32(UInt32(keyHeads))
        writer.metadata["llama.feed_forward_length"] = .uint32(UInt32(feedForward))
        writer.metadata["llama.attention.layer_norm_rms_epsilon"] = .float32(1e-5)
        writer.metadata["llama.context_length"] = .uint32(256)
        writer.metadata["llama.rope.freq_base"] = .float32(10000)
        writer.metadata["tokenizer.ggml.model"] = .string("gpt2")
        writer.metadata["tokenizer.ggml.pre"] = .string("gpt-2")
        writer.metadata["tokenizer.ggml.tokens"] = .strings(byteAlphabet + special)
        writer.metadata["tokenizer.ggml.token_type"] = .int32s(
            Array(repeating: 1, count: 256) + special.map { $0.hasSuffix("think>") ? 4 : 3 })
        writer.metadata["tokenizer.ggml.merges"] = .strings([])
        writer.metadata["tokenizer.ggml.bos_token_id"] = .uint32(UInt32(beginning))
        writer.metadata["tokenizer.ggml.eos_token_id"] = .uint32(UInt32(end))
        writer.metadata["tokenizer.ggml.add_bos_token"] = .bool(true)
        if let template { writer.metadata["tokenizer.chat_template"] = .string(template) }
        for (key, value) in metadata { writer.metadata[key] = value }

        for tensor in weights {
            try writer.add(tensor.name, format: .f32, shape: tensor.shape, bytes: tensor.bytes)
        }
        let path = NSTemporaryDirectory() + "hadal-tiny-\(ProcessInfo.processInfo.globallyUniqueString).gguf"
        try writer.write(to: path)
        return path
    }

    /// A model of its own with the same weights: an engine's model computes for nobody else meanwhile.
    static func model(maximumRows: Int) throws -> any LanguageModel {
        let path = try write()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ModelLoader.load(Checkpoint.open(path), device: CPUDevice(threads: 1), maximumRows: maximumRows)
    }

    /// A host of its own; the file is mapped, so it can go at once.
    static func host(
        template: String? = TinyModel.template, metadata: [String: GGUFValue] = [:], _ options: LoadOptions = .init()
    ) throws -> ModelHost {
        let path = try write(template: template, metadata: metadata)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = options
        options.threads = options.threads ?? 1
        return try ModelHost.load(path, options: options)
    }

    /// Blocks enough for 40 full contexts; the same for all tests that only generate.
    static let shared: ModelHost = {
        var options = LoadOptions()
        options.cacheBytes = 16 << 20
        // Small, so that prompts come in pieces.
        options.maximumRows = 48
        return try! host(options)
    }()

    /// The printable character that stands for each byte in GPT-2's vocabularies.
    private static let byteAlphabet: [String] = {
        var next: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            defer { if !isPrintable { next += 1 } }
            return String(Character(Unicode.Scalar(isPrintable ? byte : next)!))
        }
    }()
}

/// A generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The sum of twelve uniform numbers.
    mutating func normal() -> Float {
        (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0..<1, using: &self) }
    }
}

/// What a request gave, put together.
struct Answer: Sendable, Equatable {
    var text = ""
    var tokens: [Int32] = []
    var logProbabilities: [Float] = []
    var alternatives: [[TokenLogProbability]] = []
    var deltas: [String] = []
    var reason: GenerationEvent.FinishReason?
    var generated = 0

    init(_ events: AsyncStream<GenerationEvent>) async {
        for await event in events {
            switch event {
            case .delta(let text, let tokens):
                self.text += text
                deltas.append(text)
                self.tokens += tokens.map(\.id)
                logProbabilities += tokens.compactMap { $0.logProbability?.logProbability }
                alternatives += tokens.map(\.alternatives)
            case .finished(let summary):
                reason = summary.reason
                generated = summary.generatedTokens
            }
        }
    }
}

extension Engine {
    func answer(_ request: GenerationRequest) async throws -> Answer { await Answer(try submit(request)) }
}

extension GenerationRequest {
    /// Greedy, and past the end of text, unless `change` says otherwise.
    static func test(
        _ prompt: [Int32], _ maximumTokens: Int, _ change: (inout GenerationRequest) -> Void = { _ in }
    ) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: maximumTokens)
        request.sampling.temperature = 0
        request.ignoresEndOfText = true
        change(&request)
        return request
    }
}

/// Random bytes as a prompt.
func prompt(_ count: Int, seed: UInt64) -> [Int32] {
    var random = SplitMix(state: seed)
    return [TinyModel.beginning] + (1..<max(count, 1)).map { _ in Int32.random(in: 32..<127, using: &random) }
}
