import HadalJSON

/// What a worker's engine is doing, and has done since it started.
public struct EngineFigures: Sendable, Hashable {
    public var sequencesRunning = 0
    public var sequencesWaiting = 0
    /// Blocks of the key-value cache: in use, kept for texts that begin alike, and free.
    public var blocksUsed = 0
    public var blocksCached = 0
    public var blocksFree = 0
    public var blockBytes = 0
    /// Tokens of prompts computed for the first time, found in the cache, and computed again.
    public var promptTokens = 0
    public var cachedTokens = 0
    public var recomputedTokens = 0
    public var generatedTokens = 0
    /// Tokens guessed ahead, and those of them that were right.
    public var draftedTokens = 0
    public var acceptedTokens = 0
    public var preemptions = 0
    public var refused = 0
    public var expired = 0
    public var evictions = 0
    /// Blocks on disk, and how many went there and back.
    public var storedBlocks = 0
    public var storedBlocksMax = 0
    public var storedBlocksWritten = 0
    public var storedBlocksRead = 0
    public var storedBlocksDropped = 0
    public var storedBlocksDamaged = 0
    /// Steps, the rows in them (a token each), and what products with weights read and computed.
    public var steps = 0
    public var stepRows = 0
    public var weightBytes = 0
    public var operations = 0
    /// Seconds that steps took.
    public var busySeconds = 0.0
    /// Between the starts of two requests, lately; 0 where there were none.
    public var secondsBetweenStarts = 0.0

    public init() {}

    private static var counts: [(name: String, any WritableKeyPath<EngineFigures, Int> & Sendable)] {
        [
            ("sequences_running", \.sequencesRunning), ("sequences_waiting", \.sequencesWaiting),
            ("blocks_used", \.blocksUsed), ("blocks_cached", \.blocksCached), ("blocks_free", \.blocksFree),
            ("block_bytes", \.blockBytes), ("prompt_tokens", \.promptTokens), ("cached_tokens", \.cachedTokens),
            ("recomputed_tokens", \.recomputedTokens), ("generated_tokens", \.generatedTokens),
            ("drafted_tokens", \.draftedTokens), ("accepted_tokens", \.acceptedTokens),
            ("preemptions", \.preemptions), ("refused", \.refused), ("expired", \.expired),
            ("evictions", \.evictions), ("stored_blocks", \.storedBlocks),
            ("stored_blocks_max", \.storedBlocksMax), ("stored_blocks_written", \.storedBlocksWritten),
            ("stored_blocks_read", \.storedBlocksRead), ("stored_blocks_dropped", \.storedBlocksDropped),
            ("stored_blocks_damaged", \.storedBlocksDamaged), ("steps", \.steps), ("step_rows", \.stepRows),
            ("weight_bytes", \.weightBytes), ("operations", \.operations),
        ]
    }

    init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json, at: "engine")
        for (name, path) in Self.counts { self[keyPath: path] = try fields.int(name, in: 0...Int.max) ?? 0 }
        secondsBetweenStarts = try fields.number("seconds_between_starts", in: 0...1e9) ?? 0
        busySeconds = try fields.number("busy_seconds", in: 0...1e12) ?? 0
    }

    /// It grows with each step.
    public var computedTokens: Int { promptTokens + recomputedTokens + generatedTokens }

    /// The part of prompts' tokens that was found in the cache, 0…1.
    public var hitRate: Double {
        promptTokens + cachedTokens == 0 ? 0 : Double(cachedTokens) / Double(promptTokens + cachedTokens)
    }

    public var json: JSON {
        var object = JSON.Object(Self.counts.map { ($0.name, .int(Int64(self[keyPath: $0.1]))) })
        object["hit_rate"] = .double(hitRate)
        object["seconds_between_starts"] = .double(secondsBetweenStarts)
        object["busy_seconds"] = .double(busySeconds)
        return .object(object)
    }
}
