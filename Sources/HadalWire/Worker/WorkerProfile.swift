import HadalJSON

/// The body of a worker's `POST /profile`.
public struct ProfileRequest: Sendable, Hashable {
    public static let secondsRange = 1...300

    public var seconds: Int
    /// Memory in which the machine's limits may be measured; nil: they are not.
    public var probeBytes: Int?

    public init(seconds: Int, probeBytes: Int? = nil) {
        self.seconds = seconds
        self.probeBytes = probeBytes
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        guard let seconds = try fields.int("seconds", in: Self.secondsRange) else { throw .missing(field: "seconds") }
        self.seconds = seconds
        probeBytes = try fields.int("probe_bytes", in: 0...Int.max)
        try fields.finish()
    }

    public var json: JSON {
        .compact([("seconds", .int(Int64(seconds))), ("probe_bytes", probeBytes.map { .int(Int64($0)) })])
    }
}

/// A worker's answer to `POST /profile`, which the gateway passes on as it is: where time and memory went.
public struct WorkerProfile: Sendable, Hashable {
    /// One operation in one phase.
    public struct Operation: Sendable, Hashable {
        public var name: String
        /// Which part of the engine it is of.
        public var part: String
        public var calls = 0
        public var seconds = 0.0
        /// Read from memory: weights, keys and values, rows of the embedding table.
        public var bytes = 0
        /// In 8 bits and in float32; a multiplication and an addition are two.
        public var integerOperations = 0
        public var floatOperations = 0

        public init(name: String, part: String) {
            self.name = name
            self.part = part
        }

        public var operations: Int { integerOperations + floatOperations }
    }

    /// Steps with rows of one kind (`prefill`, `decode`, both), or what is between steps.
    public struct Phase: Sendable, Hashable {
        public var name: String
        public var seconds = 0.0
        public var steps = 0
        public var promptRows = 0
        public var answerRows = 0
        /// They do not overlap.
        public var operations: [Operation] = []

        public init(name: String) { self.name = name }

        /// That no operation accounts for.
        public var otherSeconds: Double { max(0, seconds - operations.reduce(0) { $0 + $1.seconds }) }
    }

    /// The most that the machine reads and computes.
    public struct Roofline: Sendable, Hashable {
        public var readBytesPerSecond: Double
        public var int8OperationsPerSecond: Double
        public var float32OperationsPerSecond: Double
        /// Whether it was measured beside other work, so that the true limits are higher.
        public var wasBusy: Bool

        public init(
            readBytesPerSecond: Double, int8OperationsPerSecond: Double, float32OperationsPerSecond: Double,
            wasBusy: Bool
        ) {
            self.readBytesPerSecond = readBytesPerSecond
            self.int8OperationsPerSecond = int8OperationsPerSecond
            self.float32OperationsPerSecond = float32OperationsPerSecond
            self.wasBusy = wasBusy
        }
    }

    /// Processor time of the threads with one name.
    public struct Threads: Sendable, Hashable {
        public var name: String
        public var threads: Int
        public var processorSeconds: Double

        public init(name: String, threads: Int, processorSeconds: Double) {
            self.name = name
            self.threads = threads
            self.processorSeconds = processorSeconds
        }
    }

    /// What computes, for people.
    public var device: String
    public var phases: [Phase] = []
    /// At the end.
    public var memory = Memory()
    public var threads: [Threads] = []
    public var roofline: Roofline?

    public init(device: String) { self.device = device }

    /// How long was looked.
    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }

    /// Seconds that an operation would take at the machine's limits, as a part of those that it took; nil where nothing of it
    /// is counted, or there are no limits.
    public func rooflineShare(_ operation: Operation) -> Double? {
        guard let roofline, operation.seconds > 0, operation.bytes > 0 || operation.operations > 0 else { return nil }
        let reading = Double(operation.bytes) / roofline.readBytesPerSecond
        let computing =
            Double(operation.integerOperations) / roofline.int8OperationsPerSecond
            + Double(operation.floatOperations) / roofline.float32OperationsPerSecond
        return max(reading, computing) / operation.seconds
    }
}
