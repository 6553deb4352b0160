import Foundation
import HadalKernels

/// Memory for quantized activations, kept and grown.
struct ActivationMemory: @unchecked Sendable {
    private(set) var capacity = 0
    private var memory = hadal_activations()

    /// Room for `count` activations, a multiple of 32.
    mutating func reserve(_ count: Int) -> hadal_activations {
        if count > capacity {
            free()
            capacity = count
            memory.values = .allocate(capacity: count)
            memory.scales = .allocate(capacity: count / 32)
            memory.sums = .allocate(capacity: count / 16)
        }
        return memory
    }

    mutating func free() {
        guard capacity > 0 else { return }
        memory.values.deallocate()
        memory.scales.deallocate()
        memory.sums.deallocate()
        capacity = 0
    }
}

extension hadal_activations {
    /// The same from row `row` on.
    func from(row: Int, inputs: Int) -> hadal_activations {
        hadal_activations(
            values: values + row * inputs, scales: scales + row * (inputs / 32), sums: sums + row * (inputs / 16))
    }
}

/// Rows that start `stride` floats apart.
struct StridedRows: @unchecked Sendable {
    var start: UnsafeMutablePointer<Float>
    var stride: Int

    func row(_ row: Int) -> UnsafeMutablePointer<Float> { start + row * stride }
}

extension CPUDevice {
    public func multiply(
        _ x: Buffer, rows: Int, by weight: any LinearWeight, bias: Buffer?, accumulates: Bool, into out: Buffer
    ) {
        let weight = weight as! CPULinear
        precondition(x.width == weight.inputs && out.width == weight.outputs && rows <= x.rows && rows <= out.rows)
        let input = StridedRows(start: x.floats, stride: x.width)
        let quantized = weight.isQuantized ? quantize(input, rows: rows, inputs: weight.inputs) : hadal_activations()
        pool.run(weight.panels, grain: pool.grain(for: weight.panels, unit: 4)) { panels in
            self.product(
                input, quantized, rows: rows, by: weight, panels: panels, bias: bias?.floats, accumulates: accumulates,
                into: StridedRows(start: out.floats, stride: out.width))
        }
    }

    /// Panels of a stacked weight, counted over its segments.
    func product(
        _ x: StridedRows, _ quantized: hadal_activations, rows: Int, by weight: CPULinear, panels: Range<Int>,
        bias: UnsafeMutablePointer<Float>?, accumulates: Bool, into out: StridedRows
    ) {
        var firstPanel = 0
        var firstOutput = 0
        for segment in weight.segments {
            let part = panels.clamped(to: firstPanel..<firstPanel + segment.panels)
            if !part.isEmpty {
                withUnsafePointer(to: segment.weight) { matrix in
                    var job = hadal_multiply_job(
                        weight: matrix, x: x.start, x_stride: Int64(x.stride), quantized: quantized, rows: Int64(rows),
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

    /// Quantizes rows, which lie side by side in the result.
    func quantize(_ x: StridedRows, rows: Int, inputs: Int) -> hadal_activations {
        let target = activations.reserve(rows * inputs)
        quantize(x, rows: rows, inputs: inputs, into: target)
        return target
    }

    func quantize(_ x: StridedRows, rows: Int, inputs: Int, into target: hadal_activations) {
        let kernels = kernels
        pool.run(rows, grain: max(pool.grain(for: rows), 8192 / inputs)) { rows in
            for row in rows {
                let place = target.from(row: row, inputs: inputs)
                kernels.pointee.quantize(x.row(row), Int64(inputs), place.values, place.scales, place.sums)
            }
        }
    }

    public func multiplyPerHead(
        _ x: Buffer, rows: Int, stride: Int, offset: Int, by weight: any StackedWeight, into out: Buffer,
        outStride: Int, outOffset: Int
    ) {
        let weight = weight as! CPUStacked
        precondition(offset + (weight.count - 1) * stride + weight.inputs <= x.width)
        precondition(outOffset + (weight.count - 1) * outStride + weight.outputs <= out.width)
        let head = { StridedRows(start: x.floats + offset + $0 * stride, stride: x.width) }
        var quantized = hadal_activations()
        if weight.isQuantized {
            quantized = activations.reserve(weight.count * rows * weight.inputs)
            for index in 0..<weight.count {
                quantize(
                    head(index), rows: rows, inputs: weight.inputs,
                    into: quantized.from(row: index * rows, inputs: weight.inputs))
            }
        }
        pool.run(weight.count, grain: pool.grain(for: weight.count)) { heads in
            for index in heads {
                let member = weight.members[index]
                let input =
                    weight.isQuantized ? quantized.from(row: index * rows, inputs: weight.inputs) : hadal_activations()
                self.product(
                    head(index), input, rows: rows, by: member, panels: 0..<member.panels, bias: nil,
                    accumulates: false,
                    into: StridedRows(start: out.floats + outOffset + index * outStride, stride: out.width))
            }
        }
    }
}
