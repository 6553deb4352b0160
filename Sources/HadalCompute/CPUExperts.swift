import Foundation
import HadalKernels

/// The last `route`: experts and weights of each row, `expertsPerToken` slots a row.
struct Routing: @unchecked Sendable {
    var slots = 0
    var rows = 0
    var experts: [Int32] = []
    var weights: [Float] = []
    /// Row-slots ordered by expert, and where each expert's begin.
    var order: [Int32] = []
    var starts: [Int] = []
}

extension CPUDevice {
    public func route(_ logits: Buffer, rows: Int, shape: RoutingShape, bias: Buffer?) {
        let start = profiler.begin()
        precondition(logits.width == shape.experts && rows <= logits.rows && shape.expertsPerToken <= shape.experts)
        precondition(shape.experts % shape.groups == 0)
        routing.slots = shape.expertsPerToken
        routing.rows = rows
        routing.experts.removeAll(keepingCapacity: true)
        routing.weights.removeAll(keepingCapacity: true)
        var chooser = ExpertChooser(shape)
        for row in 0..<rows {
            let scores = logits.row(row)
            switch shape.scoring {
            case .softmax: kernels.pointee.softmax(scores, Int64(shape.experts))
            case .sigmoid: kernels.pointee.sigmoid(scores, Int64(shape.experts))
            }
            chooser.choose(
                UnsafeBufferPointer(start: scores, count: shape.experts), bias: bias?.floats, into: &routing)
        }
        sortByExpert(shape.experts)
        profiler.end(.router, since: start)
    }

    /// Takes what another device chose, `slots` experts a row, as if it came of `route`.
    package func route(
        chosen: UnsafePointer<Int32>, weights: UnsafePointer<Float>, rows: Int, slots: Int, experts: Int
    ) {
        (routing.rows, routing.slots) = (rows, slots)
        routing.experts.removeAll(keepingCapacity: true)
        routing.weights.removeAll(keepingCapacity: true)
        routing.experts.append(contentsOf: UnsafeBufferPointer(start: chosen, count: rows * slots))
        routing.weights.append(contentsOf: UnsafeBufferPointer(start: weights, count: rows * slots))
        sortByExpert(experts)
    }

    /// Counting sort, stable: an expert's rows stay in the batch's order.
    private func sortByExpert(_ experts: Int) {
        routing.starts.removeAll(keepingCapacity: true)
        routing.starts.append(contentsOf: repeatElement(0, count: experts + 1))
        for expert in routing.experts { routing.starts[Int(expert) + 1] += 1 }
        for expert in 0..<experts { routing.starts[expert + 1] += routing.starts[expert] }
        var next = routing.starts
        routing.order.removeAll(keepingCapacity: true)
        routing.order.append(contentsOf: repeatElement(0, count: routing.experts.count))
        for (slot, expert) in routing.experts.enumerated() {
            routing.order[next[Int(expert)]] = Int32(slot)
            next[Int(expert)] += 1
        }
    }

    public func multiplyExperts(
        _ x: Buffer, rows: Int, gateUp: any StackedWeight, down: any StackedWeight, into out: Buffer
    ) {
        let gateUp = gateUp as! CPUStacked
        let down = down as! CPUStacked
        precondition(rows == routing.rows && gateUp.count == routing.starts.count - 1 && gateUp.count == down.count)
        precondition(x.width == gateUp.inputs && gateUp.outputs == 2 * down.inputs && down.outputs == out.width)
        var start = profiler.begin()
        let entries = rows * routing.slots
        let width = down.inputs
        // gathered inputs, gate and up, their product, and the experts' outputs: all `entries` rows, by expert
        let sizes = [x.width, 2 * width, width, out.width]
        let gathered = StridedRows(start: scratch.reserve(entries * sizes.reduce(0, +)), stride: x.width)
        let gates = StridedRows(start: gathered.row(entries), stride: 2 * width)
        let hidden = StridedRows(start: gates.row(entries), stride: width)
        let results = StridedRows(start: hidden.row(entries), stride: out.width)
        for (entry, slot) in routing.order.enumerated() {
            memcpy(gathered.row(entry), x.row(Int(slot) / routing.slots), x.width * 4)
        }
        start = profiler.end(.expertRows, since: start)
        start = product(gathered, by: gateUp, into: gates, as: .expertGateUp, since: start)
        let kernels = kernels
        pool.run(entries, grain: max(pool.grain(for: entries), 4096 / width)) { entries in
            for entry in entries {
                kernels.pointee.gated_silu(gates.row(entry), gates.row(entry) + width, hidden.row(entry), Int64(width))
            }
        }
        start = profiler.end(.expertActivation, since: start)
        start = product(hidden, by: down, into: results, as: .expertDown, since: start)
        combine(results, rows: rows, into: out)
        profiler.end(.expertRows, since: start)
    }

