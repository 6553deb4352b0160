import HadalCUDAKernels
import HadalCompute

/// Operations on each row by itself.
extension CUDADevice {
    public func embed(_ table: any LinearWeight, into out: Buffer) {
        let start = profiler.begin()
        let table = (table as! CUDALinear).segments[0]
        let rows = step.rows
        precondition(out.width == table.inputs && rows <= out.rows)
        precondition(rows == 0 || step.tokens.lowerBound >= 0 && Int(step.tokens.upperBound) < table.outputs)
        let arguments = hadal_embed(
            table: table.argument, tokens: step.arrays.tokens, out: out.numbers, rows: Int32(rows))
        context.launch(kernels.embed, arguments, .blocks(rows))
        end(.embedding, since: start, Work(weightBytes: table.bytes / table.outputs * rows))
    }

    public func gather(_ x: Buffer, rows: [Int32], into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == out.width && rows.count <= out.rows)
        precondition(rows.allSatisfy { $0 >= 0 && Int($0) < x.rows })
        guard !rows.isEmpty else { return }
        let arguments = hadal_gather(
            x: x.numbers, indices: upload([rows])[0], out: out.numbers, rows: Int32(rows.count), width: Int32(x.width))
        context.launch(kernels.gather, arguments, .blocks(rows.count))
        end(.copying, since: start)
    }

    public func rmsNorm(
        _ x: Buffer, rows: Int, offset: Int, groups: Int, weight: Buffer, epsilon: Float, into out: Buffer
    ) {
        let start = profiler.begin()
        let count = weight.width
        precondition(offset + groups * count <= x.width && offset + groups * count <= out.width && rows <= out.rows)
        let arguments = hadal_rms_norm(
            x: x.numbers, weight: weight.numbers, out: out.numbers, rows: Int32(rows), offset: Int32(offset),
            groups: Int32(groups), width: Int32(count), x_stride: Int32(x.width), out_stride: Int32(out.width),
            epsilon: epsilon)
        context.launch(kernels.rmsNorm, arguments, .blocks(rows * groups))
        end(.norm, since: start)
    }

    public func layerNorm(_ x: Buffer, rows: Int, weight: Buffer, bias: Buffer, epsilon: Float, into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == weight.width && x.width == bias.width && x.width == out.width && rows <= out.rows)
        let arguments = hadal_layer_norm(
            x: x.numbers, weight: weight.numbers, bias: bias.numbers, out: out.numbers, rows: Int32(rows),
            width: Int32(x.width), epsilon: epsilon)
        context.launch(kernels.layerNorm, arguments, .blocks(rows))
        end(.norm, since: start)
    }

    public func copy(_ x: Buffer, rows: Int, from: Int, width: Int, into out: Buffer, to: Int) {
        let start = profiler.begin()
        precondition(from + width <= x.width && to + width <= out.width && rows <= x.rows && rows <= out.rows)
        let arguments = hadal_copy(
            x: x.numbers + from, out: out.numbers + to, rows: Int32(rows), width: Int32(width),
            x_stride: Int32(x.width), out_stride: Int32(out.width))
        context.launch(kernels.copy, arguments, .blocks(rows))
        end(.copying, since: start)
    }

    public func gatedSiLU(_ gateUp: Buffer, rows: Int, into out: Buffer) {
        let start = profiler.begin()
        precondition(gateUp.width == 2 * out.width && rows <= out.rows)
        gatedSiLU(gateUp.numbers, rows: rows, width: out.width, into: out.numbers)
        end(.activation, since: start)
    }

    func gatedSiLU(
        _ x: UnsafeMutablePointer<Float>, rows: Int, width: Int, into out: UnsafeMutablePointer<Float>
    ) {
        let arguments = hadal_gated_silu(x: x, out: out, rows: Int32(rows), width: Int32(width))
        context.launch(kernels.gatedSiLU, arguments, .elements(rows * width))
    }

    public func gelu(_ x: Buffer, rows: Int) {
        let start = profiler.begin()
        forEach(kernels.gelu, nil, x, count: rows * x.width)
        end(.activation, since: start)
    }

    public func tanh(_ x: Buffer, rows: Int) {
        let start = profiler.begin()
        forEach(kernels.tanh, nil, x, count: rows * x.width)
        end(.activation, since: start)
    }

    public func add(_ x: Buffer, rows: Int, into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == out.width && rows <= x.rows && rows <= out.rows)
        forEach(kernels.add, x, out, count: rows * x.width)
        end(.copying, since: start)
    }

    public func likeliest(_ x: Buffer, rows: Int) -> [Int32]? {
        precondition(rows <= x.rows)
        let start = profiler.begin()
        defer { profiler.end(.sampling, since: start) }
        let places = scratch.indices.reserve(context, rows, of: Int32.self, for: "tokens")
        let arguments = hadal_likeliest(x: x.numbers, out: places, rows: Int32(rows), width: Int32(x.width))
        if rows > 0 { context.launch(kernels.likeliest, arguments, .blocks(rows)) }
        return download(UInt(bitPattern: places), count: rows)
    }

    func forEach(_ kernel: CUDAKernel<hadal_elements>, _ x: Buffer?, _ out: Buffer, count: Int) {
        let arguments = hadal_elements(x: x.map { UnsafePointer($0.numbers) }, out: out.numbers, count: Int64(count))
        context.launch(kernel, arguments, .elements(count))
    }
}
