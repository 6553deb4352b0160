import Foundation
import HadalCompute
import HadalModels

/// The engine's thread: schedule, run, postprocess, until stopped. It waits on a condition while there is nothing to do.
final class EngineLoop: @unchecked Sendable {
    private enum State { case serving, draining, stopped }

    private let model: any LanguageModel
    private let cache: any KVCache
    private let endTokens: Set<Int32>
    private let limits: Engine.Limits

    /// Guards `state`, `arrived`, `published`, `isIdle` and `drains`; signalled when there may be something to do.
    private let condition = NSCondition()
    private var state = State.serving
    /// Requests the thread has not yet taken over.
    private var arrived: [Sequence] = []
    private var published = Engine.Statistics()
    private var isIdle = true
    private var drains: [CheckedContinuation<Void, Never>] = []

    /// Used by the thread alone.
    private var scheduler: Scheduler

    init(model: any LanguageModel, cache: any KVCache, endTokens: Set<Int32>, limits: Engine.Limits) {
        self.model = model
        self.cache = cache
        self.endTokens = endTokens
        self.limits = limits
        scheduler = Scheduler(
            maximumRows: model.maximumRows, maximumSequences: limits.maximumSequences,
            promptRowsBesideDecode: limits.promptRowsBesideDecode, blocks: cache.shape.blocks)
        published.totalBlocks = cache.shape.blocks
        published.freeBlocks = cache.shape.blocks
    }

    /// The thread keeps the loop alive until `stop`.
    func start() {
        let thread = Thread { self.run() }
        thread.name = "engine"
        thread.stackSize = 8 << 20
        thread.start()
    }

    // MARK: called from any thread

    var statistics: Engine.Statistics {
        condition.withLock {
            var result = published
            result.waiting += arrived.count
            return result
        }
    }

    func add(_ sequence: Sequence) throws(EngineError) {
        let problem: EngineError? = condition.withLock {
            guard state == .serving else { return .draining }
            guard arrived.count + published.waiting < limits.maximumWaiting else {
                return .queueFull(limit: limits.maximumWaiting)
            }
            arrived.append(sequence)
            isIdle = false
            condition.signal()
            return nil
        }
        if let problem { throw problem }
    }

    /// Looks for cancelled requests again.
    func wake() { condition.withLock { condition.signal() } }

    func drain() async {
        await withCheckedContinuation { continuation in
            let isDone = condition.withLock {
                if state == .serving { state = .draining }
                if isIdle { return true }
                drains.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    func stop() {
        condition.withLock {
            state = .stopped
            condition.signal()
        }
    }

    // MARK: the thread

    private func run() {
        while waitForWork() {
            var finished = scheduler.removeCancelled().map { ($0, GenerationEvent.FinishReason.cancelled) }
            let parts = scheduler.schedule()
            publish()
            if !parts.isEmpty { finished += postprocess(parts, logits: compute(parts)) }
            // Whoever sees its stream's end finds the blocks free.
            publish()
            for (sequence, reason) in finished { sequence.finish(reason) }
        }
        finishAll()
        becomeIdle()
    }

    /// Takes over new requests; false when the engine stops.
    private func waitForWork() -> Bool {
        if scheduler.isIdle { becomeIdle() }
        return condition.withLock {
            while state != .stopped, arrived.isEmpty, scheduler.isIdle { condition.wait() }
            for sequence in arrived { scheduler.add(sequence) }
            published.waiting += arrived.count
            arrived.removeAll()
            return state != .stopped
        }
    }

    private func becomeIdle() {
        let waiting = condition.withLock { () -> [CheckedContinuation<Void, Never>] in
            guard arrived.isEmpty else { return [] }
            isIdle = true
            defer { drains = [] }
            return drains
        }
        for continuation in waiting { continuation.resume() }
    }

    private func finishAll() {
        let all = scheduler.running + scheduler.waiting
        for sequence in all { scheduler.remove(sequence) }
        publish()
        for sequence in all { sequence.finish(.cancelled) }
    }

    private func publish() {
        condition.withLock {
            published.running = scheduler.running.count
            published.waiting = scheduler.waiting.count
            published.freeBlocks = scheduler.blocks.free
        }
    }

    /// Logits of the parts that draw a token, in their order.
    private func compute(_ parts: [Scheduler.Part]) -> Buffer {
        var step = Step()
        var outputRows: [Int32] = []
        for (index, part) in parts.enumerated() {
            step.tokens += part.sequence.tokens[part.range]
            step.positions += part.range.map { Int32($0) }
            step.sequences += repeatElement(Int32(index), count: part.range.count)
            step.blockTables.append(part.sequence.blocks)
            if part.drawsToken { outputRows.append(Int32(step.tokens.count - 1)) }
        }
        return model.forward(step, cache: cache, outputRows: outputRows)
    }

    /// Draws the next tokens; gives the sequences that are finished by them, taken out of the scheduler.
    private func postprocess(
        _ parts: [Scheduler.Part], logits: Buffer
    ) -> [(Sequence, GenerationEvent.FinishReason)] {
        let vocabulary = logits.width
        var values = logits.rows == 0 ? [] : model.device.read(logits, rows: logits.rows)
        var finished: [(Sequence, GenerationEvent.FinishReason)] = []
        var promptTokens = 0
        var drawn = 0
        values.withUnsafeMutableBufferPointer { values in
            for part in parts {
                let sequence = part.sequence
                sequence.computed = part.range.upperBound
                promptTokens += part.range.clamped(to: 0..<sequence.request.prompt.count).count
                guard part.drawsToken else { continue }
                let row = drawn * vocabulary..<(drawn + 1) * vocabulary
                drawn += 1
                let token = sequence.draw(UnsafeMutableBufferPointer(rebasing: values[row]))
                if let reason = sequence.take(token, endTokens: endTokens) {
                    scheduler.remove(sequence)
                    finished.append((sequence, reason))
                }
            }
        }
        condition.withLock {
            published.promptTokens += promptTokens
            published.generatedTokens += drawn
        }
        return finished
    }
}
