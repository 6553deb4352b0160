import HadalKernels

extension Tensor {
    /// All values as float32, in order. NaN for the formats without real values (`TensorFormat.hasRealValues`).
    public func dequantized() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress { dequantize(rows: 0..<rows, into: start) }
            initialized = count
        }
    }

    /// Writes `rows.count × columns` values, the factors of FP8 blocks multiplied in. Rows count over all leading
    /// dimensions. Safe to call from several threads with different destinations.
    public func dequantize(rows: Range<Int>, into values: UnsafeMutablePointer<Float>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows \(rows) of \(self.rows)")
        guard !rows.isEmpty, columns > 0, let start = data.baseAddress else { return }
        guard layout == .rows else { return readPanels(rows: rows, into: values) }
        let source = start + rows.lowerBound * bytesPerRow
        guard hadal_dequantize(format.rawValue, source, values, rows.count * columns) else {
            values.update(repeating: .nan, count: rows.count * columns)
            return
        }
        guard blockScale != nil else { return }
        for row in rows {
            let place = values + (row - rows.lowerBound) * columns
            blockFactors(row: row)?.withUnsafeBufferPointer { factors in
                hadal_scale_blocks(place, factors.baseAddress, columns, BlockScale.side)
            }
        }
    }
}

extension Tensor {
    private func readPanels(rows: Range<Int>, into values: UnsafeMutablePointer<Float>) {
        guard var plan = TensorLayout.plan(format: format, outputs: self.rows, inputs: columns) else { return }
        plan.data = UnsafeMutablePointer(mutating: data.baseAddress!.assumingMemoryBound(to: UInt8.self))
        for row in rows { hadal_weight_read(&plan, Int64(row), values + (row - rows.lowerBound) * columns) }
    }
}
