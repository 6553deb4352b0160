import HadalCUDAKernels
import HadalCompute

extension CUDADevice {
    public func rotate(
        _ x: Buffer, rows: Int, heads: Int, stride: Int, offset: Int, frequencies: Buffer, magnitude: Float,
        layout: RotaryLayout
    ) {
        let start = profiler.begin()
        let pairs = frequencies.width
        precondition(rows <= step.rows && offset + (heads - 1) * stride + 2 * pairs <= x.width)
        guard rows > 0 else { return }
        let (cosines, sines) = angles(frequencies, rows: rows, magnitude: magnitude)
        let arguments = hadal_rotate(
            x: x.numbers + offset, cosines: cosines, sines: sines, rows: Int32(rows), heads: Int32(heads),
            row_stride: Int32(x.width), head_stride: Int32(stride), pairs: Int32(pairs),
            interleaved: layout == .interleaved ? 1 : 0)
        context.launch(kernels.rotate, arguments, .elements(rows * heads * pairs))
        end(.rotation, since: start)
    }

    /// Made once for all layers of a step.
    private func angles(
        _ frequencies: Buffer, rows: Int, magnitude: Float
    ) -> (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) {
        let count = rows * frequencies.width
        let cosines = scratch.angles[frequencies.address, default: CUDAScratch()]
            .reserve(context, 2 * count, of: Float.self, for: "rotary angles")
        if step.angles[frequencies.address] != rows {
            let arguments = hadal_angles(
                positions: step.arrays.positions, frequencies: frequencies.numbers, cosines: cosines,
                sines: cosines + count, rows: Int32(rows), pairs: Int32(frequencies.width), magnitude: magnitude)
            context.launch(kernels.angles, arguments, .elements(count))
            step.angles[frequencies.address] = rows
        }
        return (cosines, cosines + count)
    }
}
