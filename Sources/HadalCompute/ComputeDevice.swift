import HadalCheckpoint

/// A device-resident matrix of float32, `rows × width`, row-major. A plain handle: the device that allocated it owns the
/// memory and frees it with itself or with `free(_:)`.
public struct Buffer: Sendable {
    /// The device's address: a pointer on the CPU, a device pointer on a GPU.
    public let address: UInt
    public let rows: Int
    public let width: Int

    public init(address: UInt, rows: Int, width: Int) {
        self.address = address
        self.rows = rows
        self.width = width
    }
}

/// A linear layer's weight as the device keeps it (repacked, uploaded). Made by `ComputeDevice.linear(_:)`.
public protocol LinearWeight: AnyObject, Sendable {
    var inputs: Int { get }
    var outputs: Int { get }
}

/// The same layer for several experts or heads: `count` matrices `[outputs, inputs]`.
public protocol StackedWeight: AnyObject, Sendable {
    var count: Int { get }
    var inputs: Int { get }
    var outputs: Int { get }
}

/// The rows that one step computes: tokens of any number of sequences, in any mixture of prefill and decode.
///
/// Positions of a sequence are stored in cache blocks of `KVCacheShape.blockSize` positions; position `p` of a sequence
/// lives in block `blockTable[p / blockSize]` at offset `p % blockSize`.
public struct Step: Sendable {
    /// `[rows]`: token ids.
    public var tokens: [Int32] = []
    /// `[rows]`: position in its sequence, counted from 0.
    public var positions: [Int32] = []
    /// `[rows]`: index into `blockTables`.
    public var sequences: [Int32] = []
    /// One for each sequence in the step.
    public var blockTables: [[Int32]] = []

    public var rows: Int { tokens.count }

    public init() {}
}

/// Sizes of a paged cache. A latent (MLA) cache has one key head and no values of its own.
public struct KVCacheShape: Sendable, Hashable {
    /// Positions in a block.
    public static let blockSize = 32

    /// `int8`: 8 bits with a factor for each 64 numbers.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case f32, f16, int8

        /// Bytes of so many numbers that are stored together.
        package func rowBytes(_ width: Int) -> Int {
            switch self {
            case .f32: width * 4
            case .f16: width * 2
            case .int8: width + (width + 63) / 64 * 4
            }
        }
    }

    public var layers: Int
    public var keyValueHeads: Int
    /// Length of one head's key.
    public var keyWidth: Int
    /// Length of one head's value; 0 when values are the first numbers of the key (MLA).
    public var valueWidth: Int
    public var blocks: Int
    public var format: Format

    public init(layers: Int, keyValueHeads: Int, keyWidth: Int, valueWidth: Int, blocks: Int, format: Format) {
        self.layers = layers
        self.keyValueHeads = keyValueHeads
        self.keyWidth = keyWidth
        self.valueWidth = valueWidth
        self.blocks = blocks
        self.format = format
    }

    /// Bytes of one block over all layers.
    public var bytesPerBlock: Int {
        layers * keyValueHeads * Self.blockSize * (format.rowBytes(keyWidth) + format.rowBytes(valueWidth))
    }
}

public protocol KVCache: AnyObject, Sendable {
    var shape: KVCacheShape { get }
    /// Copies the keys and values of one block, of all layers: `shape.bytesPerBlock` bytes in an order of the device's own.
    func copy(block: Int32, to target: UnsafeMutableRawBufferPointer)
    /// Puts back what `copy` gave, in this block or another one of a cache of the same shape.
    func fill(block: Int32, from source: UnsafeRawBufferPointer)
}

/// Causal attention of every row over its own sequence's cached positions `0...position`.
public struct AttentionShape: Sendable, Hashable {
    public var queryHeads: Int
    /// The first `valueWidth` numbers of each cached key serve as its value (MLA); else the cache's own values.
    public var valueWidth: Int
    /// Scores are multiplied by this before the softmax.
    public var scale: Float

    public init(queryHeads: Int, valueWidth: Int, scale: Float) {
        self.queryHeads = queryHeads
        self.valueWidth = valueWidth
        self.scale = scale
    }
}

public enum RotaryLayout: Sendable, Hashable {
    /// Pairs `(2i, 2i+1)`, as GPT-J, llama.cpp's Llama and DeepSeek have them. The result stays interleaved.
    case interleaved
    /// Pairs `(i, i + n/2)`, as GPT-NeoX and transformers have them.
    case halves
}

/// How a mixture-of-experts layer chooses its experts (DeepSeek-MoE, V2 and V3).
public struct RoutingShape: Sendable, Hashable {
    public enum Scoring: Sendable, Hashable { case softmax, sigmoid }
    /// How a group of experts is ranked: by its best expert (V2 `group_limited_greedy`) or by the sum of its best two
    /// (V3 `noaux_tc`).
    public enum GroupRank: Sendable, Hashable { case best, sumOfBestTwo }

