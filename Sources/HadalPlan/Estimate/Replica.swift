import HadalCompute
import HadalModels

/// One model served by one machine, or by several accelerators together, under its share of a load.
public struct Replica: Sendable, Hashable {
    /// Accelerators that compute it together; 1 of a processor.
    public var devices: Int
    /// Answers computed at the same time that the load needs.
    public var batch: Int
    public var memory: MemoryNeed
    /// Seconds from a question to the whole answer, when that many are computed.
    public var latency: Double
    /// Seconds to the first token of an answer that need not wait for others.
    public var firstToken: Double
    /// Tokens/s: of one answer alone, and of all at the batch.
    public var decodeAlone: Double
    public var decodeTogether: Double
    public var prefill: Double
    /// Answers a minute that it can give within the latency.
    public var capacity: Double
}

/// Why a format cannot serve the load.
public enum Misfit: Error, Sendable, Hashable, CustomStringConvertible {
    case memory(need: MemoryNeed, usable: Int, devices: Int)
    /// Of the processor beside.
    case besides(need: MemoryNeed, usable: Int)
    case latency(need: MemoryNeed, seconds: Double, allowed: Double)

    /// Of one answer at a time.
    public var memory: MemoryNeed {
        switch self {
        case .memory(let need, _, _), .besides(let need, _), .latency(let need, _, _): need
        }
    }

    public var description: String {
        switch self {
        case .memory(let need, let usable, let devices):
            "needs \(Bytes.text(need.total)) (weights \(Bytes.text(need.weights)), keys and values "
                + "\(Bytes.text(need.cache)), else \(Bytes.text(need.activations + need.program))); usable are "
                + "\(Bytes.text(usable))" + (devices > 1 ? " of \(devices) together" : "")
        case .besides(let need, let usable):
            "needs \(Bytes.text(need.beside)) of the machine's memory for experts; usable are \(Bytes.text(usable))"
        case .latency(_, let seconds, let allowed):
            String(seconds, decimals: 1) + " s for an answer that is computed alone; allowed are "
                + String(allowed, decimals: 1) + " s"
        }
    }
}
