import HadalCompute

/// Which rows of which sequences go into the next step: a row for each sequence that decodes, then prompts in pieces while
/// the budget lasts, first come, first served.
///
/// A sequence is admitted only when its worst case of blocks can be set aside, so that nothing fails on the way.
struct Scheduler {
    /// One sequence's part of a step.
    struct Part {
        let sequence: Sequence
        let range: Range<Int>
        /// Whether the part ends with the last known token, so that the next one can be drawn.
        var drawsToken: Bool { range.upperBound == sequence.tokens.count }
    }

    let maximumRows: Int
    let maximumSequences: Int
    let promptRowsBesideDecode: Int
    private(set) var waiting: [Sequence] = []
    private(set) var running: [Sequence] = []
    private(set) var blocks: BlockAllocator

    init(maximumRows: Int, maximumSequences: Int, promptRowsBesideDecode: Int, blocks: Int) {
        self.maximumRows = maximumRows
        self.maximumSequences = min(maximumSequences, maximumRows)
        self.promptRowsBesideDecode = max(1, promptRowsBesideDecode)
        self.blocks = BlockAllocator(total: blocks)
    }

    var isIdle: Bool { waiting.isEmpty && running.isEmpty }

    mutating func add(_ sequence: Sequence) { waiting.append(sequence) }

    /// Sequences nobody listens to any more, taken out.
    mutating func removeCancelled() -> [Sequence] {
        let cancelled = (waiting + running).filter(\.cancellation.isCancelled)
        for sequence in cancelled { remove(sequence) }
        return cancelled
    }

    mutating func remove(_ sequence: Sequence) {
        waiting.removeAll { $0 === sequence }
        running.removeAll { $0 === sequence }
        blocks.release(sequence.blocks)
        sequence.blocks = []
    }

    mutating func schedule() -> [Part] {
        while running.count < maximumSequences, let next = waiting.first,
            let reserved = blocks.allocate(next.blocksNeeded)
        {
            next.blocks = reserved
            running.append(next)
            waiting.removeFirst()
        }
        var parts: [Part] = []
        for sequence in running where sequence.tokens.count - sequence.computed == 1 {
            parts.append(Part(sequence: sequence, range: sequence.computed..<sequence.tokens.count))
        }
        var budget = maximumRows - parts.count
        if !parts.isEmpty { budget = min(budget, promptRowsBesideDecode) }
        for sequence in running where sequence.tokens.count - sequence.computed > 1 && budget > 0 {
            let end = min(sequence.tokens.count, sequence.computed + budget)
            parts.append(Part(sequence: sequence, range: sequence.computed..<end))
            budget -= end - sequence.computed
        }
        return parts
    }
}