    public var experts: Int
    public var expertsPerToken: Int
    public var scoring: Scoring
    public var groups: Int
    public var groupsPerToken: Int
    public var groupRank: GroupRank
    /// Divide the chosen weights by their sum (+1e-20) before scaling.
    public var normalizes: Bool
    public var scale: Float

    public init(
        experts: Int, expertsPerToken: Int, scoring: Scoring, groups: Int = 1, groupsPerToken: Int = 1,
        groupRank: GroupRank = .best, normalizes: Bool, scale: Float
    ) {
        self.experts = experts
        self.expertsPerToken = expertsPerToken
        self.scoring = scoring
        self.groups = groups
        self.groupsPerToken = groupsPerToken
        self.groupRank = groupRank
        self.normalizes = normalizes
        self.scale = scale
    }
}

/// What a model graph is written against: about fifteen fused operations on device memory.
///
/// **Determinism.** What an operation computes for a row depends on that row alone, to the bit: not on which rows share the
/// call, how many threads there are, or how a prompt was cut into steps. So each reduction has one fixed order.
///
/// **Shapes.** Callers pass buffers with at least `rows` rows; an operation reads and writes only the first `rows`.
/// Mismatched widths are programming errors and trap.
///
/// **Order.** Operations take effect in the order of the calls; `read` waits for all of them.
/// A device serves one step at a time: calls come from one thread at a time.
public protocol ComputeDevice: AnyObject, Sendable {
    /// For people: `CPU (AVX-512 VNNI, 2 threads)`.
    var summary: String { get }
    /// What the products did since the device was made.
    var work: Work { get }
    /// Times the operations of steps, where somebody wants it.
    var profiler: StepProfiler { get }
    /// That compute an operation together.
    var threads: Int { get }

    // MARK: memory
    /// Bytes that are free of the device's own memory; nil where it computes in the machine's.
    var freeMemory: Int? { get }
    /// Bytes of buffers, and of what operations keep for themselves.
    var scratchBytes: Int { get }
    /// - Throws: where the device has no room for it.
    func allocate(rows: Int, width: Int) throws -> Buffer
    func free(_ buffer: Buffer)
    func write(_ values: [Float], into buffer: Buffer)
    /// The first `rows × width` numbers.
    func read(_ buffer: Buffer, rows: Int) -> [Float]
    /// The place of each row's largest number, the first among equals.
    /// - Returns: nil: nothing is gained over `read`.
    func likeliest(_ x: Buffer, rows: Int) -> [Int32]?
    func makeCache(_ shape: KVCacheShape) throws -> any KVCache

    // MARK: weights
    /// What a model's matrices are, before any of them is made: a device decides by it what it keeps where.
    /// - Parameters:
    ///   - experts: those that tokens are routed to.
    ///   - others: all else.
    func expect(experts: [Tensor], others: [Tensor]) throws
    /// Who is to make, and keep, the experts of a layer: the device itself, or the processor beside it where they have no
    /// room. `multiplyExperts` takes either's.
    /// - Parameter tensors: all of the layer.
    func home(ofExperts tensors: [Tensor]) throws -> any ComputeDevice
    /// A weight `[outputs, inputs]` in any format that can be computed with. Unquantized formats are computed exactly
    /// (float32 activations); quantized ones with activations quantized per block. `tensors` with the same `inputs` are
    /// stacked along `outputs`, so that q, k and v, or gate and up, are one pass.
    func linear(_ tensors: [Tensor]) throws -> any LinearWeight
    /// A weight given as float32 values, row-major `[outputs, inputs]`; kept as float32.
    func linear(_ values: [Float], outputs: Int, inputs: Int) throws -> any LinearWeight
    /// `count` weights of one format: one tensor `[count, outputs, inputs]` or `count` tensors `[outputs, inputs]`.
    func stacked(_ tensors: [Tensor]) throws -> any StackedWeight
    /// `first.count` weights, each a matrix of `first` stacked on one of `second` along the outputs.
    func stacked(_ first: [Tensor], with second: [Tensor]) throws -> any StackedWeight
    /// The same for `multiplyPerHead`, as a device would rather have it there.
    func heads(_ tensors: [Tensor]) throws -> any StackedWeight
    /// The same from float32 values `[count, outputs, inputs]`.
    func stacked(_ values: [Float], count: Int, outputs: Int, inputs: Int) throws -> any StackedWeight
    /// A table `[vocabulary, width]` in any format, whose rows are looked up.
    func table(_ tensor: Tensor) throws -> any LinearWeight

