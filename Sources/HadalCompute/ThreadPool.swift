import Foundation
import HadalKernels
import Synchronization

/// Threads that share out one operation at a time; the caller takes part. One caller at a time.
package final class ThreadPool: @unchecked Sendable {
    package let threads: Int
    private let pool: OpaquePointer
    private let isRunning = Atomic(false)

    package init(threads: Int) throws(ComputeError) {
        guard let pool = hadal_pool_create(Int32(threads)) else { throw .noThreads(threads) }
        self.threads = threads
        self.pool = pool
    }

    deinit { hadal_pool_destroy(pool) }

    /// One thread a core, or what `HADAL_THREADS` says.
    package static func chosenThreads(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ComputeError) -> Int {
        guard let text = environment["HADAL_THREADS"], !text.isEmpty else {
            return ProcessInfo.processInfo.activeProcessorCount
        }
        guard let count = Int(text), (1...1024).contains(count) else { throw .invalidThreads(text) }
        return count
    }

    /// Calls `body` with pieces of `0..<count` of about `grain` until all are done.
    package func run(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        precondition(!isRunning.exchange(true, ordering: .acquiring), "two callers use one thread pool at once")
        defer { isRunning.store(false, ordering: .releasing) }
        withoutActuallyEscaping(body) { body in
            var body = body
            withUnsafeMutablePointer(to: &body) { context in
                hadal_pool_run(
                    pool, Int64(count), Int64(max(1, grain)),
                    { context, begin, end in
                        context!.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(Int(begin)..<Int(end))
                    }, context)
            }
        }
    }

    /// A grain that gives every thread several pieces, in multiples of `unit`.
    package func grain(for count: Int, unit: Int = 1) -> Int {
        let pieces = threads == 1 ? 1 : threads * 8
        return max(unit, (count / pieces + unit - 1) / unit * unit)
    }
}
