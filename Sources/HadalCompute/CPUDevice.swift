import Foundation
import HadalCheckpoint
import HadalKernels

/// The processor as a device: repacked weights, kernels for its instruction set, and a thread pool.
public final class CPUDevice: ComputeDevice, @unchecked Sendable {
    public let instructionSet: InstructionSet
    package let pool: ThreadPool
    let kernels: UnsafePointer<hadal_kernels>
    package let weightMemory: WeightMemory
    var step = StepMemory()
    var quantizedMemory = ScratchMemory<UInt8>()
    var routing = Routing()
    public internal(set) var work = Work()
    public let profiler: StepProfiler
    private let ownsProfiler: Bool
    /// Sees what goes into products with weights from a checkpoint; for measurements.
    public var observer: (any ProductObserver)?
    var scratch = ScratchMemory<Float>()
    /// Of buffers that are allocated.
    private var bufferBytes = 0

    /// - Parameters:
    ///   - instructionSet: `nil` for the best this machine has, or what `HADAL_ISA` names.
    ///   - threads: `nil` for one a core, or what `HADAL_THREADS` says.
    ///   - mapsPanels: whether weights that a file has in panels stay in its mapping; `nil` for what `HADAL_MAP_WEIGHTS` says.
    public convenience init(
        instructionSet: InstructionSet? = nil, threads: Int? = nil, mapsPanels: Bool? = nil
    ) throws(ComputeError) {
        try self.init(instructionSet: instructionSet, threads: threads, mapsPanels: mapsPanels, profiler: nil)
    }

    /// - Parameter profiler: of the device that this one helps, and that outlives it; nil: its own.
    package init(
        instructionSet: InstructionSet? = nil, threads: Int?, mapsPanels: Bool? = nil, profiler: StepProfiler?
    ) throws(ComputeError) {
        let set = if let instructionSet { instructionSet } else { try InstructionSet.chosen() }
        guard InstructionSet.available.contains(set) else { throw .missingInstructionSet(set.rawValue) }
        let count = if let threads { threads } else { try ThreadPool.chosenThreads() }
        self.instructionSet = set
        kernels = set.kernels
        weightMemory = WeightMemory(mapsPanels: mapsPanels)
        pool = try ThreadPool(threads: count)
        ownsProfiler = profiler == nil
        self.profiler = profiler ?? StepProfiler()
    }

    deinit {
        quantizedMemory.free()
        scratch.free()
        if ownsProfiler { profiler.free() }
    }

    public var summary: String {
        "CPU (\(String(cString: kernels.pointee.name)), \(pool.threads) \(pool.threads == 1 ? "thread" : "threads"))"
    }

    public var threads: Int { pool.threads }

    // MARK: memory

    public var scratchBytes: Int { bufferBytes + quantizedMemory.bytes + scratch.bytes }

    private static func bytes(rows: Int, width: Int) -> Int {
        (max(rows * width, 1) * MemoryLayout<Float>.stride + 63) / 64 * 64
    }

    public func allocate(rows: Int, width: Int) -> Buffer {
        let bytes = Self.bytes(rows: rows, width: width)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memset(memory, 0, bytes)
        bufferBytes += bytes
        return Buffer(address: UInt(bitPattern: memory), rows: rows, width: width)
    }

    public func free(_ buffer: Buffer) {
        UnsafeMutableRawPointer(bitPattern: buffer.address)?.deallocate()
        bufferBytes -= Self.bytes(rows: buffer.rows, width: buffer.width)
    }

    public func write(_ values: [Float], into buffer: Buffer) {
        precondition(values.count <= buffer.rows * buffer.width)
        values.withUnsafeBufferPointer { buffer.floats.update(from: $0.baseAddress!, count: values.count) }
    }

    public func read(_ buffer: Buffer, rows: Int) -> [Float] {
        precondition(rows <= buffer.rows)
        let start = profiler.begin()
        defer { profiler.end(.reading, since: start) }
        return Array(UnsafeBufferPointer(start: buffer.floats, count: rows * buffer.width))
    }

    public func makeCache(_ shape: KVCacheShape) throws -> any KVCache { try CPUCache(shape) }

    // MARK: weights

    public func linear(_ tensors: [Tensor]) throws -> any LinearWeight { try pack(tensors) }

    private func pack(_ tensors: [Tensor]) throws(ComputeError) -> CPULinear {
        var segments: [PackedMatrix] = []
        do throws(ComputeError) {
            for tensor in tensors {
                guard tensor.shape.last == tensors[0].shape.last else {
                    throw ComputeError.unusableWeight(
                        tensor: tensor.name,
                        problem: "has \(tensor.shape) where \(tensors[0].shape[1]) inputs were expected")
                }
                let segment = try PackedMatrix(tensor, weightMemory, pool)
                segments.append(segment)
                // The mapped original has served; its pages need not stay in memory beside the packed copy.
                if !segment.isMapped { tensor.file.advise(.dontNeed, for: tensor.data) }
            }
        } catch {
            for segment in segments { segment.free() }
            throw error
        }
        return CPULinear(segments, sources: tensors.map { WeightSource(tensor: $0.name, member: $0.index ?? 0) })
    }

    public func linear(_ values: [Float], outputs: Int, inputs: Int) throws -> any LinearWeight {
        precondition(values.count == outputs * inputs)
        return try values.withUnsafeBufferPointer {
            CPULinear([
                try PackedMatrix($0.baseAddress!, outputs: outputs, inputs: inputs, weightMemory, pool)
            ])
        }
    }

    public func stacked(_ tensors: [Tensor]) throws -> any StackedWeight {
        if tensors.count == 1, tensors[0].shape.count == 3 {
            return CPUStacked(try (0..<tensors[0].shape[0]).map { try pack([tensors[0].slice($0)]) })
        }
        return CPUStacked(try tensors.map { try pack([$0]) })
    }

    public func stacked(_ first: [Tensor], with second: [Tensor]) throws -> any StackedWeight {
        precondition(first.count == second.count)
        return CPUStacked(try zip(first, second).map { try pack([$0, $1]) })
    }

    public func stacked(_ values: [Float], count: Int, outputs: Int, inputs: Int) throws -> any StackedWeight {
        precondition(values.count == count * outputs * inputs)
        return CPUStacked(
            try values.withUnsafeBufferPointer { values in
                try (0..<count).map { index in
                    CPULinear([
                        try PackedMatrix(
                            values.baseAddress! + index * outputs * inputs, outputs: outputs, inputs: inputs,
                            weightMemory, pool)
                    ])
                }
            })
    }

    public func table(_ tensor: Tensor) throws -> any LinearWeight {
        guard tensor.shape.count == 2, tensor.format.hasRealValues, tensor.layout == .rows else {
            throw ComputeError.unusableWeight(tensor: tensor.name, problem: "expected a matrix of numbers in rows")
        }
        return CPUTable(try tensor.detached())
    }
}

extension Buffer {
    var floats: UnsafeMutablePointer<Float> { UnsafeMutablePointer(bitPattern: address)! }

    func row(_ row: Int) -> UnsafeMutablePointer<Float> { floats + row * width }
}
