import Foundation
import HadalKernels

/// Rows that start `stride` floats apart.
struct StridedRows: @unchecked Sendable {
    var start: UnsafeMutablePointer<Float>
    var stride: Int

    func row(_ row: Int) -> UnsafeMutablePointer<Float> { start + row * stride }
}

extension CPUDevice {
    public func multiply(
        _ x: Buffer, rows: Int, by weight: any LinearWeight, bias: Buffer?, accumulates: Bool, into out: Buffer,
        as operation: StepOperation
    ) {
        let weight = weight as! CPULinear
        precondition(x.width == weight.inputs && out.width == weight.outputs && rows <= x.rows && rows <= out.rows)
        let input = StridedRows(start: x.floats, stride: x.width)
        var start = profiler.begin()
        let quantized = quantize(input, rows: rows, for: weight)
        if weight.isQuantized { start = profiler.end(.quantization, since: start) }
        let before = work
        count(weight, rows: rows)
        tellObserver(input, rows: rows, before: weight)
        pool.run(weight.panels, grain: pool.grain(for: weight.panels, unit: 4)) { panels in
            self.product(
                input, quantized, rows: rows, by: weight, panels: panels, bias: bias?.floats, accumulates: accumulates,
                into: StridedRows(start: out.floats, stride: out.width))
        }
        profiler.end(operation, since: start, work - before, isExact: !weight.isQuantized)
    }

    func count(_ weight: CPULinear, rows: Int) {
        work.weightBytes += weight.bytes
        work.operations += 2 * rows * weight.inputs * weight.outputs
    }

    /// Panels of a stacked weight, counted over its segments.
    func product(
        _ x: StridedRows, _ quantized: QuantizedRows, rows: Int, by weight: CPULinear, panels: Range<Int>,
        bias: UnsafeMutablePointer<Float>?, accumulates: Bool, into out: StridedRows
    ) {
        var firstPanel = 0
        var firstOutput = 0
        for (index, segment) in weight.segments.enumerated() {
            let part = panels.clamped(to: firstPanel..<firstPanel + segment.panels)
            if !part.isEmpty {
                withUnsafePointer(to: segment.weight) { matrix in
                    var job = hadal_multiply_job(
                        weight: matrix, x: x.start, x_stride: Int64(x.stride),
                        strips: quantized.strips(for: weight, segment: index), rows: Int64(rows),
                        bias: bias.map { UnsafePointer($0 + firstOutput) }, accumulates: accumulates,
                        out: out.start + firstOutput, out_stride: Int64(out.stride))
                    kernels.pointee.multiply(
                        &job, Int64(part.lowerBound - firstPanel), Int64(part.upperBound - firstPanel))
                }
            }
            firstPanel += segment.panels
            firstOutput += Int(segment.weight.outputs)
        }
    }

    public func multiplyPerHead(
        _ x: Buffer, rows: Int, stride: Int, offset: Int, by weight: any StackedWeight, into out: Buffer,
        outStride: Int, outOffset: Int
    ) {
        let weight = weight as! CPUStacked
        precondition(offset + (weight.count - 1) * stride + weight.inputs <= x.width)
        precondition(outOffset + (weight.count - 1) * outStride + weight.outputs <= out.width)
        let heads = (0..<weight.count).map { index in
            Run(
                member: index, rows: StridedRows(start: x.floats + offset + index * stride, stride: x.width),
                count: rows, offset: index * rows)
        }
        var start = profiler.begin()
        let quantized = quantize(heads, for: weight)
        if weight.isQuantized { start = profiler.end(.quantization, since: start) }
        let before = work
        for (head, member) in zip(heads, weight.members) {
            count(member, rows: rows)
            tellObserver(head.rows, rows: rows, before: member)
        }
        pool.run(weight.count, grain: pool.grain(for: weight.count)) { indices in
            for index in indices {
                let member = weight.members[index]
                self.product(
                    heads[index].rows, quantized[index], rows: rows, by: member, panels: 0..<member.panels, bias: nil,
                    accumulates: false,
                    into: StridedRows(start: out.floats + outOffset + index * outStride, stride: out.width))
            }
        }
        profiler.end(.latent, since: start, work - before, isExact: !weight.isQuantized)
    }
}