    // MARK: one step
    /// Makes `step` the one that `embed`, `rotate`, `store` and `attend` refer to.
    func begin(_ step: Step)
    /// `out[r] = table[tokens[r]]`.
    func embed(_ table: any LinearWeight, into out: Buffer)
    /// `out[i] = x[rows[i]]`.
    func gather(_ x: Buffer, rows: [Int32], into out: Buffer)
    /// `out = x / rms(x) * weight` over groups of `weight.count` numbers (a row, or a head of it), `width / weight.count`
    /// groups in each row from column `offset` on. In place where `out` is `x`.
    func rmsNorm(_ x: Buffer, rows: Int, offset: Int, groups: Int, weight: Buffer, epsilon: Float, into out: Buffer)
    /// `out = (x - mean) / sqrt(variance + epsilon) * weight + bias`.
    func layerNorm(_ x: Buffer, rows: Int, weight: Buffer, bias: Buffer, epsilon: Float, into out: Buffer)
    /// `out = x · weightᵀ (+ bias) (+ out where accumulates)`.
    /// - Parameter operation: what the weight is for, in profiles.
    func multiply(
        _ x: Buffer, rows: Int, by weight: any LinearWeight, bias: Buffer?, accumulates: Bool, into out: Buffer,
        as operation: StepOperation)
    /// For each head `h`: `out[r][h·outputs ..< ] = weight[h] · x[r][h·stride + offset ..< + inputs]`, written at
    /// `h·outStride + outOffset`. Used to absorb MLA's up-projections.
    func multiplyPerHead(
        _ x: Buffer, rows: Int, stride: Int, offset: Int, by weight: any StackedWeight, into out: Buffer,
        outStride: Int,
        outOffset: Int)
    /// Rotates, in place, `2 × frequencies.width` numbers of each of `heads` heads that start at
    /// `offset + head × stride`, by the angle `position × frequencies[i]`; the result is multiplied by `magnitude`
    /// (YaRN's attention factor).
    func rotate(
        _ x: Buffer, rows: Int, heads: Int, stride: Int, offset: Int, frequencies: Buffer, magnitude: Float,
        layout: RotaryLayout)
    /// Copies columns `from ..< from + width` of `x` to columns `to ..< to + width` of `out`.
    func copy(_ x: Buffer, rows: Int, from: Int, width: Int, into out: Buffer, to: Int)
    /// Puts each row's keys (`keyValueHeads × keyWidth` numbers from column `keyOffset` of `keys`) and values into the
    /// cache at the row's position. `values` is nil for a cache without values.
    func store(
        keys: Buffer, keyOffset: Int, values: Buffer?, valueOffset: Int, layer: Int, into cache: any KVCache)
    /// `queries`: `queryHeads × keyWidth` numbers from column `queryOffset` on; `out`: `queryHeads × valueWidth`.
    func attend(
        _ queries: Buffer, queryOffset: Int, layer: Int, cache: any KVCache, shape: AttentionShape, into out: Buffer)
    /// Bidirectional attention without a cache (encoders): `qkv` holds q, k and v of `heads × headWidth` each, side by
    /// side; `lengths` are the sequences' lengths, which sum to the rows.
    func attendWithin(_ qkv: Buffer, lengths: [Int], heads: Int, headWidth: Int, scale: Float, into out: Buffer)
    /// `out[r][i] = silu(gateUp[r][i]) * gateUp[r][width + i]`; `gateUp` is `2 × width` wide.
    func gatedSiLU(_ gateUp: Buffer, rows: Int, into out: Buffer)
    /// `x = x · Φ(x)`, the exact (erf) GELU, in place.
    func gelu(_ x: Buffer, rows: Int)
    /// `x = tanh(x)`, in place.
    func tanh(_ x: Buffer, rows: Int)
    /// `out = out + x`.
    func add(_ x: Buffer, rows: Int, into out: Buffer)
    /// Chooses experts from router logits `[rows, experts]`. `bias` (V3's `e_score_correction_bias`) takes part in the
    /// choice only, never in the weights. The choice stays on the device for `multiplyExperts`.
    func route(_ logits: Buffer, rows: Int, shape: RoutingShape, bias: Buffer?)
    /// `out[r] += Σ_k w[r][k] · down[e] · (silu(gate[e] · x[r]) * (up[e] · x[r]))` for the experts of the last `route`.
    /// `gateUp` holds gate and up stacked (`outputs = 2 × expert width`).
    func multiplyExperts(
        _ x: Buffer, rows: Int, gateUp: any StackedWeight, down: any StackedWeight, into out: Buffer)
}

extension ComputeDevice {
    public var freeMemory: Int? { nil }

    public func likeliest(_ x: Buffer, rows: Int) -> [Int32]? { nil }

    public func expect(experts: [Tensor], others: [Tensor]) throws {}

    public func home(ofExperts tensors: [Tensor]) throws -> any ComputeDevice { self }

    public func heads(_ tensors: [Tensor]) throws -> any StackedWeight { try stacked(tensors) }

    public func multiply(
        _ x: Buffer, rows: Int, by weight: any LinearWeight, bias: Buffer?, accumulates: Bool, into out: Buffer
    ) {
        multiply(x, rows: rows, by: weight, bias: bias, accumulates: accumulates, into: out, as: .product)
    }
}
