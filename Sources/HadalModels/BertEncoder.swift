import HadalCheckpoint
import HadalCompute
import Synchronization

/// BERT (arXiv:1810.04805) and (XLM-)RoBERTa (arXiv:1907.11692, arXiv:1911.02116) as encoders of texts: post-norm layers,
/// learned positions, attention in both directions.
final class BertEncoder: TextEncoder, @unchecked Sendable {
    struct Configuration {
        var hidden: Int
        var layers: Int
        var heads: Int
        var intermediate: Int
        var epsilon: Float
        var positions: Int
        /// The row of the position table that belongs to the first token: RoBERTa's begin after its padding id.
        var firstPosition: Int

        init(_ settings: Settings) throws {
            try settings.require(.init("hidden_act", nil), isOneOf: ["gelu"])
            try settings.require(.init("position_embedding_type", nil), isOneOf: ["absolute"])
            hidden = try settings.int(.init("hidden_size", "embedding_length"))
            layers = try settings.int(.init("num_hidden_layers", "block_count"), in: 1...1024)
            heads = try settings.int(.init("num_attention_heads", "attention.head_count"), in: 1...4096)
            intermediate = try settings.int(.init("intermediate_size", "feed_forward_length"))
            epsilon = Float(try settings.double(.init("layer_norm_eps", "attention.layer_norm_epsilon")))
            positions = try settings.int(.init("max_position_embeddings", "context_length"), in: 1...(1 << 20))
            // GGUF files hold RoBERTa's position table without its first, unused rows.
            firstPosition =
                settings.isGGUF || settings.architecture == "bert"
                ? 0 : try settings.int(.init("pad_token_id", nil), in: 0...65536) + 1
            guard hidden % heads == 0 else {
                throw ModelError.invalidField(
                    settings.name(.init("num_attention_heads", "attention.head_count")), found: "\(heads)",
                    expected: "a divisor of \(hidden)")
            }
            guard firstPosition < positions else {
                throw ModelError.invalidField(
                    "pad_token_id", found: "\(firstPosition - 1)", expected: "less than the \(positions) positions")
            }
        }
    }

    private struct LayerNorm {
        let weight: Buffer  // [hidden]
        let bias: Buffer  // [hidden]
    }

    private struct Layer {
        let qkv: any LinearWeight  // [3 · hidden, hidden]
        let qkvBias: Buffer?
        let output: any LinearWeight  // [hidden, hidden]
        let outputBias: Buffer
        let attentionNorm: LayerNorm
        let up: any LinearWeight  // [intermediate, hidden]
        let upBias: Buffer
        let down: any LinearWeight  // [hidden, intermediate]
        let downBias: Buffer
        let outputNorm: LayerNorm
    }

    let configuration: Configuration
    let device: any ComputeDevice
    let description: ModelDescription
    let contextLength: Int
    var width: Int { configuration.hidden }
    var vocabularySize: Int { description.vocabularySize }
    private let pooling: Pooling
    private let maximumRows: Int
    private let words: any LinearWeight  // [vocabulary, hidden]
    private let positions: any LinearWeight  // [positions, hidden], the first token type's vector added
    private let embeddingNorm: LayerNorm
    private let layers: [Layer]
    // Scratch, [maximumRows, …].
    private let x: Buffer
    private let branch: Buffer
    private let qkv: Buffer
    private let attended: Buffer
    private let inner: Buffer
    /// A device serves one caller at a time.
    private let lock = Mutex(())

