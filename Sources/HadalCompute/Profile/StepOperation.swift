/// What the thread that runs steps spends its time on: the rows of a profile's tables, in the order of a step.
public enum StepOperation: Int, Sendable, CaseIterable {
    case scheduling, assembly, embedding, norm
    /// Rows brought to 8 bits, before products with quantized weights.
    case quantization
    /// Products with what a weight is for; `product` where nobody said.
    case queryKeyValue, latent
    case rotation, cacheWrite, attention, outputProjection
    /// Of routed experts: their rows gathered and their results added up, and the three parts of each.
    case router, expertRows, expertGateUp, expertActivation, expertDown
    case gateUp, activation, down
    case head, product, copying
    /// Logits handed to the engine.
    case reading
    case mask, sampling, delivery
    /// For something to do. The last: the profiler's tables end with it.
    case waiting

    /// As users know it.
    public var name: String {
        switch self {
        case .embedding: "embedding"
        case .norm: "norm"
        case .rotation: "rope"
        case .cacheWrite: "cache write"
        case .attention: "attention"
        case .activation: "SiLU"
        case .copying: "copy rows"
        case .quantization: "quantize rows"
        case .queryKeyValue: "QKV projection"
        case .latent: "MLA projections"
        case .outputProjection: "output projection"
        case .gateUp: "gate, up"
        case .down: "down"
        case .router: "router"
        case .head: "LM head"
        case .product: "other products"
        case .expertRows: "experts: gather, add"
        case .expertGateUp: "experts: gate, up"
        case .expertActivation: "experts: SiLU"
        case .expertDown: "experts: down"
        case .reading: "read logits"
        case .scheduling: "scheduling"
        case .assembly: "assemble step"
        case .mask: "constraint masks"
        case .sampling: "sampling"
        case .delivery: "detokenize, send"
        case .waiting: "waiting for requests"
        }
    }

    /// The part of the engine that it belongs to, as a flame graph groups them.
    public var part: String {
        switch self {
        case .norm, .quantization, .copying: "rows"
        case .queryKeyValue, .latent, .rotation, .cacheWrite, .attention, .outputProjection: "attention"
        case .gateUp, .activation, .down, .router, .expertRows, .expertGateUp, .expertActivation, .expertDown:
            "feed-forward"
        case .embedding, .head, .product: "vocabulary"
        case .reading, .mask, .sampling, .delivery: "answers"
        case .scheduling, .assembly: "scheduler"
        case .waiting: "idle"
        }
    }
}

/// What a step's rows are. A step computes all of its rows at once, so that its time is not divided among them.
public enum StepPhase: Int, Sendable, CaseIterable {
    /// Rows of prompts alone, or of answers alone (their guesses included), or both.
    case prefill, decode, mixed
    /// Guessing tokens ahead, between two steps.
    case drafting
    /// Neither: taking in requests, scheduling, waiting. The last.
    case engine

    public var name: String {
        switch self {
        case .prefill: "prefill"
        case .decode: "decode"
        case .mixed: "prefill+decode"
        case .drafting: "drafting"
        case .engine: "engine"
        }
    }
}
