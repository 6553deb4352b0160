/// What products of rows with weights cost: the two sides of a roofline.
public struct Work: Sendable, Hashable {
    /// Bytes of weights read, each weight once for all rows of a call; of experts those that have rows.
    public var weightBytes = 0
    /// A multiplication and an addition are two.
    public var operations = 0

    public init(weightBytes: Int = 0, operations: Int = 0) {
        self.weightBytes = weightBytes
        self.operations = operations
    }

    public static func + (one: Work, other: Work) -> Work {
        Work(weightBytes: one.weightBytes + other.weightBytes, operations: one.operations + other.operations)
    }

    public static func - (later: Work, earlier: Work) -> Work {
        Work(
            weightBytes: later.weightBytes - earlier.weightBytes, operations: later.operations - earlier.operations)
    }
}
