import Foundation
import HadalCheckpoint
import HadalKernels

/// The current step as the kernels read it, kept and reused.
struct StepMemory: @unchecked Sendable {
    var tokens: [Int32] = []
    var positions: [Int32] = []
    /// Every sequence's block table, one after the other, and for each row where its own begins.
    var blocks: [Int32] = []
    var tableStarts: [Int] = []
    var tableLengths: [Int] = []
    /// Known while the device is profiled.
    var attended = AttendedPositions()
    /// Cosines and sines `[rows, frequencies]`, made once for all layers; by the address of the frequencies.
    var angles: [UInt: RotaryAngles] = [:]
}

struct RotaryAngles {
    var step = -1
    var cosines: [Float] = []
    var sines: [Float] = []
}

extension CPUDevice {
    public func begin(_ step: Step) {
        let start = profiler.begin()
        let rows = step.rows
        precondition(step.positions.count == rows && step.sequences.count == rows)
        self.step.tokens = step.tokens
        self.step.positions = step.positions
        self.step.blocks.removeAll(keepingCapacity: true)
        var starts: [Int] = []
        for table in step.blockTables {
            starts.append(self.step.blocks.count)
            self.step.blocks += table
        }
        self.step.tableStarts = step.sequences.map { starts[Int($0)] }
        self.step.tableLengths = step.sequences.map { step.blockTables[Int($0)].count }
        for key in self.step.angles.keys { self.step.angles[key]!.step = -1 }
        if profiler.isOn { self.step.attended = AttendedPositions(step) }
        profiler.end(.assembly, since: start)
    }

    public func embed(_ table: any LinearWeight, into out: Buffer) {
        let start = profiler.begin()
        let tensor = (table as! CPUTable).tensor
        precondition(out.width == tensor.columns && step.tokens.count <= out.rows)
        for (row, token) in step.tokens.enumerated() {
            precondition(token >= 0 && Int(token) < tensor.rows)
            tensor.dequantize(rows: Int(token)..<Int(token) + 1, into: out.row(row))
        }
        let read = profiler.isOn ? Work(weightBytes: tensor.data.count / tensor.rows * step.tokens.count) : Work()
        profiler.end(.embedding, since: start, read)
    }

    public func rotate(
        _ x: Buffer, rows: Int, heads: Int, stride: Int, offset: Int, frequencies: Buffer, magnitude: Float,
        layout: RotaryLayout
    ) {
        let start = profiler.begin()
        let pairs = frequencies.width
        precondition(rows <= step.positions.count && offset + (heads - 1) * stride + 2 * pairs <= x.width)
        if step.angles[frequencies.address]?.step != rows {
            step.angles[frequencies.address] = angles(frequencies, rows: rows, magnitude: magnitude)
        }
        let angles = step.angles[frequencies.address]!
        let (near, far) = layout == .interleaved ? (2, 1) : (1, pairs)
        angles.cosines.withUnsafeBufferPointer { cosines in
            angles.sines.withUnsafeBufferPointer { sines in
                nonisolated(unsafe) let cosines = cosines
                nonisolated(unsafe) let sines = sines
                pool.run(rows, grain: max(pool.grain(for: rows), 4096 / (heads * pairs))) { rows in
                    for row in rows {
                        for head in 0..<heads {
                            let values = x.row(row) + offset + head * stride
                            for pair in 0..<pairs {
                                let cosine = cosines[row * pairs + pair]
                                let sine = sines[row * pairs + pair]
                                let a = values[pair * near]
                                let b = values[pair * near + far]
                                values[pair * near] = a * cosine - b * sine
                                values[pair * near + far] = b * cosine + a * sine
                            }
                        }
                    }
                }
            }
        }
        profiler.end(.rotation, since: start)
    }

    private func angles(_ frequencies: Buffer, rows: Int, magnitude: Float) -> RotaryAngles {
        var result = RotaryAngles(step: rows)
        result.cosines.reserveCapacity(rows * frequencies.width)
        result.sines.reserveCapacity(rows * frequencies.width)
        for row in 0..<rows {
            for pair in 0..<frequencies.width {
                // As transformers does: the angle is a float32 product.
                let angle = Float(step.positions[row]) * frequencies.floats[pair]
                result.cosines.append(Float(cos(Double(angle))) * magnitude)
                result.sines.append(Float(sin(Double(angle))) * magnitude)
            }
        }
        return result
    }

    public func store(
        keys: Buffer, keyOffset: Int, values: Buffer?, valueOffset: Int, layer: Int, into cache: any KVCache
    ) {
        let start = profiler.begin()
        let cache = cache as! CPUCache
        let shape = cache.shape
        precondition((values == nil) == (shape.valueWidth == 0) && layer < shape.layers)
        for row in 0..<step.positions.count {
            let position = Int(step.positions[row])
            precondition(position / KVCacheShape.blockSize < step.tableLengths[row])
            let block = Int(step.blocks[step.tableStarts[row] + position / KVCacheShape.blockSize])
            precondition(block >= 0 && block < shape.blocks)
            let place = (block, position % KVCacheShape.blockSize)
            put(keys.row(row) + keyOffset, width: shape.keyWidth, at: place, layer, in: cache.keys, cache)
            if let values, let memory = cache.values {
                put(values.row(row) + valueOffset, width: shape.valueWidth, at: place, layer, in: memory, cache)
            }
        }
        profiler.end(.cacheWrite, since: start)
    }