    init(_ weights: Weights, _ settings: Settings, pooling: Pooling, maximumRows: Int?, progress: LoadProgress) throws {
        let c = try Configuration(settings)
        let names = Names(weights)
        configuration = c
        device = weights.device
        self.pooling = pooling
        let usable = c.positions - c.firstPosition
        let maximumRows = maximumRows ?? max(usable, 512)
        self.maximumRows = maximumRows
        let wordName = names.embedding("word_embeddings", "token_embd")
        guard let wordTable = weights.find(wordName) else { throw ModelError.missingTensor(wordName) }
        guard wordTable.shape.count == 2, wordTable.shape[1] == c.hidden else {
            throw ModelError.misshapenTensor(
                wordName, shape: wordTable.shape, expected: [wordTable.shape.first ?? 0, c.hidden])
        }
        words = try device.table(wordTable)
        positions = try device.table(BertEncoder.positionTable(weights, names, c))
        embeddingNorm = try names.norm("\(names.prefix)embeddings.LayerNorm", "token_embd_norm", c.hidden)
        layers = try (0..<c.layers).map { index in
            progress.report(index, of: c.layers)
            return try BertEncoder.layer(index, weights, names, c)
        }
        try weights.requireNothingLeft { name in
            // Heads for other tasks than embedding.
            [names.prefix + "pooler.", "cls.", "lm_head."].contains(where: name.hasPrefix)
        }
        contextLength = min(usable, maximumRows)
        description = ModelDescription(
            architecture: settings.architecture, vocabularySize: wordTable.shape[0], contextLength: usable,
            parameters: weights.parameters, weightBytes: weights.bytes)
        x = try device.allocate(rows: maximumRows, width: c.hidden)
        branch = try device.allocate(rows: maximumRows, width: c.hidden)
        qkv = try device.allocate(rows: maximumRows, width: 3 * c.hidden)
        attended = try device.allocate(rows: maximumRows, width: c.hidden)
        inner = try device.allocate(rows: maximumRows, width: c.intermediate)
        progress.report(1, of: 1)
    }

    deinit { for buffer in [x, branch, qkv, attended, inner] { device.free(buffer) } }

    func encode(_ texts: [[Int32]]) -> [[Float]] {
        precondition(
            texts.allSatisfy { !$0.isEmpty && $0.count <= contextLength }, "a text of a length that is not taken")
        return lock.withLock { _ in
            var vectors: [[Float]] = []
            while vectors.count < texts.count {
                let start = vectors.count
                var end = start
                var rows = 0
                while end < texts.count, rows + texts[end].count <= maximumRows {
                    rows += texts[end].count
                    end += 1
                }
                vectors += encode(together: texts[start..<end])
            }
            return vectors
        }
    }

    /// Texts that fit into the scratch together.
    private func encode(together texts: ArraySlice<[Int32]>) -> [[Float]] {
        let lengths = texts.map(\.count)
        let rows = lengths.reduce(0, +)
        forward(Array(texts.joined()), lengths: lengths)
        let states = device.read(x, rows: rows)
        var start = 0
        return lengths.map { length in
            defer { start += length * width }
            return pooling.pool(states[start..<start + length * width], width: width)
        }
    }

    /// Leaves the tokens' vectors in `x`.
    private func forward(_ tokens: [Int32], lengths: [Int]) {
        let c = configuration
        let rows = tokens.count
        let headWidth = c.hidden / c.heads
        embed(tokens, by: words, into: x)
        embed(lengths.flatMap { 0..<$0 }.map { Int32($0 + c.firstPosition) }, by: positions, into: branch)
        device.add(branch, rows: rows, into: x)
        normalize(x, rows, embeddingNorm)
        for layer in layers {
            multiply(x, rows, layer.qkv, layer.qkvBias, into: qkv)
            device.attendWithin(
                qkv, lengths: lengths, heads: c.heads, headWidth: headWidth, scale: 1 / Float(headWidth).squareRoot(),
                into: attended)
            multiply(attended, rows, layer.output, layer.outputBias, addedTo: x)
            normalize(x, rows, layer.attentionNorm)
            multiply(x, rows, layer.up, layer.upBias, into: inner)
            device.gelu(inner, rows: rows)
            multiply(inner, rows, layer.down, layer.downBias, addedTo: x)
            normalize(x, rows, layer.outputNorm)
        }
    }

    private func embed(_ ids: [Int32], by table: any LinearWeight, into out: Buffer) {
        var step = Step()
        step.tokens = ids
        step.positions = Array(repeating: 0, count: ids.count)
        step.sequences = step.positions
        step.blockTables = [[]]
        device.begin(step)
        device.embed(table, into: out)
    }

    private func multiply(
        _ input: Buffer, _ rows: Int, _ weight: any LinearWeight, _ bias: Buffer?, into out: Buffer
    ) {
        device.multiply(input, rows: rows, by: weight, bias: bias, accumulates: false, into: out)
    }

