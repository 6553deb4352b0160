import Foundation
import HadalCheckpoint
import HadalCompute

/// An NVIDIA card as a device: weights in its memory, kernels compiled for it, one stream in which a step's operations follow
/// each other. Nothing waits for the card but `read`.
///
/// Activations are rounded to float16 before products, sums are float32; products with float32 weights are exact.
public final class CUDADevice: ComputeDevice, @unchecked Sendable {
    public let card: CUDACard
    let context: CUDAContext
    let kernels: CUDAKernels
    let uploader: WeightUploader
    /// Whether every weight becomes float32, so that nothing is rounded: for what is to be compared with the processor.
    let isExact: Bool
    /// Weights that were made of one tensor, as the table and a projection tied to it are.
    var uploaded: [UnsafeRawPointer: UploadedTensor] = [:]
    var step = CUDAStep()
    var routing = CUDARouting()
    var scratch = CUDAScratchAreas()
    var ring: PinnedRing
    var readback: PinnedMemory?
    let limits: CUDALimits
    /// Free when the device was made.
    private let freeAtFirst: Int
    package var experts = ExpertPlacement()
    /// Of the card's own products.
    package var ownWork = Work()
    public let profiler = StepProfiler()
    /// Bytes of the buffers that are allocated, by address.
    var buffers: [UInt: Int] = [:]

    /// Opens NVIDIA's driver, compiles the kernels for the card, or takes them from where they were kept.
    ///
    /// - Parameter choice: nil for the first card, or what `HADAL_CUDA_DEVICE` says.
    public convenience init(
        _ choice: CUDACardChoice? = nil, limits: CUDALimits = CUDALimits(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CUDAError) {
        let choice = if let choice { choice } else { try CUDACardChoice(environment: environment) }
        choice.makeVisible()
        let driver = try CUDADriver.open()
        try self.init(
            choice, driver: driver,
            compiler: KernelCompiler(cache: .standard(environment: environment), driverVersion: driver.version) {
                () throws(CUDAError) in
                try NVRTC.open(cudaMajor: driver.majorVersion, environment: environment)
            }, limits: limits)
    }

    package init(
        _ choice: CUDACardChoice = .first, driver: CUDADriver, compiler: KernelCompiler,
        limits: CUDALimits = CUDALimits(),
        isExact: Bool = false
    ) throws(CUDAError) {
        self.isExact = isExact
        self.limits = limits
        card = try choice.card(driver)
        context = try CUDAContext(driver, card)
        freeAtFirst = context.memory.free
        let (files, headers) = KernelSource.bundled
        let cubins = try compiler.compile(files, headers: headers, for: card.capability.architecture)
        kernels = try CUDAKernels(CUDAModules(cubins, context))
        uploader = WeightUploader(context)
        ring = try PinnedRing(context)
    }

    deinit {
        // Before the profiler, which the processor uses too.
        experts.host = nil
        for address in buffers.keys { context.free(UInt64(address)) }
        profiler.free()
    }

    /// `CUDA (NVIDIA H200, 139.8 GiB, sm_90a)`, and what the processor does.
    public var summary: String {
        let host = experts.host.map { ", experts of \(experts.layersOnHost) layers on \($0.summary)" } ?? ""
        return "CUDA (\(card.summary))\(host)"
    }

    public var work: Work { ownWork + (experts.host?.work ?? Work()) }

    /// The card has its own; the processor's only prepare steps, unless experts are there.
    public var threads: Int { experts.host?.threads ?? 1 }

    /// Bytes of the card's memory that are free, and all.
    public var memory: (free: Int, total: Int) { context.memory }

    // MARK: memory

    /// As far as the limit lets it be used.
    public var freeMemory: Int? {
        let free = memory.free
        return min(free, limits.memory.map { max(0, $0 - (freeAtFirst - free)) } ?? free)
    }

    public var scratchBytes: Int { buffers.values.reduce(0, +) + scratch.bytes + (experts.host?.scratchBytes ?? 0) }

    public func allocate(rows: Int, width: Int) throws -> Buffer {
        let bytes = max(rows * width, 1) * MemoryLayout<Float>.stride
        let address = try context.allocate(bytes, for: "\(rows) × \(width) numbers")
        context.clear(address, bytes: bytes)
        buffers[UInt(address)] = bytes
        return Buffer(address: UInt(address), rows: rows, width: width)
    }

    public func free(_ buffer: Buffer) {
        guard buffers.removeValue(forKey: buffer.address) != nil else { return }
        context.free(UInt64(buffer.address))
    }

    public func write(_ values: [Float], into buffer: Buffer) {
        precondition(values.count <= buffer.rows * buffer.width)
        guard !values.isEmpty else { return }
        values.withUnsafeBytes { context.upload($0.baseAddress!, bytes: $0.count, to: UInt64(buffer.address)) }
        synchronize()
    }

    public func read(_ buffer: Buffer, rows: Int) -> [Float] {
        precondition(rows <= buffer.rows)
        let start = profiler.begin()
        defer { profiler.end(.reading, since: start) }
        return download(buffer.address, count: rows * buffer.width)
    }

    public func makeCache(_ shape: KVCacheShape) throws -> any KVCache { try CUDACache(shape, context) }
}

extension CUDADevice {
    /// Everything that was asked for is done.
    func synchronize() {
        context.synchronize()
        ring.reset()
    }

    /// Numbers of the card's memory, through page-locked memory of the machine where there is some.
    func download<Element: BitwiseCopyable>(_ address: UInt, count: Int) -> [Element] {
        let bytes = count * MemoryLayout<Element>.stride
        if (readback?.bytes ?? 0) < bytes {
            readback = nil
            readback = try? PinnedMemory(context, bytes: max(2 * bytes, 1 << 20))
        }
        return [Element](unsafeUninitializedCapacity: count) { values, initialized in
            initialized = count
            guard count > 0, let target = values.baseAddress else { return synchronize() }
            let place = readback?.start ?? UnsafeMutableRawPointer(target)
            context.download(UInt64(address), bytes: bytes, to: place)
            synchronize()
            if readback != nil { memcpy(target, place, bytes) }
        }
    }

    /// Of an operation: what a profile sees is the card's time, so that it waits for it.
    /// - Returns: as the profiler's.
    @discardableResult
    func end(_ operation: StepOperation, since start: Int, _ work: Work = Work(), isExact: Bool = false) -> Int {
        guard profiler.isOn else { return 0 }
        synchronize()
        return profiler.end(operation, since: start, work, isExact: isExact)
    }
}

extension Buffer {
    /// In the card's memory.
    var numbers: UnsafeMutablePointer<Float> { UnsafeMutablePointer(bitPattern: address)! }
}
