import HadalKernels

/// Rows quantized for a weight, as its kernels want them: for each of the weight's layouts all rows, in strips.
struct QuantizedRows: @unchecked Sendable {
    /// Nil for weights that take floats.
    var start: UnsafeMutablePointer<UInt8>?
    let rows: Int

    static let none = QuantizedRows(start: nil, rows: 0)

    /// The rows for segment `index` of `weight`.
    func strips(for weight: CPULinear, segment index: Int) -> UnsafeMutablePointer<UInt8>? {
        start.map { $0 + rows * weight.layoutOffsets[index] }
    }
}

extension CPUDevice {
    /// Rows that one call of the kernel quantizes: they make up whole strips.
    private var rowsAtOnce: Int { Int(kernels.pointee.tile_rows) }

    /// Pieces of work in which `rows` rows are quantized.
    func quantizationPieces(_ rows: Int) -> Int { (rows + rowsAtOnce - 1) / rowsAtOnce }

    /// Quantizes piece `piece` of the rows for all of the weight's layouts.
    func quantize(_ x: StridedRows, for weight: CPULinear, piece: Int, into target: QuantizedRows) {
        let first = piece * rowsAtOnce
        var place = target.start!
        for layout in weight.layouts {
            let bytes = layout.quantizedRowBytes
            withUnsafePointer(to: layout.weight) {
                kernels.pointee.quantize(
                    $0, x.row(first), Int64(x.stride), Int64(min(rowsAtOnce, target.rows - first)),
                    place + first * bytes)
            }
            place += target.rows * bytes
        }
    }

    func quantize(_ x: StridedRows, rows: Int, for weight: CPULinear) -> QuantizedRows {
        guard !weight.layouts.isEmpty else { return .none }
        let target = QuantizedRows(start: quantizedMemory.reserve(rows * weight.quantizedRowBytes), rows: rows)
        let pieces = quantizationPieces(rows)
        pool.run(pieces, grain: max(pool.grain(for: pieces), 8192 / (weight.inputs * rowsAtOnce))) { pieces in
            for piece in pieces { self.quantize(x, for: weight, piece: piece, into: target) }
        }
        return target
    }

    /// One run of rows for each member of a stacked weight.
    struct Run {
        var member: Int
        var rows: StridedRows
        var count: Int
        /// The rows before it in the quantized memory.
        var offset: Int
    }

    /// Quantizes the runs, each for its member, and gives back where each one's rows are.
    func quantize(_ runs: [Run], for weight: CPUStacked) -> [QuantizedRows] {
        guard weight.quantizedRowBytes > 0, let last = runs.last else {
            return runs.map { _ in .none }
        }
        let memory = quantizedMemory.reserve((last.offset + last.count) * weight.quantizedRowBytes)
        let targets = runs.map {
            QuantizedRows(start: memory + $0.offset * weight.quantizedRowBytes, rows: $0.count)
        }
        var pieces: [(run: Int, piece: Int)] = []
        for (index, run) in runs.enumerated() where !weight.members[run.member].layouts.isEmpty {
            for piece in 0..<quantizationPieces(run.count) { pieces.append((index, piece)) }
        }
        pool.run(pieces.count, grain: pool.grain(for: pieces.count)) { [pieces] range in
            for (run, piece) in pieces[range] {
                self.quantize(
                    runs[run].rows, for: weight.members[runs[run].member], piece: piece, into: targets[run])
            }
        }
        return targets
    }
}
