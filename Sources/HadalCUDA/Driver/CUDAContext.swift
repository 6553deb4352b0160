import Foundation

/// A card's primary context with one stream, in which everything that a device does takes effect in order.
///
/// Calls make the context the calling thread's own first, so that they may come from any thread, one at a time.
final class CUDAContext: @unchecked Sendable {
    let driver: CUDADriver
    let card: CUDACard
    let stream: CUDAHandle?

    init(_ driver: CUDADriver, _ card: CUDACard) throws(CUDAError) {
        self.driver = driver
        self.card = card
        var context: CUDAHandle?
        try driver.check(driver.retainContext(&context, card.ordinal), "cuDevicePrimaryCtxRetain")
        handle = context
        do throws(CUDAError) {
            try driver.check(driver.setContext(context), "cuCtxSetCurrent")
            stream = try CUDAContext.makeStream(driver)
        } catch {
            _ = driver.releaseContext(card.ordinal)
            throw error
        }
    }

    private let handle: CUDAHandle?

    deinit {
        enter()
        _ = driver.destroyStream(stream)
        _ = driver.releaseContext(card.ordinal)
    }

    /// Makes the context this thread's.
    func enter() { must(driver.setContext(handle), "cuCtxSetCurrent") }

    /// One that does not wait for others.
    static func makeStream(_ driver: CUDADriver) throws(CUDAError) -> CUDAHandle? {
        let nonBlocking: UInt32 = 1
        var stream: CUDAHandle?
        try driver.check(driver.createStream(&stream, nonBlocking), "cuStreamCreate")
        return stream
    }

    /// For what cannot fail but by an error in a kernel or in the card: nothing that the card holds can be relied on then. The process
    /// ends and says why; who watches workers starts another.
    @inline(__always)
    func must(_ status: CUDAStatus, _ call: String) {
        if status != CUDACode.success { fail(status, call) }
    }

    @inline(never)
    private func fail(_ status: CUDAStatus, _ call: String) -> Never {
        let error = CUDAError.failed(call: call, code: status, name: driver.name(of: status))
        fatalError("\(card.name): \(error). \(error.advice)")
    }

    // MARK: memory

    /// Bytes free and in all.
    var memory: (free: Int, total: Int) {
        enter()
        var (free, total) = (0, 0)
        must(driver.memoryInfo(&free, &total), "cuMemGetInfo")
        return (free, total)
    }

    /// - Parameter what: for the error.
    func allocate(_ bytes: Int, for what: @autoclosure () -> String) throws(CUDAError) -> CUDAAddress {
        enter()
        var address: CUDAAddress = 0
        let status = driver.allocate(&address, max(bytes, 1))
        if status == CUDACode.outOfMemory {
            let (free, total) = memory
            throw .outOfMemory(what: what(), wanted: bytes, free: free, total: total)
        }
        try driver.check(status, "cuMemAlloc")
        return address
    }

    /// Waits for what still uses it.
    func free(_ address: CUDAAddress) {
        synchronize()
        must(driver.free(address), "cuMemFree")
    }

    func clear(_ address: CUDAAddress, bytes: Int) {
        enter()
        must(driver.fill(address, 0, bytes, stream), "cuMemsetD8Async")
    }

    /// - Parameter source: where it is page-locked it must stay as it is until the next `synchronize`.
    func upload(_ source: UnsafeRawPointer, bytes: Int, to address: CUDAAddress) {
        enter()
        must(driver.copyToDevice(address, source, bytes, stream), "cuMemcpyHtoDAsync")
    }

    /// `target` is written with the next `synchronize`.
    func download(_ address: CUDAAddress, bytes: Int, to target: UnsafeMutableRawPointer) {
        enter()
        must(driver.copyToHost(target, address, bytes, stream), "cuMemcpyDtoHAsync")
    }

    func synchronize() {
        enter()
        must(driver.synchronizeStream(stream), "cuStreamSynchronize")
    }
}