    /// Every expert's rows by its own weight.
    /// - Returns: as the profiler's `end`.
    private func product(
        _ x: StridedRows, by weight: CPUStacked, into out: StridedRows, as operation: StepOperation, since start: Int
    ) -> Int {
        var start = start
        let starts = routing.starts
        let busy = (0..<weight.count).filter { starts[$0 + 1] > starts[$0] }
        let runs = busy.map { expert in
            Run(
                member: expert, rows: StridedRows(start: x.row(starts[expert]), stride: x.stride),
                count: starts[expert + 1] - starts[expert], offset: starts[expert])
        }
        let quantized = quantize(runs, for: weight)
        if weight.isQuantized { start = profiler.end(.quantization, since: start) }
        let before = work
        for run in runs {
            count(weight.members[run.member], rows: run.count)
            tellObserver(run.rows, rows: run.count, before: weight.members[run.member])
        }
        // Pieces of 8 panels of the experts that have rows.
        let pieces = (weight.members[0].panels + 7) / 8
        pool.run(runs.count * pieces) { items in
            for item in items {
                let run = runs[item / pieces]
                let member = weight.members[run.member]
                let begin = item % pieces * 8
                self.product(
                    run.rows, quantized[item / pieces], rows: run.count, by: member,
                    panels: begin..<min(begin + 8, member.panels), bias: nil, accumulates: false,
                    into: StridedRows(start: out.row(run.offset), stride: out.stride))
            }
        }
        return profiler.end(operation, since: start, work - before, isExact: !weight.isQuantized)
    }

    /// Adds each row's results in the order of its slots, so that the sum does not depend on other rows.
    private func combine(_ results: StridedRows, rows: Int, into out: Buffer) {
        let slots = routing.slots
        var places = [Int32](repeating: 0, count: rows * slots)
        for (entry, slot) in routing.order.enumerated() { places[Int(slot)] = Int32(entry) }
        let kernels = kernels
        let weights = routing.weights
        pool.run(rows, grain: max(pool.grain(for: rows), 4096 / out.width)) { [places] rows in
            for row in rows {
                for slot in row * slots..<(row + 1) * slots {
                    kernels.pointee.scale_add(
                        results.row(Int(places[slot])), weights[slot], out.row(row), Int64(out.width))
                }
            }
        }
    }
}

/// Chooses experts as transformers' `DeepseekV2Moe` and `DeepseekV3TopkRouter` do.
private struct ExpertChooser {
    let shape: RoutingShape
    private var choice: [Float] = []
    private var groupScores: [Float] = []

    init(_ shape: RoutingShape) { self.shape = shape }

    mutating func choose(
        _ scores: UnsafeBufferPointer<Float>, bias: UnsafeMutablePointer<Float>?, into routing: inout Routing
    ) {
        choice.removeAll(keepingCapacity: true)
        for expert in scores.indices { choice.append(scores[expert] + (bias?[expert] ?? 0)) }
        if shape.groups > 1 { keepBestGroups() }
        let first = routing.experts.count
        var total: Float = 0
        for _ in 0..<shape.expertsPerToken {
            let expert = indexOfLargest(choice)
            choice[expert] = -.infinity
            routing.experts.append(Int32(expert))
            routing.weights.append(scores[expert])
            total += scores[expert]
        }
        for slot in first..<routing.weights.count {
            if shape.normalizes { routing.weights[slot] /= total + 1e-20 }
            routing.weights[slot] *= shape.scale
        }
    }

    /// Experts outside the best groups cannot be chosen.
    private mutating func keepBestGroups() {
        let size = shape.experts / shape.groups
        groupScores.removeAll(keepingCapacity: true)
        for group in 0..<shape.groups {
            var best = -Float.infinity
            var second = -Float.infinity
            for score in choice[group * size..<(group + 1) * size] {
                if score > best { (best, second) = (score, best) } else if score > second { second = score }
            }
            groupScores.append(shape.groupRank == .best || size == 1 ? best : best + second)
        }
        var kept = Set<Int>()
        for _ in 0..<shape.groupsPerToken {
            let group = indexOfLargest(groupScores)
            groupScores[group] = -.infinity
            kept.insert(group)
        }
        for expert in choice.indices where !kept.contains(expert / size) { choice[expert] = -.infinity }
    }

    /// The first of equals.
    private func indexOfLargest(_ values: [Float]) -> Int {
        var best = 0
        for index in values.indices where values[index] > values[best] { best = index }
        return best
    }
}
