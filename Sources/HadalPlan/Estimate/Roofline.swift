import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels

/// How long a step of the engine takes: what has to be read over the bandwidth or what has to be computed over the
/// peak, whichever is longer (Williams, Waterman and Patterson, "Roofline", 2009), for products and then for attention.
public struct Roofline: Sendable {
    private let shape: ModelShape
    private let hardware: Hardware
    private let efficiency: Efficiency
    private let cacheFormat: KVCacheShape.Format
    /// Of all rows, and of all experts together.
    private var always = Cost()
    private var experts = Cost()
    /// Of rows whose token is drawn.
    private var head = Cost()
    /// The processor beside, its share of the experts, and what all of them would cost there.
    private var beside: (hardware: Hardware, efficiency: Efficiency, share: Double, experts: Cost)?

    private struct Cost: Sendable {
        /// Weights, read once a step.
        var bytes = 0.0
        /// Of one row.
        var operations = 0.0
        /// At the peak.
        var seconds = 0.0
    }

    /// What a step moves and computes.
    public struct Step: Sendable, Hashable {
        /// Of weights, each once; of experts those that are expected to have rows.
        public var weightBytes: Double
        /// Of products with weights.
        public var operations: Double
        public var seconds: Double
        public var isBoundByMemory: Bool
    }

    public init(_ weights: ModelWeights, _ hardware: Hardware, cacheFormat: KVCacheShape.Format) {
        shape = weights.shape
        self.hardware = hardware
        self.cacheFormat = cacheFormat
        efficiency = .reached(by: hardware.instructionSet, withExperts: shape.experts != nil)
        for tensor in weights.tensors {
            let bytes = Double(weights.bytes(of: tensor, onProcessor: hardware.kind == .processor))
            switch tensor.role {
            case .matrix, .exact: add(tensor, bytes, to: \.always)
            case .expert: add(tensor, bytes, to: \.experts)
            case .table where shape.tiesEmbeddings, .head where !shape.tiesEmbeddings: add(tensor, bytes, to: \.head)
            case .table, .head, .prediction: break
            }
        }
    }

    /// The same with a share of the experts computed by a processor, while the accelerator waits (`docs/cuda.md`).
    ///
    /// - Parameter host: the processor's, for the same weights.
    func sharing(_ share: Double, with host: Roofline) -> Roofline {
        var result = self
        result.beside = (host.hardware, host.efficiency, share, host.experts)
        return result
    }

    private mutating func add(_ tensor: WeightTensor, _ bytes: Double, to part: WritableKeyPath<Roofline, Cost>) {
        // Norms and biases are nothing beside matrices, and no products.
        guard tensor.shape.count > 1 else { return }
        let operations = 2 * Double(tensor.count)
        self[keyPath: part].bytes += bytes
        self[keyPath: part].operations += operations
        // Routers are float32 in memory, whatever the file has.
        let isHalf = bytes < 0.75 * Double(tensor.count)
        self[keyPath: part].seconds += operations / peak(of: tensor.role == .exact ? .f32 : tensor.format, isHalf)
    }

    /// - Parameter isHalf: whether in memory a number takes less than a byte.
    private func peak(of format: TensorFormat, _ isHalf: Bool) -> Double {
        // Kernels on cards multiply float16, whatever the weights are in (`docs/cuda.md`).
        if hardware.kind == .accelerator { return hardware.peaks.half }
        if format.isQuantized { return hardware.peaks.int8 * (isHalf ? efficiency.halves : 1) }
        return format == .f8_E4M3 ? hardware.peaks.eightBitFloat : hardware.peaks.half
    }

    /// Experts of a layer that a step of `rows` is expected to read, each row choosing without regard to the others:
    /// `E (1 - (1 - k/E)^rows)`.
    public static func distinctExperts(count: Int, perToken: Int, rows: Int) -> Double {
        Double(count) * (1 - pow(1 - Double(perToken) / Double(count), Double(rows)))
    }

    /// One token for each of `batch` sequences whose texts have `length` tokens.
    public func decode(batch: Int, length: Int) -> Step {
        step(rows: batch, drawn: batch, length: length, sequences: batch, reached: \.decode)
    }

    /// Seconds to compute `tokens` of a prompt that begins after `start` tokens, in steps of `rowsMax`.
    public func prefill(tokens: Int, after start: Int, rowsMax: Int) -> Double {
        stride(from: 0, to: tokens, by: rowsMax).reduce(0) { sum, first in
            let rows = min(rowsMax, tokens - first)
            return sum
                + step(
                    rows: rows, drawn: first + rows == tokens ? 1 : 0, length: start + first + rows / 2, sequences: 1,
                    reached: \.prefill
                ).seconds
        }
    }

    /// - Parameters:
    ///   - drawn: rows that need logits.
    ///   - sequences: whose caches are read, each once.
    ///   - reached: share of the products' peak.
    private func step(
        rows: Int, drawn: Int, length: Int, sequences: Int, reached: KeyPath<Efficiency, Double>
    ) -> Step {
        let (count, perToken) = (shape.experts?.count ?? 1, shape.experts?.perToken ?? 0)
        let read = Self.distinctExperts(count: count, perToken: perToken, rows: rows) / Double(count)
        let own = 1 - (beside?.share ?? 0)
        let bytes = always.bytes + own * read * experts.bytes + (drawn > 0 ? head.bytes : 0)
        let share = Double(perToken) / Double(count)
        func sum(_ part: KeyPath<Cost, Double>) -> Double {
            Double(rows) * (always[keyPath: part] + own * share * experts[keyPath: part])
                + Double(drawn) * head[keyPath: part]
        }
        let bandwidth = hardware.bandwidth * efficiency.memory
        let moving = bytes / bandwidth
        let computing = sum(\.seconds) / efficiency[keyPath: reached]
        let attending = max(
            Double(sequences * shape.attentionRead(length: length, format: cacheFormat)) / bandwidth,
            Double(rows) * shape.attentionOperations(length: length)
                / (hardware.peaks.half * Efficiency.attention))
        var step = Step(
            weightBytes: bytes, operations: sum(\.operations), seconds: max(moving, computing) + attending,
            isBoundByMemory: moving >= computing)
        if let beside {
            let bytes = beside.share * read * beside.experts.bytes
            step.weightBytes += bytes
            step.operations += Double(rows) * beside.share * share * beside.experts.operations
            step.seconds += max(
                bytes / (beside.hardware.bandwidth * beside.efficiency.memory),
                Double(rows) * beside.share * share * beside.experts.seconds / beside.efficiency[keyPath: reached])
        }
        return step
    }
}
