/// What a step's attention has to do with cached positions, of one layer: for profiles.
package struct AttendedPositions: Sendable {
    /// Each once for all rows of a sequence.
    private var read = 0
    /// With which rows are compared.
    private var compared = 0

    package init() {}

    /// A sequence's rows lie together.
    package init(_ step: Step) {
        var longest = 0
        for row in 0..<step.rows {
            let length = Int(step.positions[row]) + 1
            compared += length
            longest = max(longest, length)
            guard row + 1 == step.rows || step.sequences[row + 1] != step.sequences[row] else { continue }
            read += longest
            longest = 0
        }
    }

    /// Keys and values read, scores and sums computed.
    package func work(_ shape: KVCacheShape, heads: Int, valueWidth: Int) -> Work {
        Work(
            weightBytes: read * (shape.bytesPerBlock / shape.layers / KVCacheShape.blockSize),
            operations: 2 * compared * heads * (shape.keyWidth + valueWidth))
    }
}
