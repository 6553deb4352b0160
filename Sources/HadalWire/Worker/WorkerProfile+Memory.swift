import HadalJSON

extension WorkerProfile {
    /// Bytes that a worker has for what; nil where its system does not tell.
    public struct Memory: Sendable, Hashable {
        public var weights: Int?
        /// Of keys and values: in use by requests, kept for texts that begin alike, and as many as there can be.
        public var cacheUsed: Int?
        public var cacheKept: Int?
        public var cacheReserved: Int?
        public var scratch: Int?
        /// Of the whole process: resident, at most so far, and of what is resident that which lies in mapped files.
        public var resident: Int?
        public var peak: Int?
        public var mapped: Int?

        public init() {}

        /// In the order in which they are read.
        public static var all: [(name: String, title: String, any WritableKeyPath<Self, Int?> & Sendable)] {
            [
                ("weights", "weights", \.weights), ("cacheUsed", "KV cache, in use", \.cacheUsed),
                ("cacheKept", "KV cache, kept for prefixes", \.cacheKept),
                ("cacheReserved", "KV cache, reserved", \.cacheReserved), ("scratch", "scratch", \.scratch),
                ("resident", "process, resident", \.resident), ("peak", "process, peak", \.peak),
                ("mapped", "of it in mapped files", \.mapped),
            ]
        }

        init(_ json: JSON) throws(WireError) {
            var fields = try FieldReader(json, at: "memory")
            for (name, _, path) in Self.all { self[keyPath: path] = try fields.int(name, in: 0...Int.max) }
        }

        var json: JSON { .compact(Self.all.map { ($0.name, self[keyPath: $0.2].map { .int(Int64($0)) }) }) }
    }
}
