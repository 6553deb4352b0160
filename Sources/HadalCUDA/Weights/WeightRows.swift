import Foundation
import HadalCheckpoint

/// Outputs of a matrix in the card's format, in memory of the machine: numbers, scales and minimums apart.
struct WeightRows: @unchecked Sendable {
    let values: UnsafeMutableRawPointer
    let scales: UnsafeMutableRawPointer
    let minimums: UnsafeMutableRawPointer
    let format: CUDAWeightFormat
    let inputs: Int

    /// Puts outputs `rows` of a tensor here, the first at the beginning. FP8's factors are not among them.
    func fill(from tensor: Tensor, _ rows: Range<Int>) {
        let bytes = format.rowBytes(inputs)
        switch format {
        case .q8, .q4, .mxfp4: break
        case .fp8: return copy(tensor, rows)
        case .bf16 where tensor.format == .bf16 && tensor.layout == .rows: return copy(tensor, rows)
        case .f32 where tensor.format == .f32 && tensor.layout == .rows: return copy(tensor, rows)
        case .f32, .bf16: break
        }
        let pieces = min(rows.count, 2 * ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
            let part = rows.count * piece / pieces..<rows.count * (piece + 1) / pieces
            guard format == .f32 || format == .bf16 else {
                for row in part {
                    let source = tensor.data.baseAddress! + (rows.lowerBound + row) * tensor.bytesPerRow
                    split(
                        source, tensor.format, values + row * bytes.values, scales + row * bytes.scales,
                        minimums + row * bytes.minimums)
                }
                return
            }
            widen(tensor, first: rows.lowerBound, part)
        }
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

    /// To float32, or rounded from it to bfloat16.
    private func widen(_ tensor: Tensor, first: Int, _ part: Range<Int>) {
        if format == .f32 {
            let target = values.assumingMemoryBound(to: Float.self)
            tensor.dequantize(
                rows: first + part.lowerBound..<first + part.upperBound, into: target + part.lowerBound * inputs)
            return
        }
        let target = values.assumingMemoryBound(to: UInt16.self)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { numbers in
            for row in part {
                tensor.dequantize(rows: first + row..<first + row + 1, into: numbers.baseAddress!)
                for column in 0..<inputs { target[row * inputs + column] = bfloat16(numbers[column]) }
            }
        }
    }
}

/// The nearest, of two equally near ones the even.
@inline(__always)
func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // Rounding could make an infinity of a NaN.
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
}
