import Foundation
import HadalCheckpoint
import HadalKernels
import Synchronization

/// A matrix `[outputs, inputs]` repacked into panels of 16 outputs.
package struct PackedMatrix: @unchecked Sendable {
    package private(set) var weight: hadal_weight
    package let blockScale: UnsafeMutablePointer<Float>?
    /// What the panels lie in, held until `free`, without counting references in between.
    private let owner: Unmanaged<AnyObject>
    /// Whether they lie in the file's mapping.
    package let isMapped: Bool

    package var panels: Int { (Int(weight.outputs) + 15) / 16 }
    package var bytes: Int { panels * Int(weight.panel_bytes) }
    package var isQuantized: Bool { weight.kind == HADAL_PANEL_Q8 || weight.kind == HADAL_PANEL_Q4 }
    /// Bytes of one row quantized for this matrix.
    package var quantizedRowBytes: Int { withUnsafePointer(to: weight) { Int(hadal_quantized_row_bytes($0)) } }

    /// Whether rows quantized for one matrix serve the other.
    package func quantizesLike(_ other: PackedMatrix) -> Bool {
        weight.kind == other.weight.kind && weight.block == other.weight.block && weight.zero == other.weight.zero
            && weight.has_minimum == other.weight.has_minimum
    }

    /// Repacks `tensor`, or copies what is in panels already; formats without a panel of their own are widened to float32.
    package init(_ tensor: Tensor, _ memory: WeightMemory, _ pool: ThreadPool) throws(ComputeError) {
        guard tensor.shape.count == 2, tensor.count > 0 else {
            throw .unusableWeight(tensor: tensor.name, problem: "expected a matrix, found shape \(tensor.shape)")
        }
        guard tensor.format.hasRealValues else {
            throw .unusableWeight(tensor: tensor.name, problem: "cannot compute with \(tensor.format.name)")
        }
        var plan = hadal_weight()
        let planned = hadal_weight_plan(
            tensor.format.rawValue, Int64(tensor.shape[0]), Int64(tensor.shape[1]), &plan)
        if planned, let place = memory.place(of: tensor) {
            plan.data = place
            self.init(mapped: plan, tensor, pool)
        } else if planned,
            let packed = try PackedMatrix(
                plan, from: tensor.data.baseAddress!, tensor.layout == .panels ? nil : tensor.format, tensor, memory,
                pool)
        {
            self = packed
        } else {
            self = try tensor.dequantized().withUnsafeBufferPointer { (values) throws(ComputeError) in
                try PackedMatrix(
                    values.baseAddress!, outputs: tensor.shape[0], inputs: tensor.shape[1], memory, pool)
            }
        }
    }

    package init(
        _ values: UnsafePointer<Float>, outputs: Int, inputs: Int, _ memory: WeightMemory, _ pool: ThreadPool
    ) throws(ComputeError) {
        var plan = hadal_weight()
        precondition(hadal_weight_plan(TensorFormat.f32.rawValue, Int64(outputs), Int64(inputs), &plan))
        self = try PackedMatrix(plan, from: values, .f32, nil, memory, pool)!
    }

    private init(mapped weight: hadal_weight, _ tensor: Tensor, _ pool: ThreadPool) {
        self.weight = weight
        blockScale = nil
        owner = Unmanaged.passRetained(tensor.file)
        isMapped = true
        let panel = Int(weight.panel_bytes)
        pool.run(panels, grain: pool.grain(for: panels)) { panels in
            let part = tensor.data[panels.lowerBound * panel..<panels.upperBound * panel]
            tensor.file.advise(.populate, for: UnsafeRawBufferPointer(rebasing: part))
        }
    }

    /// Nil where the format's scales do not fit (MXFP4 beyond float16).
    /// - Parameter format: of rows; nil where `source` is in panels.
    private init?(
        _ plan: hadal_weight, from source: UnsafeRawPointer, _ format: TensorFormat?, _ tensor: Tensor?,
        _ memory: WeightMemory, _ pool: ThreadPool
    ) throws(ComputeError) {
        weight = plan
        let panels = (Int(plan.outputs) + 15) / 16
        let bytes = panels * Int(plan.panel_bytes)
        guard let room = memory.allocate(bytes) else {
            throw .outOfMemory(bytes: bytes, what: tensor?.name ?? "a weight")
        }
        weight.data = room.start
        owner = Unmanaged.passRetained(room.piece)
        isMapped = false
        if plan.kind == HADAL_PANEL_F8, let scale = tensor?.blockScale {
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: scale.values.count)
            copy.initialize(from: scale.values, count: scale.values.count)
            blockScale = copy
            weight.block_scale = UnsafePointer(copy)
            weight.block_scale_columns = Int64(scale.columns)
        } else {
            blockScale = nil
        }
        let packing = PackJob(weight: weight, source: source, format: format?.rawValue)
        pool.run(panels, grain: pool.grain(for: panels)) { packing.run($0) }
        if !packing.fits.withLock({ $0 }) {
            free()
            return nil
        }
    }

    package func free() {
        owner.release()
        blockScale?.deallocate()
    }
}

