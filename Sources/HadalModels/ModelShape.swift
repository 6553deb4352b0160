import HadalCheckpoint
import HadalCompute
import HadalJSON

/// A model's dimensions, without its weights: what they take and how fast they are can be computed from these.
public struct ModelShape: Sendable, Hashable {
    public enum Attention: Sendable, Hashable {
        case grouped(heads: Int, keyValueHeads: Int, headWidth: Int, hasBiases: Bool, normsHeads: Bool)
        case latent(Latent)
        case compressed(Compressed)
    }

    /// Multi-head latent attention (arXiv:2405.04434).
    public struct Latent: Sendable, Hashable {
        public var heads: Int
        public var queryRank: Int?
        public var rank: Int
        public var nope: Int
        public var rope: Int
        public var value: Int
        /// V3.2 attends only to the positions that it chooses.
        public var indexer: Indexer?
    }

    /// Chooses the positions that are attended to: `heads` queries of `width` numbers, one key a position
    /// (DeepSeek-V3.2).
    public struct Indexer: Sendable, Hashable {
        public var heads: Int
        public var width: Int
        public var chosen: Int
    }

    /// DeepSeek-V4's attention: the last positions as they are, and those before them in groups that became one.
    public struct Compressed: Sendable, Hashable {
        public var heads: Int
        public var headWidth: Int
        public var queryRank: Int
        public var outputRank: Int
        public var outputGroups: Int
        public var window: Int
        /// Of each layer: positions of a group; 0 where only the window is seen. Groups of 4 are chosen by the indexer.
        public var ratios: [Int]
        public var indexer: Indexer
        /// Copies of the hidden state that layers mix (`hc_mult`).
        public var streams: Int
    }

    public struct Experts: Sendable, Hashable {
        public var count: Int
        public var perToken: Int
        public var width: Int
        /// Of the experts that every token passes, together.
        public var sharedWidth: Int
        /// Layers before this one are dense.
        public var firstLayer: Int
        public var hasBias: Bool
    }

    /// Hugging Face's `model_type`, or GGUF's `general.architecture`.
    public var architecture: String
    public var layers: Int
    public var hidden: Int
    public var intermediate: Int
    public var vocabulary: Int
    public var context: Int
    public var attention: Attention
    public var experts: Experts?
    /// Whether the table and the projection to the vocabulary are one.
    public var tiesEmbeddings: Bool
    /// Layers for multi-token prediction, which `layers` does not count.
    public var predictionLayers: Int

    /// - Throws: `ModelError`, which names the checkpoint.
    public init(_ checkpoint: Checkpoint) throws {
        do {
            let settings = try Settings(checkpoint)
            let table = checkpoint.tensors["model.embed_tokens.weight"] ?? checkpoint.tensors["token_embd.weight"]
            try self.init(settings, vocabulary: table?.shape.first)
            if settings.isGGUF { tiesEmbeddings = checkpoint.tensors["output.weight"] == nil }
        } catch let error as ModelError {
            throw ModelError.inCheckpoint(checkpoint.path, error)
        }
    }

    /// - Parameter config: `config.json` of a model that need not be there.
    /// - Throws: `ModelError`.
    public init(config: JSON) throws {
        try self.init(Settings(config: config), vocabulary: nil)
    }

