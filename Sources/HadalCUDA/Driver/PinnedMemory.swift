/// Page-locked memory of the machine, which cards read and write by themselves; freed with this object.
final class PinnedMemory: @unchecked Sendable {
    let context: CUDAContext
    let start: UnsafeMutableRawPointer
    let bytes: Int

    init(_ context: CUDAContext, bytes: Int) throws(CUDAError) {
        self.context = context
        self.bytes = bytes
        context.enter()
        var start: UnsafeMutableRawPointer?
        let status = context.driver.allocateHost(&start, bytes, 0)
        if status == CUDACode.outOfMemory { throw .noHostMemory(bytes: bytes) }
        try context.driver.check(status, "cuMemHostAlloc")
        guard let start else { throw .noHostMemory(bytes: bytes) }
        self.start = start
    }

    deinit {
        context.enter()
        context.must(context.driver.freeHost(start), "cuMemFreeHost")
    }
}

/// Small arrays on their way to the card: each stays where it is until the stream has been waited for, which happens with every
/// `read`, or here when there is no room left.
struct PinnedRing {
    private let context: CUDAContext
    private var memory: PinnedMemory
    private var used = 0

    /// - Parameter bytes: to begin with.
    init(_ context: CUDAContext, bytes: Int = 1 << 20) throws(CUDAError) {
        self.context = context
        memory = try PinnedMemory(context, bytes: bytes)
    }

    /// All copies from it are done.
    mutating func reset() { used = 0 }

    /// 16-byte aligned. A step is no place to fail in: where no memory can be had the process ends.
    mutating func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
        let rounded = (bytes + 15) / 16 * 16
        if rounded > memory.bytes - used {
            context.synchronize()
            used = 0
        }
        if rounded > memory.bytes {
            do throws(CUDAError) {
                memory = try PinnedMemory(context, bytes: 2 * rounded)
            } catch {
                fatalError("\(error); \(error.advice)")
            }
        }
        defer { used += rounded }
        return memory.start + used
    }
}
