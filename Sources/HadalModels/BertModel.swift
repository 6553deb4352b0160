import HadalCheckpoint
import HadalCompute
import Synchronization

/// BERT (arXiv:1810.04805) and XLM-RoBERTa (arXiv:1911.02116) encoders: learned positions, bidirectional attention,
/// layer norms after each half, GELU.
final class BertModel: TextEncoder, @unchecked Sendable {
    struct Configuration {
        var hidden: Int
        var layers: Int
        var heads: Int
        var intermediate: Int
        var epsilon: Float
        var positions: Int
        /// RoBERTa's positions begin after the padding token's.
        var firstPosition: Int

        init(_ settings: Settings) throws {
            try settings.require(.init("hidden_act", nil), isOneOf: ["gelu"])
            try settings.require(.init("position_embedding_type", nil), isOneOf: ["absolute"])
            hidden = try settings.int(.init("hidden_size", "embedding_length"))
            layers = try settings.int(.init("num_hidden_layers", "block_count"), in: 1...1024)
            heads = try settings.int(.init("num_attention_heads", "attention.head_count"), in: 1...1024)
            intermediate = try settings.int(.init("intermediate_size", "feed_forward_length"))
            epsilon = Float(try settings.double(.init("layer_norm_eps", "attention.layer_norm_epsilon")))
            positions = try settings.int(.init("max_position_embeddings", "context_length"))
            firstPosition =
                settings.architecture == "xlm-roberta"
                ? try settings.int(.init("pad_token_id", nil), in: 0...65536) + 1 : 0
            guard hidden % heads == 0, positions > firstPosition else {
                throw ModelError.invalidField("num_attention_heads", found: "\(heads)", expected: "a divisor of \(hidden)")
            }
        }
    }

    private struct Layer {
        let qkv: any LinearWeight  // [3 · hidden, hidden]
        let qkvBias: Buffer?
        let output: any LinearWeight  // [hidden, hidden]
        let outputBias: Buffer?
        let outputNorm: Norm
        let up: any LinearWeight  // [intermediate, hidden]
        let upBias: Buffer?
        let down: any LinearWeight  // [hidden, intermediate]
        let downBias: Buffer?
        let downNorm: Norm
    }

    private struct Norm {
        let weight: Buffer
        let bias: Buffer
    }

    let width: Int
    let contextLength: Int
    let vocabularySize: Int
    private let c: Configuration
    private let device: any ComputeDevice
    private let words: any LinearWeight
    private let positions: any LinearWeight
    private let types: (any LinearWeight)?
    private let norm: Norm
    private let layers: [Layer]
    private let pooling: Pooling
    /// A device serves one caller at a time.
    private let lock = Mutex(())

