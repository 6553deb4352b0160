/// Where the time of the thread that runs steps went, from `StepProfiler.start` to `stop`.
public struct StepProfile: Sendable, Hashable {
    /// Of one operation in one phase.
    public struct Count: Sendable, Hashable {
        public var calls = 0
        public var nanoseconds = 0
        /// Read from memory: weights, each once for all rows of a call as `Work` counts them, keys and values of the sequences,
        /// and rows of the embedding table. Rows that are computed with lie in the processor's caches.
        public var bytes = 0
        /// Of products with quantized weights, and of others in float32. A multiplication and an addition are two.
        public var integerOperations = 0
        public var floatOperations = 0
    }

    /// All of one phase.
    public struct Phase: Sendable, Hashable {
        public var phase: StepPhase
        public var nanoseconds = 0
        public var steps = 0
        /// Rows of prompts, and of answers with the guesses after them.
        public var promptRows = 0
        public var answerRows = 0
        /// Those that were called; each call is counted once, so that their times sum to at most the phase's.
        public var operations: [StepOperation: Count] = [:]

        public init(_ phase: StepPhase) { self.phase = phase }

        /// Of the phase, what no operation accounts for.
        public var otherNanoseconds: Int { nanoseconds - operations.values.reduce(0) { $0 + $1.nanoseconds } }
    }

    /// Those that took time. Their times sum to the whole.
    public var phases: [Phase] = []

    public init() {}

    public var nanoseconds: Int { phases.reduce(0) { $0 + $1.nanoseconds } }

    /// Of all phases.
    public func total(_ operation: StepOperation) -> Count {
        phases.compactMap { $0.operations[operation] }.reduce(Count(), +)
    }
}

extension StepProfile.Count {
    static func + (one: Self, other: Self) -> Self {
        Self(
            calls: one.calls + other.calls, nanoseconds: one.nanoseconds + other.nanoseconds,
            bytes: one.bytes + other.bytes, integerOperations: one.integerOperations + other.integerOperations,
            floatOperations: one.floatOperations + other.floatOperations)
    }
}
