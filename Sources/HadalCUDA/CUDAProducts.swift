import HadalCUDAKernels
import HadalCompute

/// Rows as products take them: rounded to float16 after division by a factor each, with the sums of their blocks where a weight
/// has minimums.
struct RoundedRows {
    var numbers: UnsafeMutablePointer<UInt16>?
    var factors: UnsafeMutablePointer<Float>?
    var sums: UnsafeMutablePointer<Float>?
}

extension CUDADevice {
    public func multiply(
        _ x: Buffer, rows: Int, by weight: any LinearWeight, bias: Buffer?, accumulates: Bool, into out: Buffer,
        as operation: StepOperation
    ) {
        let weight = weight as! CUDALinear
        precondition(x.width == weight.inputs && out.width == weight.outputs && rows <= x.rows && rows <= out.rows)
        precondition(bias.map { $0.width == weight.outputs } ?? true)
        var start = profiler.begin()
        let rounded = round(x.numbers, rows: rows, stride: x.width, for: weight.segments)
        if rounded.numbers != nil { start = end(.quantization, since: start) }
        let before = ownWork
        var first = 0
        for segment in weight.segments {
            count(segment, members: 1, rows: rows)
            let arguments = hadal_product(
                weight: segment.argument, x: x.numbers, rounded: rounded.numbers, factors: rounded.factors,
                sums: rounded.sums,
                bias: bias.map { UnsafePointer($0.numbers + first) }, starts: nil, out: out.numbers + first,
                rows: Int32(rows),
                x_stride: Int32(x.width), rounded_stride: Int32(weight.inputs), out_stride: Int32(out.width),
                accumulates: accumulates ? 1 : 0)
            let (kernel, grid) = kernels.product.chosen(
                segment, rows: rows, multiprocessors: card.multiprocessors)
            context.launch(kernel, arguments, grid)
            first += segment.outputs
        }
        end(operation, since: start, ownWork - before, isExact: !weight.segments.contains { $0.format.isQuantized })
    }

    public func multiplyPerHead(
        _ x: Buffer, rows: Int, stride: Int, offset: Int, by weight: any StackedWeight, into out: Buffer,
        outStride: Int, outOffset: Int
    ) {
        let weight = (weight as! CUDAStacked).weight
        precondition(offset + (weight.count - 1) * stride + weight.inputs <= x.width)
        precondition(outOffset + (weight.count - 1) * outStride + weight.outputs <= out.width)
        precondition(!weight.format.isQuantized, "a weight that `heads` has not made")
        let start = profiler.begin()
        let before = ownWork
        count(weight, members: weight.count, rows: rows * weight.count)
        let arguments = hadal_product_per_head(
            weight: weight.argument, x: x.numbers + offset, out: out.numbers + outOffset, rows: Int32(rows),
            x_stride: Int32(x.width), x_head_stride: Int32(stride), out_stride: Int32(out.width),
            out_head_stride: Int32(outStride))
        let (kernel, grid) = kernels.productPerHead.chosen(
            weight, rows: rows, members: weight.count, multiprocessors: card.multiprocessors)
        context.launch(kernel, arguments, grid)
        end(.latent, since: start, ownWork - before, isExact: true)
    }

    /// - Parameters:
    ///   - members: that are read.
    ///   - rows: of all of them.
    func count(_ weight: CUDAWeight, members: Int, rows: Int) {
        ownWork.weightBytes += weight.bytes / weight.count * members
        ownWork.operations += 2 * rows * weight.inputs * weight.outputs
    }

    /// Rows for weights with the same inputs; nothing for float32 weights, which take the rows as they are.
    /// - Parameter indices: on the card, the rows to take; nil for all in order.
    func round(
        _ x: UnsafePointer<Float>, rows: Int, stride: Int, indices: UnsafePointer<Int32>? = nil,
        for weights: [CUDAWeight]
    ) -> RoundedRows {
        guard rows > 0, weights.contains(where: { $0.format != .f32 }) else { return RoundedRows() }
        let width = weights[0].inputs
        let numbers = scratch.rounded.reserve(context, rows * width, of: UInt16.self, for: "rounded rows")
        let sums =
            weights.contains { $0.format == .q4 }
            ? scratch.sums.reserve(context, rows * (width / CUDAWeightFormat.block), of: Float.self, for: "rows' sums")
            : nil
        let factors = scratch.factors.reserve(context, rows, of: Float.self, for: "rows' factors")
        let arguments = hadal_round_rows(
            x: x, indices: indices, rounded: numbers, factors: factors, sums: sums, rows: Int32(rows),
            width: Int32(width), x_stride: Int32(stride))
        context.launch(kernels.roundRows, arguments, .blocks(rows))
        return RoundedRows(numbers: numbers, factors: factors, sums: sums)
    }
}