private final class PackJob: @unchecked Sendable {
    let weight: hadal_weight
    let source: UnsafeRawPointer
    let format: UInt32?
    let fits = Mutex(true)

    init(weight: hadal_weight, source: UnsafeRawPointer, format: UInt32?) {
        self.weight = weight
        self.source = source
        self.format = format
    }

    func run(_ panels: Range<Int>) {
        guard let format else {
            let start = panels.lowerBound * Int(weight.panel_bytes)
            memcpy(weight.data + start, source + start, panels.count * Int(weight.panel_bytes))
            return
        }
        let packed = withUnsafePointer(to: weight) {
            hadal_weight_pack(format, source, $0, Int64(panels.lowerBound), Int64(panels.upperBound))
        }
        if !packed { fits.withLock { $0 = false } }
    }
}

/// Matrices with the same inputs, stacked along their outputs.
package final class CPULinear: LinearWeight {
    package let inputs: Int
    package let outputs: Int
    package let segments: [PackedMatrix]
    package let panels: Int
    /// One segment for each way in which this weight wants its rows quantized; none for float panels.
    package let layouts: [PackedMatrix]
    /// Whether rows are quantized before they are multiplied by it, or by parts of it.
    package var isQuantized: Bool { !layouts.isEmpty }
    /// For each segment: bytes of a quantized row in the layouts before its own.
    package let layoutOffsets: [Int]
    /// Bytes of a quantized row in all layouts.
    package let quantizedRowBytes: Int
    package let bytes: Int
    /// The tensors it was made of; none where it was made of numbers.
    package let sources: [WeightSource]

    package init(_ segments: [PackedMatrix], sources: [WeightSource] = []) {
        self.segments = segments
        self.sources = sources
        inputs = Int(segments[0].weight.inputs)
        outputs = segments.reduce(0) { $0 + Int($1.weight.outputs) }
        panels = segments.reduce(0) { $0 + $1.panels }
        var layouts: [PackedMatrix] = []
        var offsets: [Int] = []
        for segment in segments {
            guard segment.isQuantized else {
                offsets.append(0)
                continue
            }
            let known = layouts.firstIndex { $0.quantizesLike(segment) }
            offsets.append(layouts[..<(known ?? layouts.count)].reduce(0) { $0 + $1.quantizedRowBytes })
            if known == nil { layouts.append(segment) }
        }
        self.layouts = layouts
        layoutOffsets = offsets
        quantizedRowBytes = layouts.reduce(0) { $0 + $1.quantizedRowBytes }
        bytes = segments.reduce(0) { $0 + $1.bytes }
    }

    deinit { for segment in segments { segment.free() } }
}

/// One matrix for each expert or head; each is a run of segments, all alike.
package final class CPUStacked: StackedWeight {
    package let members: [CPULinear]
    package var count: Int { members.count }
    package let inputs: Int
    package let outputs: Int
    /// Bytes of a quantized row, for the member that takes the most.
    package let quantizedRowBytes: Int
    package var isQuantized: Bool { quantizedRowBytes > 0 }

    package init(_ members: [CPULinear]) {
        self.members = members
        inputs = members[0].inputs
        outputs = members[0].outputs
        quantizedRowBytes = members.reduce(0) { max($0, $1.quantizedRowBytes) }
    }
}

/// A table whose rows are looked up: stays in the file's own format, and in its mapping where it is one.
package final class CPUTable: LinearWeight {
    package let tensor: Tensor
    package var inputs: Int { tensor.columns }
    package var outputs: Int { tensor.rows }

    package init(_ tensor: Tensor) { self.tensor = tensor }
}
