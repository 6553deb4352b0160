import Foundation
import HadalCheckpoint
import Synchronization

/// Outputs of a matrix in the card's format, in memory of the machine: numbers, scales and minimums apart.
struct WeightRows: @unchecked Sendable {
    let values: UnsafeMutableRawPointer
    let scales: UnsafeMutableRawPointer
    let minimums: UnsafeMutableRawPointer
    let format: CUDAWeightFormat
    let inputs: Int

    /// Puts outputs `rows` of a tensor here, the first at the beginning. FP8's factors are not among them.
    /// - Returns: what was rounded to float16.
    func fill(from tensor: Tensor, _ rows: Range<Int>) -> WeightRange {
        let bytes = format.rowBytes(inputs)
        switch format {
        case .q8, .q4, .mxfp4: break
        case .fp8:
            copy(tensor, rows)
            return WeightRange()
        case .f16 where tensor.format == .f16 && tensor.layout == .rows,
            .f32 where tensor.format == .f32 && tensor.layout == .rows:
            copy(tensor, rows)
            return WeightRange()
        case .f32, .f16: break
        }
        let range = Mutex(WeightRange())
        let pieces = min(rows.count, 2 * ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
            let part = rows.count * piece / pieces..<rows.count * (piece + 1) / pieces
            guard format == .f32 || format == .f16 else {
                for row in part {
                    let source = tensor.data.baseAddress! + (rows.lowerBound + row) * tensor.bytesPerRow
                    split(
                        source, tensor.format, values + row * bytes.values, scales + row * bytes.scales,
                        minimums + row * bytes.minimums)
                }
                return
            }
            let own = widen(tensor, first: rows.lowerBound, part)
            range.withLock { $0.join(own) }
        }
        return range.withLock { $0 }
    }

    /// The file's bytes are the card's.
    private func copy(_ tensor: Tensor, _ rows: Range<Int>) {
        nonisolated(unsafe) let (source, target) = (
            tensor.data.baseAddress! + rows.lowerBound * tensor.bytesPerRow, values
        )
        let bytes = rows.count * tensor.bytesPerRow
        // One thread does not fill a memory bus.
        let pieces = max(1, min(bytes >> 20, ProcessInfo.processInfo.activeProcessorCount))
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
            let (start, end) = (bytes * piece / pieces, bytes * (piece + 1) / pieces)
            memcpy(target + start, source + start, end - start)
        }
    }

    /// To float32, or rounded from it to float16.
    private func widen(_ tensor: Tensor, first: Int, _ part: Range<Int>) -> WeightRange {
        var range = WeightRange()
        if format == .f32 {
            let target = values.assumingMemoryBound(to: Float.self)
            tensor.dequantize(
                rows: first + part.lowerBound..<first + part.upperBound, into: target + part.lowerBound * inputs)
            return range
        }
        let target = values.assumingMemoryBound(to: UInt16.self)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { numbers in
            for row in part {
                tensor.dequantize(rows: first + row..<first + row + 1, into: numbers.baseAddress!)
                range.round(numbers.baseAddress!, inputs, to: target + row * inputs)
            }
        }
        return range
    }
}
