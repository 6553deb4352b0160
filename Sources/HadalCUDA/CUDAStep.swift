import Foundation
import HadalCUDAKernels
import HadalCompute

/// The current step: its arrays on the card, and what the host has to know of them.
struct CUDAStep: @unchecked Sendable {
    var arrays = hadal_cuda_step()
    var rows = 0
    var sequences = 0
    var tokens: ClosedRange<Int32> = 0...0
    /// Of the blocks in its tables; none where there are no tables.
    var blocks: ClosedRange<Int32> = 0...0
    /// `[rows]`: attention cuts its work by them.
    var positions: [Int32] = []
    /// Whether each row's table goes as far as its position.
    var isCovered = true
    /// Known while the device is profiled.
    var attended = AttendedPositions()
    /// Frequencies whose angles are known, with the rows they are known for.
    var angles: [UInt: Int] = [:]
}

extension CUDADevice {
    public func begin(_ step: Step) {
        let start = profiler.begin()
        let rows = step.rows
        precondition(step.positions.count == rows && step.sequences.count == rows)
        let blocks = step.blockTables.reduce(0) { $0 + $1.count }
        // Tokens, positions, table starts and blocks in one copy, each 16-byte aligned.
        let stride = (rows + 3) / 4 * 4
        let count = 3 * stride + blocks
        let place = ring.reserve(count * 4).assumingMemoryBound(to: Int32.self)
        place.initialize(repeating: 0, count: count)
        for row in 0..<rows {
            place[row] = step.tokens[row]
            place[stride + row] = step.positions[row]
        }
        fillTables(step, starts: place + 2 * stride, blocks: place + 3 * stride)
        let target = scratch.step.reserve(context, count, of: Int32.self, for: "a step")
        if count > 0 {
            context.upload(place, bytes: count * 4, to: UInt64(UInt(bitPattern: target)))
        }
        self.step.rows = rows
        self.step.sequences = step.blockTables.count
        self.step.positions = step.positions
        self.step.arrays = hadal_cuda_step(
            tokens: target, positions: target + stride, table_starts: target + 2 * stride,
            blocks: target + 3 * stride, rows: Int32(rows))
        self.step.tokens = (step.tokens.min() ?? 0)...(step.tokens.max() ?? 0)
        self.step.angles.removeAll(keepingCapacity: true)
        if profiler.isOn { self.step.attended = AttendedPositions(step) }
        end(.assembly, since: start)
    }

    private func fillTables(
        _ step: Step, starts: UnsafeMutablePointer<Int32>, blocks: UnsafeMutablePointer<Int32>
    ) {
        var first: [Int32] = []
        var (count, least, largest) = (0, Int32.max, Int32.min)
        for table in step.blockTables {
            first.append(Int32(count))
            for block in table {
                (least, largest) = (min(least, block), max(largest, block))
                blocks[count] = block
                count += 1
            }
        }
        var isCovered = true
        for row in 0..<step.rows {
            let sequence = Int(step.sequences[row])
            starts[row] = first[sequence]
            let position = Int(step.positions[row])
            isCovered =
                isCovered && position >= 0
                && position / KVCacheShape.blockSize < step.blockTables[sequence].count
        }
        self.step.isCovered = isCovered
        self.step.blocks = count > 0 ? least...largest : 0...0
    }

    /// Small arrays beside the step's: gone with the next call.
    func upload(_ arrays: [[Int32]]) -> [UnsafeMutablePointer<Int32>] {
        let strides = arrays.map { ($0.count + 3) / 4 * 4 }
        let count = strides.reduce(0, +)
        let place = ring.reserve(count * 4).assumingMemoryBound(to: Int32.self)
        let target = scratch.indices.reserve(context, count, of: Int32.self, for: "rows' numbers")
        place.initialize(repeating: 0, count: count)
        var offset = 0
        var pointers: [UnsafeMutablePointer<Int32>] = []
        for (array, stride) in zip(arrays, strides) {
            for (index, value) in array.enumerated() { place[offset + index] = value }
            pointers.append(target + offset)
            offset += stride
        }
        if count > 0 { context.upload(place, bytes: count * 4, to: UInt64(UInt(bitPattern: target))) }
        return pointers
    }
}
