import Foundation
import HadalCheckpoint

/// A Llama of two layers with random weights and a byte-level vocabulary, written as a GGUF file: everything an
/// engine needs, made by the test.
public enum TinyModel {
    /// Ids 0...255 are bytes.
    public static let beginning: Int32 = 256
    public static let end: Int32 = 257
    public static let special = ["<|bos|>", "<|im_end|>", "<|im_start|>", "<think>", "</think>"]
    public static let vocabulary = 256 + special.count

    public static let template = """
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
    /// - Parameters:
    ///   - special: as many as `TinyModel.special`.
    ///   - endless: whether the special tokens, the one that ends an answer among them, all have the logit 0.
    ///     They are then never among the twenty likeliest.
    ///   - ascii: whether bytes beyond ASCII have it too.
    public static func write(
        template: String? = TinyModel.template, special: [String] = TinyModel.special,
        metadata: [String: GGUFValue] = [:], contextLength: UInt32 = 256, endless: Bool = false, ascii: Bool = false
    ) throws -> String {
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string("llama")
        writer.metadata["llama.embedding_length"] = .uint32(UInt32(width))
        writer.metadata["llama.block_count"] = .uint32(UInt32(layers))
        writer.metadata["llama.attention.head_count"] = .uint32(UInt32(heads))
        writer.metadata["llama.attention.head_count_kv"] = .uint32(UInt32(keyHeads))
        writer.metadata["llama.feed_forward_length"] = .uint32(UInt32(feedForward))
        writer.metadata["llama.attention.layer_norm_rms_epsilon"] = .float32(1e-5)
        writer.metadata["llama.context_length"] = .uint32(contextLength)
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
            var bytes = tensor.bytes
            if tensor.name == "output.weight" {
                let row = bytes.count / vocabulary
                func clear(_ ids: Range<Int>) {
                    bytes.replaceSubrange(
                        (ids.lowerBound * row)..<(ids.upperBound * row), with: repeatElement(0, count: ids.count * row))
                }
                if endless { clear(256..<vocabulary) }
                if ascii { clear(128..<256) }
            }
            try writer.add(tensor.name, format: .f32, shape: tensor.shape, bytes: bytes)
        }
        let path = NSTemporaryDirectory() + "hadal-tiny-\(ProcessInfo.processInfo.globallyUniqueString).gguf"
        try writer.write(to: path)
        return path
    }

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
