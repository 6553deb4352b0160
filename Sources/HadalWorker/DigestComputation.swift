import Foundation
import HadalCheckpoint
import HadalEngine
import Logging
import Synchronization

/// The digest of a worker's model. A small model's is there at once; a big one's is computed beside the answers, on a
/// thread that runs when no other wants to.
public final class DigestComputation: Sendable {
    /// So many bytes are read in about 0.2 seconds.
    public static let bytesAtOnce = 256 << 20

    private let known = Mutex<String?>(nil)
    /// Open files, until they are read.
    private let waiting: Mutex<ModelDigest?>
    private let logger: Logger

    /// - Parameters:
    ///   - digest: of files that are open, so that those are read that were loaded.
    ///   - bytesAtOnce: up to so many are read before this returns.
    public init(_ digest: ModelDigest, bytesAtOnce: Int = bytesAtOnce, logger: Logger) {
        self.logger = logger
        waiting = Mutex(digest)
        if digest.byteCount <= bytesAtOnce { compute() }
    }

    /// nil: not yet, or the files cannot be read any more, which is logged.
    public var value: String? { known.withLock { $0 } }

    /// Called once the model is served.
    func begin() {
        guard waiting.withLock({ $0 != nil }) else { return }
        Thread.detachNewThread {
            self.runLast()
            self.compute()
        }
    }

    private func compute() {
        guard let digest = waiting.withLock({ $0.take() }) else { return }
        do throws(CheckpointError) {
            let sums = try digest.compute()
            known.withLock { $0 = sums.digest }
        } catch {
            logger.warning("the model's digest is not known, and not recorded with its answers: \(error)")
        }
    }

    /// The least share of a core for this thread, where others want it.
    private func runLast() {
        #if os(Linux)
            // For Linux a thread is a process.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        #else
            Thread.current.qualityOfService = .background
        #endif
    }
}
