import HadalCUDAKernels
import HadalCompute

/// The last `route`, on the card: each row's experts and weights, and the rows' slots sorted by expert.
struct CUDARouting: @unchecked Sendable {
    var slots = 0
    var rows = 0
    var experts = 0
    var chosen: UnsafeMutablePointer<Int32>?
    var weights: UnsafeMutablePointer<Float>?
    var starts: UnsafeMutablePointer<Int32>?
    var places: UnsafeMutablePointer<Int32>?
    var sourceRows: UnsafeMutablePointer<Int32>?
}

extension CUDADevice {
    public func route(_ logits: Buffer, rows: Int, shape: RoutingShape, bias: Buffer?) {
        let start = profiler.begin()
        precondition(logits.width == shape.experts && rows <= logits.rows && shape.expertsPerToken <= shape.experts)
        precondition(shape.experts % shape.groups == 0)
        let entries = rows * shape.expertsPerToken
        // The chosen, their weights, their order, places, rows, and where each expert's begin: each 16-byte aligned.
        let stride = (entries + 3) / 4 * 4
        let memory = scratch.routing.reserve(
            context, 5 * stride + shape.experts + 1, of: Int32.self, for: "the choice of experts")
        let weights = UnsafeMutableRawPointer(memory + stride).assumingMemoryBound(to: Float.self)
        routing = CUDARouting(
            slots: shape.expertsPerToken, rows: rows, experts: shape.experts, chosen: memory, weights: weights,
            starts: memory + 5 * stride, places: memory + 3 * stride, sourceRows: memory + 4 * stride)
        let choice = hadal_route(
            logits: logits.numbers, bias: bias.map { UnsafePointer($0.numbers) }, chosen: memory, weights: weights,
            rows: Int32(rows), experts: Int32(shape.experts), experts_per_token: Int32(shape.expertsPerToken),
            scoring: shape.scoring == .sigmoid ? 1 : 0, groups: Int32(shape.groups),
            groups_per_token: Int32(shape.groupsPerToken), group_rank: shape.groupRank == .sumOfBestTwo ? 1 : 0,
            normalizes: shape.normalizes ? 1 : 0, scale: shape.scale)
        context.launch(kernels.route, choice, .blocks(rows))
        let sort = hadal_sort_by_expert(
            chosen: memory, order: memory + 2 * stride, starts: memory + 5 * stride, places: memory + 3 * stride,
            source_rows: memory + 4 * stride, slots: Int32(entries), experts: Int32(shape.experts),
            experts_per_token: Int32(shape.expertsPerToken))
        if rows > 0 { context.launch(kernels.sortByExpert, sort, .blocks(1)) }
        end(.router, since: start)
    }

    public func multiplyExperts(
        _ x: Buffer, rows: Int, gateUp: any StackedWeight, down: any StackedWeight, into out: Buffer
    ) {
        guard let own = gateUp as? CUDAStacked else {
            precondition(rows == routing.rows && rows <= x.rows && rows <= out.rows)
            if rows > 0 { multiplyOnHost(x, rows: rows, gateUp: gateUp, down: down, into: out) }
            return
        }
        let gateUp = own.weight
        let down = (down as! CUDAStacked).weight
        precondition(rows == routing.rows && gateUp.count == routing.experts && gateUp.count == down.count)
        precondition(x.width == gateUp.inputs && gateUp.outputs == 2 * down.inputs && down.outputs == out.width)
        precondition(rows <= x.rows && rows <= out.rows)
        guard rows > 0 else { return }
        let start = profiler.begin()
        let entries = rows * routing.slots
        let width = down.inputs
        // Gathered inputs (for float32 weights), gate and up, their product, and the experts' outputs: by expert.
        let gathered = gateUp.format == .f32 ? x.width : 0
        let memory = scratch.experts.reserve(
            context, entries * (gathered + 3 * width + out.width), of: Float.self, for: "experts' rows")
        let gates = memory + entries * gathered
        let hidden = gates + entries * 2 * width
        let results = hidden + entries * width
        var now = expertRows(of: x, into: memory, entries: entries, for: gateUp, since: start)
        now = product(now.rows, memory, entries, by: gateUp, into: gates, as: .expertGateUp, since: now.start)
        gatedSiLU(gates, rows: entries, width: width, into: hidden)
        now.start = end(.expertActivation, since: now.start)
        let rounded = round(hidden, rows: entries, stride: width, for: [down])
        if rounded.numbers != nil { now.start = end(.quantization, since: now.start) }
        now = product(rounded, hidden, entries, by: down, into: results, as: .expertDown, since: now.start)
        let combine = hadal_expert_combine(
            x: results, places: routing.places, weights: routing.weights, out: out.numbers, rows: Int32(rows),
            width: Int32(out.width), experts_per_token: Int32(routing.slots))
        context.launch(kernels.expertCombine, combine, .columns(out.width, rows: rows))
        end(.expertRows, since: now.start)
    }

    /// Each slot's row, by expert: as float32 in `memory`, or rounded.
    private func expertRows(
        of x: Buffer, into memory: UnsafeMutablePointer<Float>, entries: Int, for weight: CUDAWeight, since start: Int
    ) -> (rows: RoundedRows, start: Int) {
        guard weight.format == .f32 else {
            let rounded = round(
                x.numbers, rows: entries, stride: x.width, indices: routing.sourceRows, for: [weight])
            return (rounded, end(.expertRows, since: start))
        }
        let arguments = hadal_gather(
            x: x.numbers, indices: routing.sourceRows, out: memory, rows: Int32(entries), width: Int32(x.width))
        context.launch(kernels.gather, arguments, .blocks(entries))
        return (RoundedRows(), end(.expertRows, since: start))
    }

    /// Every expert's rows by its own weight.
    private func product(
        _ rounded: RoundedRows, _ x: UnsafeMutablePointer<Float>, _ entries: Int, by weight: CUDAWeight,
        into out: UnsafeMutablePointer<Float>, as operation: StepOperation, since start: Int
    ) -> (rows: RoundedRows, start: Int) {
        let before = ownWork
        // Which experts have rows only the card knows: as many as could have.
        count(weight, members: min(weight.count, entries), rows: entries)
        let arguments = hadal_product(
            weight: weight.argument, x: x, rounded: rounded.numbers, factors: rounded.factors, sums: rounded.sums,
            bias: nil, starts: routing.starts, out: out, rows: Int32(entries), x_stride: Int32(weight.inputs),
            rounded_stride: Int32(weight.inputs), out_stride: Int32(weight.outputs), accumulates: 0)
        let (kernel, grid) = kernels.product.chosenForExperts(
            weight, rows: entries, multiprocessors: card.multiprocessors)
        context.launch(kernel, arguments, grid)
        return (RoundedRows(), end(operation, since: start, ownWork - before, isExact: !weight.format.isQuantized))
    }
}