    private func multiply(
        _ input: Buffer, _ rows: Int, _ weight: any LinearWeight, _ bias: Buffer?, addedTo out: Buffer
    ) {
        device.multiply(input, rows: rows, by: weight, bias: bias, accumulates: true, into: out)
    }

    private func normalize(_ states: Buffer, _ rows: Int, _ norm: LayerNorm) {
        device.layerNorm(
            states, rows: rows, weight: norm.weight, bias: norm.bias, epsilon: configuration.epsilon, into: states)
    }
}

extension BertEncoder {
    /// Names in checkpoints of the encoder alone, of a whole model (`bert.`, `roberta.`), and in GGUF.
    private struct Names {
        let weights: Weights
        let prefix: String

        init(_ weights: Weights) {
            self.weights = weights
            prefix =
                ["", "bert.", "roberta."].first {
                    weights.checkpoint.tensors[$0 + "embeddings.word_embeddings.weight"] != nil
                } ?? ""
        }

        func embedding(_ huggingFace: String, _ gguf: String) -> String {
            weights.name("\(prefix)embeddings.\(huggingFace).weight", "\(gguf).weight")
        }

        func layer(_ index: Int, _ huggingFace: String, _ gguf: String) -> String {
            weights.name("\(prefix)encoder.layer.\(index).\(huggingFace)", "blk.\(index).\(gguf)")
        }

        func norm(_ huggingFace: String, _ gguf: String, _ width: Int) throws -> LayerNorm {
            let name = weights.name(huggingFace, gguf)
            // BERT's first checkpoints, from TensorFlow, say gamma and beta.
            let isOld = weights.checkpoint.tensors[name + ".gamma"] != nil
            return LayerNorm(
                weight: try weights.vector(name + (isOld ? ".gamma" : ".weight"), width),
                bias: try weights.vector(name + (isOld ? ".beta" : ".bias"), width))
        }
    }

    /// `[positions, hidden]`. All tokens are of the first type, so its vector is added here once.
    private static func positionTable(_ weights: Weights, _ names: Names, _ c: Configuration) throws -> Tensor {
        let name = names.embedding("position_embeddings", "position_embd")
        var values = try weights.tensor(name, [c.positions, c.hidden]).dequantized()
        if let types = weights.find(names.embedding("token_type_embeddings", "token_types")) {
            let first = types.dequantized().prefix(c.hidden)
            guard types.columns == c.hidden, first.count == c.hidden else {
                throw ModelError.misshapenTensor(types.name, shape: types.shape, expected: [types.rows, c.hidden])
            }
            for index in values.indices { values[index] += first[index % c.hidden] }
        }
        return try Tensor(name: name, shape: [c.positions, c.hidden], values: values)
    }

    private static func layer(_ index: Int, _ weights: Weights, _ names: Names, _ c: Configuration) throws -> Layer {
        let parts = [("query", "attn_q"), ("key", "attn_k"), ("value", "attn_v")].map {
            names.layer(index, "attention.self.\($0.0)", $0.1)
        }
        let output = names.layer(index, "attention.output.dense", "attn_output")
        let up = names.layer(index, "intermediate.dense", "ffn_up")
        let down = names.layer(index, "output.dense", "ffn_down")
        func norm(_ huggingFace: String, _ gguf: String) throws -> LayerNorm {
            try names.norm(
                "\(names.prefix)encoder.layer.\(index).\(huggingFace)", "blk.\(index).\(gguf)", c.hidden)
        }
        return Layer(
            qkv: try weights.device.linear(parts.map { try weights.tensor($0 + ".weight", [c.hidden, c.hidden]) }),
            qkvBias: try weights.biases(parts.map { ($0 + ".bias", c.hidden) }),
            output: try weights.linear(output + ".weight", c.hidden, c.hidden),
            outputBias: try weights.vector(output + ".bias", c.hidden),
            attentionNorm: try norm("attention.output.LayerNorm", "attn_output_norm"),
            up: try weights.linear(up + ".weight", c.intermediate, c.hidden),
            upBias: try weights.vector(up + ".bias", c.intermediate),
            down: try weights.linear(down + ".weight", c.hidden, c.intermediate),
            downBias: try weights.vector(down + ".bias", c.hidden),
            outputNorm: try norm("output.LayerNorm", "layer_output_norm"))
    }
}
