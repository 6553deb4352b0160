import HadalEngine
import HadalWire

extension EngineBackend {
    public var figures: EngineFigures? { EngineFigures(host.engine.statistics) }

    public func shutdown() async { await host.engine.shutdown() }
}

extension EngineFigures {
    init(_ statistics: Engine.Statistics) {
        self.init()
        sequencesRunning = statistics.running
        sequencesWaiting = statistics.waiting
        blocksUsed = statistics.usedBlocks
        blocksCached = statistics.cachedBlocks
        blocksFree = statistics.freeBlocks
        blockBytes = statistics.blockBytes
        promptTokens = statistics.promptTokens
        cachedTokens = statistics.cachedTokens
        recomputedTokens = statistics.recomputedTokens
        generatedTokens = statistics.generatedTokens
        let speculation = statistics.speculation
        draftedTokens = speculation.total.drafted
        acceptedTokens = speculation.total.accepted
        preemptions = statistics.preemptions
        refused = statistics.refused
        expired = statistics.expired
        evictions = statistics.evictions
        storedBlocks = statistics.store.blocks
        storedBlocksMax = statistics.store.blocksMax
        storedBlocksWritten = statistics.store.written
        storedBlocksRead = statistics.store.read
        storedBlocksDropped = statistics.store.dropped
        storedBlocksDamaged = statistics.store.damaged
        secondsBetweenStarts = statistics.secondsBetweenStarts
        (steps, stepRows, busySeconds) = (statistics.steps, statistics.rows, statistics.busySeconds)
        (weightBytes, operations) = (statistics.weightBytes, statistics.operations)
    }
}
