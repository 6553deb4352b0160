import Foundation
import HadalKernels

/// What this machine can do at most: measured, for `hadal doctor` and as the roofline of benchmarks.
public struct MachineProbe: Sendable {
    public let threads: Int
    public let instructionSets: [InstructionSet]
    /// That the kernels use.
    public let instructionSet: InstructionSet
    /// bytes/s that one thread, and all of them, read from memory.
    public let readBandwidthSingle: Double
    public let readBandwidth: Double
    /// 8-bit integer operations/s of all threads (a multiply and an add are two), of whole bytes. With weights of 4 bits
    /// AVX2 does more.
    public let int8Peak: Double
    /// float32 operations/s of all threads.
    public let float32Peak: Double
    public let hasBFloat16: Bool

    /// Takes about two seconds and 1 GB of memory.
    public static func measure(threads: Int? = nil, bufferBytes: Int = 1 << 30) throws -> MachineProbe {
        let all = try threads ?? ThreadPool.chosenThreads()
        let pool = try ThreadPool(threads: all)
        let single = try ThreadPool(threads: 1)
        let set = try InstructionSet.chosen()
        nonisolated(unsafe) let kernels = set.kernels
        let hugePage = 2 << 20
        guard let memory = aligned_alloc(hugePage, (bufferBytes + hugePage - 1) / hugePage * hugePage) else {
            throw ComputeError.outOfMemory(bytes: bufferBytes, what: "the measurement of bandwidth")
        }
        defer { free(memory) }
        // The bus is the limit sought, not the page tables. Only advice: other pages do as well.
        _ = madvise(memory, bufferBytes, MADV_HUGEPAGE)
        memset(memory, 1, bufferBytes)
        return MachineProbe(
            threads: all, instructionSets: InstructionSet.available, instructionSet: set,
            readBandwidthSingle: bandwidth(single, memory, bufferBytes),
            readBandwidth: bandwidth(pool, memory, bufferBytes),
            int8Peak: operations(pool, each: 12 * 128) { _ = kernels.pointee.peak_int8($0) },
            float32Peak: operations(pool, each: 12 * 32) { _ = kernels.pointee.peak_f32($0) },
            hasBFloat16: hadal_cpu_features() & UInt32(HADAL_HAS_AVX512_BF16) != 0)
    }

    private static func bandwidth(_ pool: ThreadPool, _ memory: UnsafeMutableRawPointer, _ bytes: Int) -> Double {
        let piece = 4 << 20
        nonisolated(unsafe) let memory = memory
        return best(of: 6) {
            pool.run(bytes / piece) { pieces in
                for index in pieces { blackHole(hadal_probe_read(memory + index * piece, piece)) }
            }
            return Double(bytes / piece * piece)
        }
    }

    private static func operations(_ pool: ThreadPool, each: Int, _ body: @Sendable (Int64) -> Void) -> Double {
        let rounds: Int64 = 2_000_000
        return best(of: 3) {
            pool.run(pool.threads) { pieces in for _ in pieces { body(rounds) } }
            return Double(pool.threads) * Double(rounds) * Double(each)
        }
    }

    /// The highest rate of several runs of a work that says how much it did.
    private static func best(of runs: Int, _ work: () -> Double) -> Double {
        var best = 0.0
        for _ in 0..<runs {
            let start = ContinuousClock.now
            let amount = work()
            best = max(best, amount / ((ContinuousClock.now - start) / .seconds(1)))
        }
        return best
    }

    @inline(never) private static func blackHole(_ value: UInt64) {}
}
