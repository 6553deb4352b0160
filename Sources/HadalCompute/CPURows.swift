import Foundation
import HadalKernels

/// Operations on each row by itself.
extension CPUDevice {
    private func forEachRow(_ rows: Int, width: Int, _ body: (Int) -> Void) {
        pool.run(rows, grain: max(pool.grain(for: rows), 16384 / max(width, 1))) { rows in
            for row in rows { body(row) }
        }
    }

    public func gather(_ x: Buffer, rows: [Int32], into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == out.width && rows.count <= out.rows)
        for (index, row) in rows.enumerated() {
            precondition(row >= 0 && Int(row) < x.rows)
            memcpy(out.row(index), x.row(Int(row)), x.width * 4)
        }
        profiler.end(.copying, since: start)
    }

    public func rmsNorm(
        _ x: Buffer, rows: Int, offset: Int, groups: Int, weight: Buffer, epsilon: Float, into out: Buffer
    ) {
        let start = profiler.begin()
        let count = weight.width
        precondition(offset + groups * count <= x.width && offset + groups * count <= out.width && rows <= out.rows)
        let kernels = kernels
        forEachRow(rows, width: groups * count) { row in
            for group in 0..<groups {
                let start = offset + group * count
                kernels.pointee.rms_norm(x.row(row) + start, weight.floats, out.row(row) + start, Int64(count), epsilon)
            }
        }
        profiler.end(.norm, since: start)
    }

    public func layerNorm(_ x: Buffer, rows: Int, weight: Buffer, bias: Buffer, epsilon: Float, into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == weight.width && x.width == bias.width && x.width == out.width && rows <= out.rows)
        let kernels = kernels
        forEachRow(rows, width: x.width) { row in
            kernels.pointee.layer_norm(x.row(row), weight.floats, bias.floats, out.row(row), Int64(x.width), epsilon)
        }
        profiler.end(.norm, since: start)
    }

    public func copy(_ x: Buffer, rows: Int, from: Int, width: Int, into out: Buffer, to: Int) {
        let start = profiler.begin()
        precondition(from + width <= x.width && to + width <= out.width && rows <= x.rows && rows <= out.rows)
        for row in 0..<rows { memcpy(out.row(row) + to, x.row(row) + from, width * 4) }
        profiler.end(.copying, since: start)
    }

    public func gatedSiLU(_ gateUp: Buffer, rows: Int, into out: Buffer) {
        let start = profiler.begin()
        precondition(gateUp.width == 2 * out.width && rows <= out.rows)
        let kernels = kernels
        forEachRow(rows, width: out.width) { row in
            kernels.pointee.gated_silu(gateUp.row(row), gateUp.row(row) + out.width, out.row(row), Int64(out.width))
        }
        profiler.end(.activation, since: start)
    }

    public func gelu(_ x: Buffer, rows: Int) {
        let start = profiler.begin()
        let kernels = kernels
        forEachRow(rows, width: x.width) { kernels.pointee.gelu(x.row($0), Int64(x.width)) }
        profiler.end(.activation, since: start)
    }

    public func tanh(_ x: Buffer, rows: Int) {
        let start = profiler.begin()
        let kernels = kernels
        forEachRow(rows, width: x.width) { kernels.pointee.tanh(x.row($0), Int64(x.width)) }
        profiler.end(.activation, since: start)
    }

    public func add(_ x: Buffer, rows: Int, into out: Buffer) {
        let start = profiler.begin()
        precondition(x.width == out.width && rows <= x.rows && rows <= out.rows)
        let kernels = kernels
        forEachRow(rows, width: x.width) { kernels.pointee.add(x.row($0), out.row($0), Int64(x.width)) }
        profiler.end(.copying, since: start)
    }
}
