import HadalCheckpoint
import HadalCompute

/// A layer's feed-forward part: a gated MLP, or experts that every token shares and experts it is routed to
/// (DeepSeekMoE, arXiv:2401.06066; auxiliary-loss-free routing, arXiv:2412.19437).
enum FeedForward {
    case dense(GatedMLP)
    case experts(Experts)

    /// - Parameter experts: nil for a dense layer, of width `width`.
    init(
        _ weights: Weights, _ huggingFace: String, _ gguf: String, hidden: Int, width: Int, experts: ExpertSettings?
    ) throws {
        self =
            if let experts {
                .experts(try Experts(weights, huggingFace, gguf, hidden: hidden, settings: experts))
            } else {
                .dense(try GatedMLP(weights, huggingFace, gguf, hidden: hidden, width: width))
            }
    }
}

/// `down(silu(gate · x) * (up · x))`.
struct GatedMLP {
    let gateUp: any LinearWeight  // [2 · width, hidden]
    let down: any LinearWeight  // [hidden, width]
    let width: Int

    /// - Parameter suffix: GGUF's, such as `_shexp`.
    init(_ weights: Weights, _ huggingFace: String, _ gguf: String, suffix: String = "", hidden: Int, width: Int) throws
    {
        func part(_ name: String) -> String {
            weights.name("\(huggingFace).\(name)_proj.weight", "\(gguf).ffn_\(name)\(suffix).weight")
        }
        gateUp = try weights.device.linear(
            [weights.tensor(part("gate"), [width, hidden]), weights.tensor(part("up"), [width, hidden])])
        down = try weights.linear(part("down"), hidden, width)
        self.width = width
    }
}

/// What an expert layer needs to be read.
struct ExpertSettings {
    var routing: RoutingShape
    var width: Int
    /// Shared experts count as one of their summed width.
    var sharedWidth: Int
    var hasBias: Bool
}

struct Experts {
    let router: any LinearWeight  // [experts, hidden]
    let bias: Buffer?  // [experts], for the choice alone
    let gateUp: any StackedWeight  // experts × [2 · width, hidden]
    let down: any StackedWeight  // experts × [hidden, width]
    let shared: GatedMLP?
    let routing: RoutingShape

    init(_ weights: Weights, _ huggingFace: String, _ gguf: String, hidden: Int, settings: ExpertSettings) throws {
        let count = settings.routing.experts
        let width = settings.width
        routing = settings.routing
        // The router decides; it is kept in float32 whatever the checkpoint has.
        router = try weights.device.linear(
            weights.tensor(weights.name("\(huggingFace).gate.weight", "\(gguf).ffn_gate_inp.weight"), [count, hidden])
                .dequantized(), outputs: count, inputs: hidden)
        bias =
            settings.hasBias
            ? try weights.vector(
                weights.name("\(huggingFace).gate.e_score_correction_bias", "\(gguf).exp_probs_b.bias"), count) : nil
        func stack(_ name: String, _ shape: [Int]) throws -> [Tensor] {
            if weights.isGGUF {
                let tensor = try weights.tensor("\(gguf).ffn_\(name)_exps.weight", [count] + shape)
                return try (0..<count).map { try tensor.slice($0) }
            }
            return try (0..<count).map { try weights.tensor("\(huggingFace).experts.\($0).\(name)_proj.weight", shape) }
        }
        let (gates, ups) = (try stack("gate", [width, hidden]), try stack("up", [width, hidden]))
        let downs = try stack("down", [hidden, width])
        let home = try weights.device.home(ofExperts: gates + ups + downs)
        gateUp = try home.stacked(gates, with: ups)
        down = try home.stacked(downs)
        shared =
            settings.sharedWidth > 0
            ? try GatedMLP(
                weights, "\(huggingFace).shared_experts", gguf, suffix: "_shexp", hidden: hidden,
                width: settings.sharedWidth) : nil
    }
}

/// Scratch for feed-forward parts, and how they run.
struct FeedForwardRunner {
    let device: any ComputeDevice
    private var gateUps: [Int: Buffer] = [:]
    private var products: [Int: Buffer] = [:]
    private var scores: Buffer?

    init(_ device: any ComputeDevice, layers: [FeedForward], rows: Int) throws {
        self.device = device
        for layer in layers {
            switch layer {
            case .dense(let mlp): try reserve(mlp.width, rows)
            case .experts(let experts):
                if let shared = experts.shared { try reserve(shared.width, rows) }
                if scores == nil { scores = try device.allocate(rows: rows, width: experts.routing.experts) }
            }
        }
    }

    private mutating func reserve(_ width: Int, _ rows: Int) throws {
        guard products[width] == nil else { return }
        gateUps[width] = try device.allocate(rows: rows, width: 2 * width)
        products[width] = try device.allocate(rows: rows, width: width)
    }

    func free() {
        for buffer in [gateUps.values.map { $0 }, products.values.map { $0 }, scores.map { [$0] } ?? []].joined() {
            device.free(buffer)
        }
    }

    /// `out += layer(x)`.
    func run(_ layer: FeedForward, _ x: Buffer, rows: Int, into out: Buffer) {
        switch layer {
        case .dense(let mlp): run(mlp, x, rows: rows, into: out)
        case .experts(let experts):
            let scores = scores!
            device.multiply(x, rows: rows, by: experts.router, bias: nil, accumulates: false, into: scores, as: .router)
            device.route(scores, rows: rows, shape: experts.routing, bias: experts.bias)
            device.multiplyExperts(x, rows: rows, gateUp: experts.gateUp, down: experts.down, into: out)
            if let shared = experts.shared { run(shared, x, rows: rows, into: out) }
        }
    }

    private func run(_ mlp: GatedMLP, _ x: Buffer, rows: Int, into out: Buffer) {
        let gateUp = gateUps[mlp.width]!
        let product = products[mlp.width]!
        device.multiply(x, rows: rows, by: mlp.gateUp, bias: nil, accumulates: false, into: gateUp, as: .gateUp)
        device.gatedSiLU(gateUp, rows: rows, into: product)
        device.multiply(product, rows: rows, by: mlp.down, bias: nil, accumulates: true, into: out, as: .down)
    }
}
