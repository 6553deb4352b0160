import HadalCompute

/// Which rows of which sequences go into the next step, and who has the cache's blocks.
///
/// 1. *Grow*: each running sequence gets the blocks its tokens need. Where none are available, the last in rank makes room
///    and waits again, keeping its tokens; its blocks are usually still cached when it returns.
/// 2. *Admit*: who waits gets blocks for all its tokens while there are enough, with one to spare for each that runs. Only
///    a higher priority pushes others out.
/// 3. *Cut*: a row for each sequence that decodes, then pieces of prompts while the step's budget lasts: higher priorities
///    first, and what is left divided among the tenants alike.
///
/// Who has the lowest priority gets what would be idle: it is neither admitted nor computed as long as anybody else runs, and
/// keeps its blocks meanwhile unless they are needed.
///
/// Rank is priority, then arrival. Blocks are taken only from those lower in rank, and each request alone fits the cache,
/// so the first in rank always gets on, and everybody above the lowest priority becomes the first in time.
///
/// A block is put in the prefix tree when the step is cut that fills it. Every step is computed to its end, and stores all
/// its keys and values of a layer before any row attends to them; so even sequences of the same step share it.
package struct Scheduler {
    /// One sequence's part of a step.
    package struct Part {
        package let sequence: Sequence
        package let range: Range<Int>
        /// Guesses that are computed after them.
        package var draft: Draft?
        package var rows: Int { range.count + (draft?.tokens.count ?? 0) }
        /// Whether the part ends with the last known token, so that the next one can be drawn.
        package var drawsToken: Bool { range.upperBound == sequence.tokens.count }
    }

    let rowsMax: Int
    private let sequencesMax: Int
    private let options: EngineOptions
    /// Blocks on disk, where they are kept.
    private let store: PrefixStore?
    package private(set) var queue = RequestQueue<Sequence>()
    /// The first in rank is the first.
    package private(set) var running: [Sequence] = []
    package private(set) var pool: BlockPool
    package private(set) var ledger = TenantLedger()
    private var starts = StartRate()
    package private(set) var preemptions = 0
    private var arrivals = 0

    /// - Parameter rowsMax: of a step.
    package init(rowsMax: Int, blocks: Int, options: EngineOptions, store: PrefixStore? = nil) {
        self.rowsMax = rowsMax
        self.options = options
        self.store = store
        sequencesMax = min(options.sequencesMax, rowsMax)
        pool = BlockPool(total: blocks, naming: store?.naming)
        if let store { pool.willEvict = { block, digest in store.save(digest, block: block, waits: false) } }
    }

    package var isIdle: Bool { queue.isEmpty && running.isEmpty }
    package var all: [Sequence] { running + queue.elements }

    /// Those of which the next step may compute something.
    package var active: ArraySlice<Sequence> { isBusy ? running.prefix { !$0.isIdleWork } : running[...] }

    /// Whether there is nothing left for idle work.
    private var isBusy: Bool { running.first.map { !$0.isIdleWork } ?? false }

    /// Between the starts of two requests that waited, lately; 0 where there were none.
    package func secondsBetweenStarts(now: ContinuousClock.Instant) -> Double {
        starts.secondsBetweenStarts(now: now, arrival: queue.first?.submitted) ?? 0
    }

    // MARK: coming and going

    package mutating func add(_ sequence: Sequence) {
        sequence.arrival = arrivals
        arrivals += 1
        ledger.enter(sequence.tenant)
        enqueue(sequence, returns: sequence.generated > 0)
    }

    private mutating func enqueue(_ sequence: Sequence, returns: Bool) {
        queue.add(
            sequence, tenant: sequence.tenant, priority: sequence.priority, order: sequence.arrival, returns: returns)
    }

    /// Sequences nobody listens to any more, taken out.
    package mutating func removeCancelled() -> [Sequence] {
        let cancelled =
            queue.remove(where: \.cancellation.isCancelled) + running.takeAll(where: \.cancellation.isCancelled)
        for sequence in cancelled { leave(sequence) }
        return cancelled
    }

    /// Sequences that waited longer than they may, taken out. Who has run already has been admitted for good.
    package mutating func removeExpired(now: ContinuousClock.Instant) -> [Sequence] {
        let expired = queue.remove { sequence in
            guard let deadline = sequence.startDeadline else { return false }
            return sequence.begun == nil && deadline < now
        }
        for sequence in expired { leave(sequence) }
        return expired
    }

    /// Takes out a sequence that is finished.
    package mutating func remove(_ sequence: Sequence) {
        running.removeAll { $0 === sequence }
        _ = queue.remove { $0 === sequence }
        leave(sequence)
    }

    private mutating func leave(_ sequence: Sequence) {
        releaseBlocks(of: sequence)
        ledger.leave(sequence.tenant)
    }

    private mutating func releaseBlocks(of sequence: Sequence) {
        pool.release(sequence.blocks)
        sequence.blocks = []
        sequence.shared = 0
        sequence.computed = 0
        sequence.drafted = 0
        sequence.draft = nil
    }

    /// A drawn token counts when tenants are compared.
    package mutating func chargeToken(of sequence: Sequence) {
        ledger.charge(sequence.tenant, options.generatedTokenWeight)
    }

    // MARK: the next step

    package mutating func schedule(now: ContinuousClock.Instant = .now) -> [Part] {
        grow()
        admit(now: now)
        return cut()
    }

    private mutating func grow() {
        var index = 0
        while index < running.count {
            let sequence = running[index]
            if sequence.blocks.count >= sequence.blocksNeeded {
                index += 1
            } else if let block = pool.allocate(1) {
                sequence.blocks += block
            } else {
                preempt(running[running.count - 1])
            }
        }
    }

    private mutating func preempt(_ sequence: Sequence) {
        running.removeAll { $0 === sequence }
        releaseBlocks(of: sequence)
        sequence.wasPreempted = true
        preemptions += 1
        enqueue(sequence, returns: true)
    }

    private mutating func admit(now: ContinuousClock.Instant) {
        while let next = queue.next(by: ledger), !(isBusy && next.isIdleWork) {
            guard running.count < sequencesMax, takeBlocks(for: next) else {
                guard let last = running.last, last.priority < next.priority else { return }
                preempt(last)
                continue
            }
            _ = queue.removeNext(by: ledger)
            if next.begun == nil {
                next.begun = now
                starts.record(now, arrival: next.submitted)
                ledger.charge(next.tenant, next.tokens.count - next.computed)
            }
            let place = running.firstIndex { next.precedes($0) } ?? running.count
            running.insert(next, at: place)
        }
    }

    /// All the blocks a sequence needs now, or none.
    private mutating func takeBlocks(for sequence: Sequence) -> Bool {
        shareBlocks(with: sequence)
        let needed = sequence.blocksNeeded - sequence.blocks.count
        if needed + running.count <= pool.available, let blocks = pool.allocate(needed) {
            sequence.blocks += blocks
            return true
        }
        releaseBlocks(of: sequence)
        if !sequence.wasPreempted { sequence.cachedTokens = 0 }
        return false
    }

    private mutating func cut() -> [Part] {
        var parts: [Part] = []
        let active = active
        for sequence in active where sequence.remaining == 1 { parts.append(part(of: sequence, rows: 1)) }
        var budget = rowsMax - parts.reduce(0) { $0 + $1.rows }
        budget = min(budget, parts.isEmpty ? options.promptRows ?? rowsMax : options.promptRowsBesideDecode)
        var reloads = parts.isEmpty ? Int.max : options.reloadsBesideOthers
        var pending = active.filter { $0.remaining > 1 }[...]
        while let first = pending.first, budget > 0 {
            let equals = pending.prefix { $0.priority == first.priority }
            pending = pending.dropFirst(equals.count)
            var shares = shares(of: budget, among: equals)
            for sequence in equals where budget > 0 {
                shareBlocks(with: sequence)
                guard reload(sequence, &reloads) else { continue }
                let rows = min(sequence.remaining, shares[sequence.tenant] ?? 0, budget)
                guard rows > 0 else { continue }
                parts.append(part(of: sequence, rows: rows))
                shares[sequence.tenant]! -= rows
                budget -= rows
            }
        }
        return parts
    }

    private func shares(of budget: Int, among sequences: ArraySlice<Sequence>) -> [String: Int] {
        var demands: [String: Int] = [:]
        for sequence in sequences { demands[sequence.tenant, default: 0] += sequence.remaining }
        guard demands.count > 1 else { return demands.mapValues { _ in budget } }
        let tenants = demands.keys.sorted()
        let shares = FairShares.divide(budget, among: tenants.map { demands[$0]! })
        return Dictionary(uniqueKeysWithValues: zip(tenants, shares))
    }

    private mutating func part(of sequence: Sequence, rows: Int) -> Part {
        let range = sequence.computed..<sequence.computed + rows
        if options.reusesPrefixes {
            while (sequence.shared + 1) * KVCacheShape.blockSize <= range.upperBound { keepBlock(of: sequence) }
        }
        // Guesses are not in the tree before they are certain.
        defer { sequence.draft = nil }
        return Part(sequence: sequence, range: range, draft: sequence.draft)
    }

    /// Makes room for guesses where that takes nothing from others.
    /// - Returns: how many there is room for.
    mutating func makeRoom(for sequence: Sequence, drafts: Int) -> Int {
        let needed = BlockPool.blocks(forPositions: sequence.tokens.count + drafts) - sequence.blocks.count
        if needed > 0, pool.available - needed >= running.count, let blocks = pool.allocate(needed) {
            sequence.blocks += blocks
        }
        return min(drafts, max(0, sequence.blocks.count * KVCacheShape.blockSize - sequence.tokens.count))
    }

    /// Writes what is cached to disk, as far as there is room, and ends the writing.
    package func closeStore() {
        guard let store else { return }
        // The most recently used first: parents come before their children, and the best are there if time runs out.
        for (block, digest) in pool.keptDigests.reversed().prefix(store.statistics.blocksMax) {
            store.save(digest, block: block, waits: true)
        }
        store.close()
    }

    // MARK: the prefix tree

    /// Puts the sequence's next full block in the tree. Where another has computed the same meanwhile, that one is taken
    /// instead: its bits are the same, and a row that is written into it again changes none.
    private mutating func keepBlock(of sequence: Sequence) {
        let (parent, tokens) = sequence.nextSharedBlock
        if let block = pool.share(after: parent, tokens) {
            pool.release(CollectionOfOne(sequence.blocks[sequence.shared]))
            sequence.blocks[sequence.shared] = block
        } else {
            pool.keep(sequence.blocks[sequence.shared], after: parent, tokens)
        }
        sequence.shared += 1
    }

    /// Gives the sequence the blocks of its text that are in the cache. Its last token is computed in any case, since the
    /// next one is drawn from what comes of it.
    private mutating func shareBlocks(with sequence: Sequence) {
        guard options.reusesPrefixes else { return }
        while sequence.knowsNextSharedBlock {
            let (parent, tokens) = sequence.nextSharedBlock
            guard let block = pool.share(after: parent, tokens) else { return }
            if sequence.shared < sequence.blocks.count {
                pool.release(CollectionOfOne(sequence.blocks[sequence.shared]))
                sequence.blocks[sequence.shared] = block
            } else {
                sequence.blocks.append(block)
            }
            sequence.skipSharedBlock()
        }
    }

    /// Reads the blocks that follow from disk, into those the sequence has.
    /// - Parameter budget: blocks that may be read.
    /// - Returns: false where more are there than that.
    private mutating func reload(_ sequence: Sequence, _ budget: inout Int) -> Bool {
        guard let store else { return true }
        while sequence.knowsNextSharedBlock {
            let (parent, tokens) = sequence.nextSharedBlock
            guard let digest = pool.digest(after: parent, tokens), store.contains(digest) else { return true }
            guard budget > 0 else { return false }
            budget -= 1
            guard store.load(digest, block: sequence.blocks[sequence.shared]) else { return true }
            pool.keep(sequence.blocks[sequence.shared], after: parent, tokens)
            sequence.skipSharedBlock()
        }
        return true
    }
}
