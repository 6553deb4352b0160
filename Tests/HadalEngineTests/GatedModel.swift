import Foundation
import HadalCompute
import HadalModels

/// A model that waits before each step until the test allows it, so that tests of what happens meanwhile need no luck.
final class GatedModel: LanguageModel, @unchecked Sendable {
    let base: any LanguageModel
    private let condition = NSCondition()
    private var allowed = 0
    private var isWaiting = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(_ base: any LanguageModel) { self.base = base }

    var description: ModelDescription { base.description }
    var device: any ComputeDevice { base.device }
    var maximumRows: Int { base.maximumRows }
    func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape {
        base.cacheShape(blocks: blocks, format: format)
    }

    /// Lets so many further steps go.
    func allow(_ steps: Int) {
        condition.withLock {
            allowed += steps
            if allowed > 0 { isWaiting = false }
            condition.signal()
        }
    }

    /// Returns when a step waits that is not allowed yet.
    func reachesGate() async {
        await withCheckedContinuation { continuation in
            let isThere = condition.withLock {
                if !isWaiting { waiters.append(continuation) }
                return isWaiting
            }
            if isThere { continuation.resume() }
        }
    }

    func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer {
        condition.lock()
        while allowed == 0 {
            isWaiting = true
            let ready = waiters
            waiters = []
            for continuation in ready { continuation.resume() }
            condition.wait()
        }
        allowed -= 1
        isWaiting = false
        condition.unlock()
        return base.forward(step, cache: cache, outputRows: outputRows)
    }
}