    private init(_ settings: Settings, vocabulary known: Int?) throws {
        switch settings.architecture {
        case "llama", "qwen2", "qwen3", "deepseek":
            let c = try LlamaModel.Configuration(settings)
            (layers, hidden, intermediate, context) = (c.layers, c.hidden, c.intermediate, c.context)
            attention = .grouped(
                heads: c.heads, keyValueHeads: c.keyValueHeads, headWidth: c.headWidth, hasBiases: c.biasesQueries,
                normsHeads: c.normsHeads)
            experts = c.experts.map { Experts($0, firstLayer: c.firstExpertLayer) }
        case "deepseek2", "deepseek_v2", "deepseek_v3", "deepseek_v32":
            let c = try DeepSeekModel.Configuration(settings)
            (layers, hidden, intermediate, context) = (c.layers, c.hidden, c.intermediate, c.context)
            attention = .latent(
                Latent(
                    heads: c.heads, queryRank: c.queryRank, rank: c.rank, nope: c.nope, rope: c.rope, value: c.value,
                    indexer: settings.architecture == "deepseek_v32" ? try Indexer(settings) : nil))
            experts = c.experts.map { Experts($0, firstLayer: c.firstExpertLayer) }
        case "deepseek_v4":
            layers = try settings.int(.init("num_hidden_layers", nil), in: 1...1024)
            hidden = try settings.int(.init("hidden_size", nil))
            context = try settings.int(.init("max_position_embeddings", nil), in: 1...(1 << 26))
            attention = .compressed(try Compressed(settings, layers: layers))
            let own = try Experts(compressed: settings)
            (experts, intermediate) = (own, own.width)
        case "bert", "roberta", "xlm-roberta":
            throw ModelError.wrongKind(architecture: settings.architecture, isEncoder: true)
        case "deepseek32", "deepseek4": throw ModelError.laterArchitecture(settings.architecture)
        default: throw ModelError.unknownArchitecture(settings.architecture)
        }
        architecture = settings.architecture
        vocabulary = try known ?? settings.int(.init("vocab_size", "vocab_size"))
        tiesEmbeddings = try settings.bool(.init("tie_word_embeddings", nil), default: false)
        predictionLayers =
            try settings.optionalInt(.init("num_nextn_predict_layers", "nextn_predict_layers"), in: 0...64) ?? 0
    }

    /// The engine's cache for `blocks` blocks; nil for attention that it does not compute yet.
    ///
    /// - Parameter predicts: whether the first layer for multi-token prediction is loaded.
    public func cacheShape(blocks: Int, format: KVCacheShape.Format, predicts: Bool = false) -> KVCacheShape? {
        switch attention {
        case .grouped(_, let keyValueHeads, let headWidth, _, _):
            KVCacheShape(
                layers: layers, keyValueHeads: keyValueHeads, keyWidth: headWidth, valueWidth: headWidth,
                blocks: blocks, format: format)
        case .latent(let latent) where latent.indexer == nil:
            KVCacheShape(
                layers: layers + (predicts ? 1 : 0), keyValueHeads: 1, keyWidth: latent.rank + latent.rope,
                valueWidth: 0, blocks: blocks, format: format)
        case .latent, .compressed: nil
        }
    }
}

extension ModelShape.Experts {
    fileprivate init(_ settings: ExpertSettings, firstLayer: Int) {
        self.init(
            count: settings.routing.experts, perToken: settings.routing.expertsPerToken, width: settings.width,
            sharedWidth: settings.sharedWidth, firstLayer: firstLayer, hasBias: settings.hasBias)
    }

    fileprivate init(compressed settings: Settings) throws {
        let width = try settings.int(.init("moe_intermediate_size", nil))
        self.init(
            count: try settings.int(.init("n_routed_experts", nil), in: 1...65536),
            perToken: try settings.int(.init("num_experts_per_tok", nil), in: 1...256), width: width,
            sharedWidth: width * (try settings.optionalInt(.init("n_shared_experts", nil), in: 0...256) ?? 0),
            firstLayer: 0, hasBias: true)
    }
}

extension ModelShape.Indexer {
    fileprivate init(_ settings: Settings) throws {
        self.init(
            heads: try settings.int(.init("index_n_heads", nil), in: 1...4096),
            width: try settings.int(.init("index_head_dim", nil), in: 1...4096),
            chosen: try settings.int(.init("index_topk", nil)))
    }
}

extension ModelShape.Compressed {
    fileprivate init(_ settings: Settings, layers: Int) throws {
        self.init(
            heads: try settings.int(.init("num_attention_heads", nil), in: 1...4096),
            headWidth: try settings.int(.init("head_dim", nil), in: 1...4096),
            queryRank: try settings.int(.init("q_lora_rank", nil)),
            outputRank: try settings.int(.init("o_lora_rank", nil)),
            outputGroups: try settings.int(.init("o_groups", nil), in: 1...4096),
            window: try settings.int(.init("sliding_window", nil)),
            ratios: try settings.ints(.init("compress_ratios", nil), count: layers, in: 0...4096),
            indexer: try ModelShape.Indexer(settings),
            streams: try settings.int(.init("hc_mult", nil), in: 1...64))
    }
}
