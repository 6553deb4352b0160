import Foundation

/// A row of logits, with what sampling asks of it: the largest, those above a floor, and sums of exponentials.
///
/// The row is looked at in blocks of 64, whose largest members are found first; what follows skips the blocks that cannot
/// matter. NaN counts as smaller than every number.
package struct LogitRow {
    private typealias Lanes = SIMD8<Float>
    private static let blockSize = 64

    package let values: UnsafeBufferPointer<Float>
    private let blockLargest: [Float]
    package let largest: Float

    /// - Parameter values: not empty; outlives the row and does not change.
    package init(_ values: UnsafeBufferPointer<Float>) {
        precondition(!values.isEmpty)
        self.values = values
        let blocks = (values.count + LogitRow.blockSize - 1) / LogitRow.blockSize
        var largest = -Float.infinity
        blockLargest = [Float](unsafeUninitializedCapacity: blocks) { result, count in
            for block in 0..<blocks {
                var lanes = Lanes(repeating: -.infinity)
                for start in LogitRow.starts(of: block) {
                    let next = LogitRow.lanes(values, start)
                    lanes.replace(with: next, where: next .> lanes)
                }
                let own = lanes.max()
                result.initializeElement(at: block, to: own)
                if own > largest { largest = own }
            }
            count = blocks
        }
        self.largest = largest
    }

    /// The lowest index of the largest value.
    package var largestIndex: Int {
        guard let block = blockLargest.firstIndex(of: largest) else { return 0 }
        return range(of: block).first { values[$0] == largest } ?? 0
    }

    /// Calls `body` with every value that is at least `floor`, in order.
    package func forEach(atLeast floor: Float, _ body: (_ index: Int, _ value: Float) -> Void) {
        for block in blockLargest.indices where blockLargest[block] >= floor {
            for index in range(of: block) where values[index] >= floor { body(index, values[index]) }
        }
    }

    /// A number that at least `count` values reach.
    package func floor(ofLargest count: Int) -> Float {
        // Each of the `count` blocks with the largest members has one.
        guard count <= blockLargest.count else { return -.infinity }
        var blocks = Candidates(blockLargest.indices.map { .init(token: Int32($0), key: blockLargest[$0], weight: 1) })
        blocks.keep(largest: count)
        return blocks.items.lazy.map(\.key).min() ?? -.infinity
    }

    // MARK: exponentials

    /// `Σ exp((value − largest) · scale)` of each block, and over all.
    ///
    /// Blocks whose largest member weighs less than e⁻⁴⁰ count as 0: a row of a million of them would not reach the
    /// rounding of the sum.
    package func exponentialSums(scale: Float) -> (blocks: [Double], total: Double) {
        var total = 0.0
        let blocks = [Double](unsafeUninitializedCapacity: blockLargest.count) { result, count in
            for block in blockLargest.indices {
                var sum = 0.0
                if (blockLargest[block] - largest) * scale > -40 {
                    var lanes = Lanes(repeating: 0)
                    for start in LogitRow.starts(of: block) { lanes += weights(start, scale) }
                    sum = Double(lanes.sum())
                }
                result.initializeElement(at: block, to: sum)
                total += sum
            }
            count = blockLargest.count
        }
        return (blocks, total)
    }

    /// `log Σ exp(value)`.
    package var logSumExp: Double { Double(largest) + log(exponentialSums(scale: 1).total) }

    /// The index at which the sum of `exp((value − largest) · scale)`, in order, passes `fraction` of the whole.
    package func index(atFraction fraction: Double, scale: Float) -> Int {
        let sums = exponentialSums(scale: scale)
        var rest = fraction * sums.total
        for (block, sum) in sums.blocks.enumerated() where sum > 0 {
            guard rest < sum else {
                rest -= sum
                continue
            }
            var last = largestIndex
            for start in LogitRow.starts(of: block) {
                let weights = weights(start, scale)
                for lane in 0..<Lanes.scalarCount where weights[lane] > 0 {
                    last = start + lane
                    rest -= Double(weights[lane])
                    if rest < 0 { return last }
                }
            }
            // The block's sum was rounded in another order.
            return last
        }
        return largestIndex
    }

    private func weights(_ start: Int, _ scale: Float) -> Lanes {
        LogitRow.exponential((LogitRow.lanes(values, start) - largest) * scale)
    }

    /// exp of numbers ≤ 0, to 2 · 10⁻⁷ of the result; 0 below −87 and for NaN.
    ///
    /// `exp x = 2ⁿ · exp r` with `n` the integer nearest to `x / ln 2` and the Taylor series of `exp r` to the seventh
    /// power, whose rest is below `|r|⁸ / 8! < 6 · 10⁻⁹`.
    private static func exponential(_ x: Lanes) -> Lanes {
        // Adding 1.5 · 2²³ leaves the nearest integer in the low bits.
        let shifted = x * 1.442_695_04 + 12_582_912
        let n = shifted - 12_582_912
        // ln 2 in two parts, the first of few bits, so that n · first is exact.
        let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
        var series = Lanes(repeating: 1 / 5040)
        series = series * r + 1 / 720
        series = series * r + 1 / 120
        series = series * r + 1 / 24
        series = series * r + 1 / 6
        series = series * r + 0.5
        series = series * r + 1
        series = series * r + 1
        let bits = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
        let power = unsafeBitCast((bits &+ 127) &<< 23, to: Lanes.self)
        return (series * power).replacing(with: 0, where: .!(x .>= -87))
    }

    // MARK: blocks

    private func range(of block: Int) -> Range<Int> {
        block * LogitRow.blockSize..<min((block + 1) * LogitRow.blockSize, values.count)
    }

    private static func starts(of block: Int) -> StrideTo<Int> {
        stride(from: block * blockSize, to: (block + 1) * blockSize, by: Lanes.scalarCount)
    }

    /// Eight values; −∞ past the end.
    private static func lanes(_ values: UnsafeBufferPointer<Float>, _ start: Int) -> Lanes {
        if start + Lanes.scalarCount <= values.count {
            return UnsafeRawPointer(values.baseAddress! + start).loadUnaligned(as: Lanes.self)
        }
        var lanes = Lanes(repeating: -.infinity)
        for index in start..<max(start, values.count) { lanes[index - start] = values[index] }
        return lanes
    }
}