    private func put(
        _ source: UnsafeMutablePointer<Float>, width: Int, at place: (block: Int, offset: Int), _ layer: Int,
        in memory: UnsafeMutableRawPointer, _ cache: CPUCache
    ) {
        let heads = cache.shape.keyValueHeads
        for head in 0..<heads {
            let index = (place.block * heads + head) * KVCacheShape.blockSize + place.offset
            let offset = cache.layerOffset(layer, width: width) + index * cache.shape.format.rowBytes(width)
            hadal_cache_row(source + head * width, Int64(width), cache.format, memory + offset)
        }
    }

    public func attend(
        _ queries: Buffer, queryOffset: Int, layer: Int, cache: any KVCache, shape: AttentionShape, into out: Buffer
    ) {
        let start = profiler.begin()
        let cache = cache as! CPUCache
        let rows = step.positions.count
        let valueWidth = cache.shape.valueWidth == 0 ? shape.valueWidth : cache.shape.valueWidth
        precondition(
            shape.queryHeads % cache.shape.keyValueHeads == 0 && valueWidth <= max(cache.shape.keyWidth, valueWidth))
        precondition(queryOffset + shape.queryHeads * cache.shape.keyWidth <= queries.width)
        precondition(shape.queryHeads * valueWidth <= out.width && rows <= out.rows)
        let layerCache = hadal_cache_layer(
            keys: cache.keys + cache.layerOffset(layer, width: cache.shape.keyWidth),
            values: cache.values.map { UnsafeRawPointer($0 + cache.layerOffset(layer, width: cache.shape.valueWidth)) },
            format: cache.format, key_heads: Int64(cache.shape.keyValueHeads),
            key_width: Int64(cache.shape.keyWidth), cached_value_width: Int64(cache.shape.valueWidth))
        step.blocks.withUnsafeBufferPointer { blocks in
            step.positions.withUnsafeBufferPointer { positions in
                withUnsafeTemporaryAllocation(of: UnsafePointer<Int32>?.self, capacity: rows) { tables in
                    for row in 0..<rows { tables[row] = blocks.baseAddress! + step.tableStarts[row] }
                    nonisolated(unsafe) var job = hadal_attend_job(
                        cache: layerCache, queries: queries.floats + queryOffset, query_stride: Int64(queries.width),
                        query_heads: Int64(shape.queryHeads), value_width: Int64(valueWidth), scale: shape.scale,
                        positions: positions.baseAddress!, block_tables: UnsafePointer(tables.baseAddress!),
                        out: out.floats, out_stride: Int64(out.width))
                    pool.run(rows * cache.shape.keyValueHeads) { items in
                        kernels.pointee.attend(&job, Int64(items.lowerBound), Int64(items.upperBound))
                    }
                }
            }
        }
        let work =
            profiler.isOn ? step.attended.work(cache.shape, heads: shape.queryHeads, valueWidth: valueWidth) : Work()
        profiler.end(.attention, since: start, work, isExact: true)
    }

    public func attendWithin(_ qkv: Buffer, lengths: [Int], heads: Int, headWidth: Int, scale: Float, into out: Buffer)
    {
        let began = profiler.begin()
        let width = heads * headWidth
        precondition(qkv.width == 3 * width && out.width == width && lengths.reduce(0, +) <= qkv.rows)
        var spans: [(row: Int, start: Int, length: Int)] = []
        var start = 0
        for length in lengths {
            for row in start..<start + length { spans.append((row, start, length)) }
            start += length
        }
        let kernels = kernels
        pool.run(spans.count * heads, grain: heads) { items in
            for item in items {
                let span = spans[item / heads]
                let head = item % heads
                withUnsafeTemporaryAllocation(of: Float.self, capacity: span.length) { scores in
                    let query = qkv.row(span.row) + head * headWidth
                    for index in 0..<span.length {
                        let key = qkv.row(span.start + index) + width + head * headWidth
                        scores[index] = scale * kernels.pointee.dot(query, key, Int64(headWidth))
                    }
                    kernels.pointee.softmax(scores.baseAddress!, Int64(span.length))
                    let target = out.row(span.row) + head * headWidth
                    memset(target, 0, headWidth * 4)
                    for index in 0..<span.length {
                        let value = qkv.row(span.start + index) + 2 * width + head * headWidth
                        kernels.pointee.scale_add(value, scores[index], target, Int64(headWidth))
                    }
                }
            }
        }
        profiler.end(.attention, since: began)
    }
}
