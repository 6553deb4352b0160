extension Engine {
    /// What the engine is doing and has done since it started.
    public struct Statistics: Sendable, Hashable {
        // MARK: now
        public var running = 0
        /// Those that had to make room included.
        public var waiting = 0
        /// Blocks of the key-value cache.
        public var totalBlocks = 0
        public var freeBlocks = 0
        /// Blocks that no request uses, kept for texts that begin alike; given away when they are needed.
        public var cachedBlocks = 0
        public var blockBytes = 0
        /// Between the starts of two requests, lately; 0 where there were none.
        public var secondsBetweenStarts = 0.0

        // MARK: since the start
        /// Tokens of prompts computed for the first time.
        public var promptTokens = 0
        /// Tokens of prompts that were found in the cache.
        public var cachedTokens = 0
        /// Tokens drawn.
        public var generatedTokens = 0
        /// Tokens computed again after their request had to make room.
        public var recomputedTokens = 0
        /// How often a request had to make room.
        public var preemptions = 0
        /// Requests refused because too many waited.
        public var refused = 0
        /// Requests whose deadline passed while they waited.
        public var expired = 0
        /// Cached blocks given away.
        public var evictions = 0
        /// Steps, the rows in them, and seconds that they took.
        public var steps = 0
        public var rows = 0
        public var busySeconds = 0.0
        /// Of products with the model's weights: bytes of weights read, and multiplications and additions.
        public var weightBytes = 0
        public var operations = 0
        public var speculation = SpeculationStatistics()
        public var store = PrefixStoreStatistics()

        /// Blocks that requests use.
        public var usedBlocks: Int { totalBlocks - freeBlocks - cachedBlocks }

        /// The part of prompts' tokens that was found in the cache, 0…1.
        public var hitRate: Double {
            promptTokens + cachedTokens == 0 ? 0 : Double(cachedTokens) / Double(promptTokens + cachedTokens)
        }
    }
}

/// What lies on disk, and what went there and back since the start.
public struct PrefixStoreStatistics: Sendable, Hashable {
    public var blocks = 0
    public var blocksMax = 0
    public var written = 0
    public var read = 0
    /// Not written because the disk could not follow.
    public var dropped = 0
    /// Found damaged, and forgotten.
    public var damaged = 0

    public init() {}
}