    init(_ checkpoint: Checkpoint, _ settings: Settings, device: any ComputeDevice) throws {
        let c = try Configuration(settings)
        let weights = Weights(checkpoint, device: device)
        // Checkpoints with a task's head keep the encoder under its own name.
        let prefix = ["", "bert.", "roberta."].first { weights.find("\($0)embeddings.word_embeddings.weight") != nil } ?? ""
        func name(_ huggingFace: String, _ gguf: String) -> String { weights.name(prefix + huggingFace, gguf) }
        func norm(_ huggingFace: String, _ gguf: String) throws -> Norm {
            Norm(
                weight: try weights.vector(name("\(huggingFace).weight", "\(gguf).weight"), c.hidden),
                bias: try weights.vector(name("\(huggingFace).bias", "\(gguf).bias"), c.hidden))
        }
        func table(_ huggingFace: String, _ gguf: String) throws -> Tensor? {
            let tensor = weights.find(name("embeddings.\(huggingFace).weight", "\(gguf).weight"))
            if let tensor, tensor.shape.count != 2 || tensor.shape[1] != c.hidden {
                throw ModelError.misshapenTensor(tensor.name, shape: tensor.shape, expected: [tensor.shape[0], c.hidden])
            }
            return tensor
        }
        guard let wordTable = try table("word_embeddings", "token_embd") else {
            throw ModelError.missingTensor(name("embeddings.word_embeddings.weight", "token_embd.weight"))
        }
        guard let positionTable = try table("position_embeddings", "position_embd"), positionTable.shape[0] >= c.positions
        else { throw ModelError.missingTensor(name("embeddings.position_embeddings.weight", "position_embd.weight")) }
        words = try device.table(wordTable)
        positions = try device.table(positionTable)
        types = try table("token_type_embeddings", "token_types").map { try device.table($0) }
        self.norm = try norm("embeddings.LayerNorm", "token_embd_norm")
        layers = try (0..<c.layers).map { index in
            let hf = "encoder.layer.\(index)"
            let gguf = "blk.\(index)"
            func part(_ huggingFace: String, _ own: String, _ kind: String) -> String {
                name("\(hf).\(huggingFace).\(kind)", "\(gguf).\(own).\(kind)")
            }
            let qkv = [("query", "attn_q"), ("key", "attn_k"), ("value", "attn_v")].map { ("attention.self.\($0.0)", $0.1) }
            return Layer(
                qkv: try device.linear(
                    qkv.map { try weights.tensor(part($0.0, $0.1, "weight"), [c.hidden, c.hidden]) }),
                qkvBias: try weights.biases(qkv.map { (part($0.0, $0.1, "bias"), c.hidden) }),
                output: try weights.linear(part("attention.output.dense", "attn_output", "weight"), c.hidden, c.hidden),
                outputBias: try weights.biases([(part("attention.output.dense", "attn_output", "bias"), c.hidden)]),
                outputNorm: try norm("\(hf).attention.output.LayerNorm", "\(gguf).attn_output_norm"),
                up: try weights.linear(part("intermediate.dense", "ffn_up", "weight"), c.intermediate, c.hidden),
                upBias: try weights.biases([(part("intermediate.dense", "ffn_up", "bias"), c.intermediate)]),
                down: try weights.linear(part("output.dense", "ffn_down", "weight"), c.hidden, c.intermediate),
                downBias: try weights.biases([(part("output.dense", "ffn_down", "bias"), c.hidden)]),
                downNorm: try norm("\(hf).output.LayerNorm", "\(gguf).layer_output_norm"))
        }
        self.c = c
        self.device = device
        width = c.hidden
        contextLength = c.positions - c.firstPosition
        vocabularySize = wordTable.shape[0]
        pooling = try Pooling(checkpoint)
    }

    func encode(_ sequences: [[Int32]]) -> [[Float]] {
        lock.withLock { _ in sequences.map(encode) }
    }

    private func encode(_ tokens: [Int32]) -> [Float] {
        let rows = tokens.count
        precondition(rows > 0 && rows <= contextLength)
        func scratch(_ width: Int) -> Buffer { device.allocate(rows: rows, width: width) }
        let x = scratch(c.hidden)
        let part = scratch(c.hidden)
        let qkv = scratch(3 * c.hidden)
        let wide = scratch(c.intermediate)
        defer { for buffer in [x, part, qkv, wide] { device.free(buffer) } }
        embed(tokens, words, into: x)
        embed((0..<rows).map { Int32(c.firstPosition + $0) }, positions, into: part)
        device.add(part, rows: rows, into: x)
        if let types {
            embed(Array(repeating: 0, count: rows), types, into: part)
            device.add(part, rows: rows, into: x)
        }
        device.layerNorm(x, rows: rows, weight: norm.weight, bias: norm.bias, epsilon: c.epsilon, into: x)
        let headWidth = c.hidden / c.heads
        for layer in layers {
            device.multiply(x, rows: rows, by: layer.qkv, bias: layer.qkvBias, accumulates: false, into: qkv)
            device.attendWithin(
                qkv, lengths: [rows], heads: c.heads, headWidth: headWidth, scale: 1 / Float(headWidth).squareRoot(),
                into: part)
            device.multiply(part, rows: rows, by: layer.output, bias: layer.outputBias, accumulates: true, into: x)
            device.layerNorm(
                x, rows: rows, weight: layer.outputNorm.weight, bias: layer.outputNorm.bias, epsilon: c.epsilon, into: x)
            device.multiply(x, rows: rows, by: layer.up, bias: layer.upBias, accumulates: false, into: wide)
            device.gelu(wide, rows: rows)
            device.multiply(wide, rows: rows, by: layer.down, bias: layer.downBias, accumulates: true, into: x)
            device.layerNorm(
                x, rows: rows, weight: layer.downNorm.weight, bias: layer.downNorm.bias, epsilon: c.epsilon, into: x)
        }
        return pooling.pool(device.read(x, rows: rows)[...], width: c.hidden)
    }

    private func embed(_ ids: [Int32], _ table: any LinearWeight, into out: Buffer) {
        var step = Step()
        step.tokens = ids
        step.positions = Array(repeating: 0, count: ids.count)
        step.sequences = Array(repeating: 0, count: ids.count)
        step.blockTables = [[]]
        device.begin(step)
        device.embed(table, into: out)
    }
}
