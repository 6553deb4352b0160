import HadalWire

/// A figure of a worker's engine. Those that only grow begin anew with the worker.
struct EngineMetric: Sendable {
    let description: MetricDescription
    let value: @Sendable (EngineFigures) -> Double

    private init(
        _ kind: MetricDescription.Kind, _ name: String, _ help: String,
        _ value: @escaping @Sendable (EngineFigures) -> Double
    ) {
        description = MetricDescription(kind, "hadal_engine_" + name, help, ["model"])
        self.value = value
    }

    /// What vLLM calls so.
    private init(
        vLLM kind: MetricDescription.Kind, _ name: String, _ help: String,
        _ value: @escaping @Sendable (EngineFigures) -> Double
    ) {
        description = MetricDescription(kind, "vllm:" + name, help, ["model_name"])
        self.value = value
    }

    private static func gauge(
        _ name: String, _ help: String, _ number: @escaping @Sendable (EngineFigures) -> Int
    ) -> EngineMetric {
        EngineMetric(.gauge, name, help) { Double(number($0)) }
    }

    private static func counter(
        _ name: String, _ help: String, _ number: @escaping @Sendable (EngineFigures) -> Int
    ) -> EngineMetric {
        EngineMetric(.counter, name, help) { Double(number($0)) }
    }

    static let all: [EngineMetric] = [
        gauge("sequences_running", "Answers that are being computed.") { $0.sequencesRunning },
        gauge("sequences_waiting", "Answers that wait to be begun.") { $0.sequencesWaiting },
        EngineMetric(
            .gauge, "start_interval_seconds", "Between the starts of two answers, lately; 0 where there were none."
        ) { $0.secondsBetweenStarts },
        gauge("cache_blocks_used", "Blocks of the key-value cache in use.") { $0.blocksUsed },
        gauge("cache_blocks_kept", "Blocks that are kept for texts that begin alike.") { $0.blocksCached },
        gauge("cache_blocks_free", "Blocks of the key-value cache that hold nothing.") { $0.blocksFree },
        gauge("cache_block_bytes", "Bytes of a block.") { $0.blockBytes },
        counter("prompt_tokens_total", "Prompt tokens that were computed.") { $0.promptTokens },
        counter("cached_tokens_total", "Prompt tokens that were found in the cache.") { $0.cachedTokens },
        counter("recomputed_tokens_total", "Tokens that were computed again after making room.") {
            $0.recomputedTokens
        },
        counter("generated_tokens_total", "Tokens that were written.") { $0.generatedTokens },
        counter("drafted_tokens_total", "Tokens that were guessed ahead.") { $0.draftedTokens },
        counter("accepted_tokens_total", "Tokens that were guessed right.") { $0.acceptedTokens },
        counter("preemptions_total", "Answers that made room for others.") { $0.preemptions },
        counter("refused_total", "Requests that found the queue full.") { $0.refused },
        counter("expired_total", "Requests that waited longer than they may.") { $0.expired },
        counter("evictions_total", "Kept blocks that were given up.") { $0.evictions },
        gauge("stored_blocks", "Blocks on disk.") { $0.storedBlocks },
        gauge("stored_blocks_max", "Blocks that may be on disk.") { $0.storedBlocksMax },
        counter("stored_blocks_written_total", "Blocks that were written to disk.") { $0.storedBlocksWritten },
        counter("stored_blocks_read_total", "Blocks that were read from disk.") { $0.storedBlocksRead },
        counter("stored_blocks_dropped_total", "Blocks that were not written, or given up on disk.") {
            $0.storedBlocksDropped
        },
        counter("stored_blocks_damaged_total", "Blocks on disk that were not what was written.") {
            $0.storedBlocksDamaged
        },
        EngineMetric(.gauge, "cache_usage_ratio", "The part of the key-value cache that is in use, 0 to 1.") {
            usage($0)
        },
        counter("steps_total", "Steps, each of which computes a token or more of several answers.") { $0.steps },
        counter("step_tokens_total", "Tokens in steps: over the steps, how large a batch is.") { $0.stepRows },
        EngineMetric(.counter, "busy_seconds_total", "Seconds in which a step was computed.") { $0.busySeconds },
        counter(
            "weight_bytes_total", "Bytes of weights that were read: over the busy seconds, the memory's bandwidth used."
        ) {
            $0.weightBytes
        },
        counter("operations_total", "Multiplications and additions with weights.") { $0.operations },
    ]

    /// The same for dashboards that are made for vLLM (its names as of 0.11).
    static let vLLM: [EngineMetric] = [
        EngineMetric(vLLM: .gauge, "num_requests_running", "Answers that are being computed.") {
            Double($0.sequencesRunning)
        },
        EngineMetric(vLLM: .gauge, "num_requests_waiting", "Answers that wait to be begun.") {
            Double($0.sequencesWaiting)
        },
        EngineMetric(vLLM: .gauge, "kv_cache_usage_perc", "The part of the key-value cache that is in use, 0 to 1.") {
            usage($0)
        },
        EngineMetric(vLLM: .counter, "prefix_cache_queries_total", "Prompt tokens that were looked for in the cache.") {
            Double($0.promptTokens + $0.cachedTokens)
        },
        EngineMetric(vLLM: .counter, "prefix_cache_hits_total", "Prompt tokens that were found in the cache.") {
            Double($0.cachedTokens)
        },
        EngineMetric(vLLM: .counter, "num_preemptions_total", "Answers that made room for others.") {
            Double($0.preemptions)
        },
        EngineMetric(vLLM: .counter, "prompt_tokens_total", "Prompt tokens, found in the cache or computed.") {
            Double($0.promptTokens + $0.cachedTokens)
        },
        EngineMetric(vLLM: .counter, "generation_tokens_total", "Tokens that were written.") {
            Double($0.generatedTokens)
        },
        EngineMetric(vLLM: .counter, "spec_decode_num_draft_tokens_total", "Tokens that were guessed ahead.") {
            Double($0.draftedTokens)
        },
        EngineMetric(vLLM: .counter, "spec_decode_num_accepted_tokens_total", "Tokens that were guessed right.") {
            Double($0.acceptedTokens)
        },
    ]

    private static func usage(_ figures: EngineFigures) -> Double {
        let all = figures.blocksUsed + figures.blocksCached + figures.blocksFree
        return all == 0 ? 0 : Double(figures.blocksUsed) / Double(all)
    }
}
