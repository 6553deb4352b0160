import Foundation
import HadalCompute
import HadalModels

/// The engine's thread: schedule, run, postprocess, until stopped. It waits on a condition while there is nothing to do.
final class EngineLoop: @unchecked Sendable {
    private enum State { case serving, draining, stopped }

    private let model: any LanguageModel
    private let cache: any KVCache
    private let endTokens: Set<Int32>
    private let options: EngineOptions
    private let store: PrefixStore?

    /// Guards `state` and all to `profileWish`; signalled when there may be something to do.
    private let condition = NSCondition()
    private var state = State.serving
    /// Requests the thread has not yet taken over.
    private var arrived: [Sequence] = []
    private var published = Engine.Statistics()
    private var isIdle = true
    private var drains: [CheckedContinuation<Void, Never>] = []
    private var hasEnded = false
    private var ends: [CheckedContinuation<Void, Never>] = []
    private var profileWish: ProfileWish?

    /// Used by the thread alone.
    private var scheduler: Scheduler
    private var speculator: Speculator
    private let profiler: StepProfiler

    init(
        model: any LanguageModel, cache: any KVCache, draftModel: DraftModel?, endTokens: Set<Int32>,
        options: EngineOptions, store: PrefixStore?
    ) {
        self.model = model
        self.cache = cache
        self.endTokens = endTokens
        self.options = options
        self.store = store
        profiler = model.device.profiler
        scheduler = Scheduler(
            rowsMax: model.maximumRows, blocks: cache.shape.blocks, options: options, store: store)
        speculator = Speculator(options.speculation, model: model, cache: cache, draftModel: draftModel)
        published.totalBlocks = cache.shape.blocks
        published.freeBlocks = cache.shape.blocks
        published.blockBytes = cache.shape.bytesPerBlock + (draftModel?.cache.shape.bytesPerBlock ?? 0)
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
            if let store { result.store = store.statistics }
            return result
        }
    }

    func add(_ sequence: Sequence) throws(EngineError) {
        let problem: EngineError? = condition.withLock {
            guard state == .serving else { return .draining }
            let waiting = arrived.count + published.waiting
            // What was begun has been admitted for good.
            guard waiting < options.waitingMax || sequence.generated > 0 else {
                published.refused += 1
                let retry = StartRate.retrySeconds(
                    waiting: waiting, secondsBetweenStarts: published.secondsBetweenStarts)
                return .queueFull(limit: options.waitingMax, retrySeconds: retry)
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

    /// Returns when the thread has ended, after `stop`.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isDone = condition.withLock {
                if !hasEnded { ends.append(continuation) }
                return hasEnded
            }
            if isDone { continuation.resume() }
        }
    }

    /// Tells the thread what is wanted. One wish at a time; what it gives is nil where the engine has stopped.
    func wish<Value: Sendable>(_ wish: (CheckedContinuation<Value?, Never>) -> ProfileWish) async -> Value? {
        await withCheckedContinuation { continuation in
            let isHeard = condition.withLock {
                if !hasEnded { profileWish = wish(continuation) }
                condition.signal()
                return !hasEnded
            }
            if !isHeard { continuation.resume(returning: nil) }
        }
    }

    // MARK: the thread

    private func run() {
        while waitForWork() {
            let start = profiler.begin()
            let now = ContinuousClock.now
            var finished = scheduler.removeCancelled().map { ($0, GenerationEvent.FinishReason.cancelled) }
            let expired = scheduler.removeExpired(now: now)
            if !expired.isEmpty { condition.withLock { published.expired += expired.count } }
            finished += expired.map { ($0, .expired) }
            let parts = scheduler.schedule(now: now)
            publish()
            profiler.end(.scheduling, since: start)
            if !parts.isEmpty {
                if profiler.isOn { profiler.enter(parts) }
                finished += postprocess(parts, logits: compute(parts))
                profiler.enter(.drafting)
                speculator.draft(after: parts, scheduler: &scheduler)
                profiler.enter(.engine)
                let seconds = (ContinuousClock.now - now) / .seconds(1)
                speculator.record(parts, seconds: seconds)
                count(parts, seconds)
            }
            // Whoever sees its stream's end finds the blocks free.
            publish()
            for (sequence, reason) in finished { sequence.finish(reason) }
        }
        finishAll()
        becomeIdle()
        scheduler.closeStore()
        becomeEnded()
    }

    /// Takes over new requests; false when the engine stops.
    private func waitForWork() -> Bool {
        if scheduler.isIdle { becomeIdle() }
        let (goesOn, wish) = condition.withLock {
            if scheduler.isIdle {
                let start = profiler.begin()
                while state != .stopped, arrived.isEmpty, profileWish == nil { condition.wait() }
                profiler.end(.waiting, since: start)
            }
            for sequence in arrived { scheduler.add(sequence) }
            published.waiting += arrived.count
            arrived.removeAll()
            defer { profileWish = nil }
            return (state != .stopped, profileWish)
        }
        wish?.grant(profiler, model.device)
        return goesOn
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

    private func becomeEnded() {
        let (waiting, wish) = condition.withLock {
            hasEnded = true
            defer { (ends, profileWish) = ([], nil) }
            return (ends, profileWish)
        }
        for continuation in waiting { continuation.resume() }
        wish?.refuse()
    }

    private func finishAll() {
        let all = scheduler.all
        for sequence in all { scheduler.remove(sequence) }
        publish()
        for sequence in all { sequence.finish(.cancelled) }
    }

    private func count(_ parts: [Scheduler.Part], _ seconds: Double) {
        let rows = parts.reduce(0) { $0 + $1.rows }
        let work = model.device.work
        condition.withLock {
            published.steps += 1
            published.rows += rows
            published.busySeconds += seconds
            (published.weightBytes, published.operations) = (work.weightBytes, work.operations)
        }
    }

    private func publish() {
        let betweenStarts = scheduler.secondsBetweenStarts(now: .now)
        condition.withLock {
            published.running = scheduler.running.count
            published.waiting = scheduler.queue.count
            published.freeBlocks = scheduler.pool.free
            published.cachedBlocks = scheduler.pool.kept
            published.evictions = scheduler.pool.evictions
            published.preemptions = scheduler.preemptions
            published.secondsBetweenStarts = betweenStarts
        }
    }

    /// Logits of the parts that draw a token, in their order: of the last known token, and of the guesses after it.
    private func compute(_ parts: [Scheduler.Part]) -> Buffer {
        let start = profiler.begin()
        var step = Step()
        var outputRows: [Int32] = []
        for (index, part) in parts.enumerated() {
            step.tokens += part.sequence.tokens[part.range]
            if part.drawsToken { outputRows.append(Int32(step.tokens.count - 1)) }
            for guess in part.draft?.tokens ?? [] {
                outputRows.append(Int32(step.tokens.count))
                step.tokens.append(guess)
            }
            step.positions += (0..<part.rows).map { Int32(part.range.lowerBound + $0) }
            step.sequences += repeatElement(Int32(index), count: part.rows)
            step.blockTables.append(part.sequence.blocks)
        }
        profiler.end(.assembly, since: start)
        return model.forward(step, cache: cache, outputRows: outputRows)
    }

    /// Draws the next tokens; gives the sequences that are finished by them, taken out of the scheduler.
    private func postprocess(
        _ parts: [Scheduler.Part], logits: Buffer
    ) -> [(Sequence, GenerationEvent.FinishReason)] {
        let vocabulary = logits.width
        // A device that finds these itself need not hand over all logits.
        let likeliest =
            logits.rows > 0 && parts.allSatisfy { !$0.drawsToken || $0.sequence.takesLikeliest }
            ? model.device.likeliest(logits, rows: logits.rows) : nil
        var values = logits.rows == 0 || likeliest != nil ? [] : model.device.read(logits, rows: logits.rows)
        var finished: [(Sequence, GenerationEvent.FinishReason)] = []
        var promptTokens = 0
        var recomputedTokens = 0
        var cachedTokens = 0
        var generated = 0
        var row = 0
        var speculation = SpeculationStatistics()
        values.withUnsafeMutableBufferPointer { values in
            for part in parts {
                let sequence = part.sequence
                sequence.computed = part.range.upperBound
                recomputedTokens += part.range.clamped(to: 0..<sequence.highest).count
                let fresh = sequence.highest..<max(sequence.highest, sequence.request.prompt.count)
                promptTokens += part.range.clamped(to: fresh).count
                sequence.highest = max(sequence.highest, part.range.upperBound)
                guard part.drawsToken else { continue }
                if sequence.generated == 0 { cachedTokens += sequence.cachedTokens }
                let guesses = part.draft?.tokens ?? []
                var accepted = 0
                // Each row draws as if there were no guesses; a guess that was drawn has its own row computed already.
                while true {
                    let token: GenerationEvent.Token
                    if let likeliest {
                        token = GenerationEvent.Token(id: likeliest[row + accepted])
                    } else {
                        let start = (row + accepted) * vocabulary
                        token = sequence.draw(
                            UnsafeMutableBufferPointer(rebasing: values[start..<start + vocabulary]), profiler)
                    }
                    generated += 1
                    scheduler.chargeToken(of: sequence)
                    let drawn = profiler.begin()
                    let reason = sequence.take(token, endTokens: endTokens)
                    profiler.end(.delivery, since: drawn)
                    if let reason {
                        scheduler.remove(sequence)
                        finished.append((sequence, reason))
                        break
                    }
                    guard accepted < guesses.count, token.id == guesses[accepted] else { break }
                    accepted += 1
                    sequence.computed += 1
                }
                row += 1 + guesses.count
                sequence.highest = max(sequence.highest, sequence.computed)
                if let draft = part.draft {
                    sequence.settle(draft, accepted: accepted)
                    speculation[draft.source] += .init(drafted: guesses.count, accepted: accepted)
                }
            }
        }
        condition.withLock {
            published.promptTokens += promptTokens
            published.recomputedTokens += recomputedTokens
            published.cachedTokens += cachedTokens
            published.generatedTokens += generated
            published.speculation += speculation
        }
        return finished
    }
}
