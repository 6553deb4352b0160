import Foundation
import HadalCompute
import Synchronization

/// The most that this machine reads and computes with the threads of an engine.
public struct Roofline: Sendable, Hashable {
    /// bytes/s from memory.
    public var readBandwidth: Double
    /// Operations/s in 8 bits and in float32; a multiplication and an addition are two.
    public var int8Peak: Double
    public var float32Peak: Double
    /// Whether the engine computed meanwhile, so that the true limits are higher.
    public var wasBusy = false

    package init(_ probe: MachineProbe) {
        readBandwidth = probe.readBandwidth
        int8Peak = probe.int8Peak
        float32Peak = probe.float32Peak
    }
}

/// One profile at a time, and the limits that were measured for it.
final class ProfileDesk: Sendable {
    /// More than processors have of caches; less than the first tells of these.
    private static let probeBytes = (most: 512 << 20, least: 64 << 20)

    private let isTaken = Atomic(false)
    /// Measured while nothing else was computed.
    private let known = Mutex<Roofline?>(nil)

    /// False where somebody has it.
    func claim() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

    func release() { isTaken.store(false, ordering: .releasing) }

    /// - Parameters:
    ///   - bytes: of memory that may be used.
    ///   - steps: how many the engine has done.
    /// - Returns: nil where there is too little memory.
    func roofline(threads: Int, bytes: Int, steps: () -> Int) async -> Roofline? {
        if let known = known.withLock({ $0 }) { return known }
        let room = min(bytes, Self.probeBytes.most, MemoryStatus.available / 2)
        guard room >= Self.probeBytes.least else { return nil }
        let before = steps()
        let probe: MachineProbe? = await withCheckedContinuation { continuation in
            // Two seconds of work that cannot be interrupted.
            let thread = Thread {
                continuation.resume(returning: try? MachineProbe.measure(threads: threads, bufferBytes: room))
            }
            thread.name = "roofline"
            thread.start()
        }
        guard let probe else { return nil }
        var roofline = Roofline(probe)
        roofline.wasBusy = steps() != before
        if !roofline.wasBusy { known.withLock { $0 = roofline } }
        return roofline
    }
}
