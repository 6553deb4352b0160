import HadalCUDAKernels
import HadalCompute

extension CUDADevice {
    /// Pieces of attention that wait to be put together take no more than this, unless one row's do.
    private static let partialBytesMax = 256 << 20

    public func store(
        keys: Buffer, keyOffset: Int, values: Buffer?, valueOffset: Int, layer: Int, into cache: any KVCache
    ) {
        let start = profiler.begin()
        let cache = cache as! CUDACache
        let shape = cache.shape
        precondition((values == nil) == (shape.valueWidth == 0) && layer < shape.layers)
        checkBlocks(of: shape)
        precondition(step.rows <= keys.rows && keyOffset + shape.keyValueHeads * shape.keyWidth <= keys.width)
        store(keys, keyOffset, into: cache.keys(layer))
        if let values {
            precondition(
                step.rows <= values.rows && valueOffset + shape.keyValueHeads * shape.valueWidth <= values.width)
            store(values, valueOffset, into: cache.values(layer))
        }
        end(.cacheWrite, since: start)
    }

    private func store(_ x: Buffer, _ offset: Int, into cache: hadal_cuda_cache) {
        let arguments = hadal_store(
            cache: cache, step: step.arrays, x: x.numbers + offset, x_stride: Int32(x.width))
        context.launch(kernels.store, arguments, .blocks(Int(cache.heads), step.rows))
    }

    /// Every row's position has a block, and that is one of the cache's.
    private func checkBlocks(of shape: KVCacheShape) {
        precondition(step.rows == 0 || step.isCovered)
        precondition(step.blocks.lowerBound >= 0 && Int(step.blocks.upperBound) < shape.blocks)
    }

    public func attend(
        _ queries: Buffer, queryOffset: Int, layer: Int, cache: any KVCache, shape: AttentionShape, into out: Buffer
    ) {
        let start = profiler.begin()
        let cache = cache as! CUDACache
        let valueWidth = cache.shape.valueWidth == 0 ? shape.valueWidth : cache.shape.valueWidth
        precondition(shape.queryHeads % cache.shape.keyValueHeads == 0)
        precondition(cache.shape.valueWidth > 0 || valueWidth <= cache.shape.keyWidth)
        precondition(queryOffset + shape.queryHeads * cache.shape.keyWidth <= queries.width)
        precondition(shape.queryHeads * valueWidth <= out.width && step.rows <= out.rows)
        checkBlocks(of: cache.shape)
        let group = shape.queryHeads / cache.shape.keyValueHeads
        let variant = kernels.attend.chosen(
            cache.shape, valueWidth: valueWidth, group: group, rows: step.rows / max(step.sequences, 1),
            isExact: isExact)
        var row = 0
        while row < step.rows {
            let cut = cut(from: row, numbersPerPiece: shape.queryHeads * (valueWidth + 2))
            var arrays = step.arrays
            arrays.tokens += row
            arrays.positions += row
            arrays.table_starts += row
            arrays.rows = Int32(cut.rows)
            let partials = scratch.partials.reserve(
                context, cut.rows * cut.pieces * shape.queryHeads * (valueWidth + 2), of: Float.self,
                for: "attention's pieces")
            let arguments = hadal_attend(
                keys: cache.keys(layer), values: cache.values(layer), step: arrays,
                queries: queries.numbers + row * queries.width + queryOffset, partials: partials,
                out: out.numbers + row * out.width, query_stride: Int32(queries.width), out_stride: Int32(out.width),
                query_heads: Int32(shape.queryHeads), value_width: Int32(valueWidth), pieces: Int32(cut.pieces),
                scale: shape.scale)
            context.launch(
                variant.kernel, arguments,
                .attend(
                    rows: LaunchGrid.tiles(cut.rows, of: variant.rows), keyHeads: cache.shape.keyValueHeads,
                    group: group, together: variant.heads, pieces: cut.pieces))
            context.launch(kernels.attendCombine, arguments, .blocks(shape.queryHeads, cut.rows))
            row += cut.rows
        }
        let work =
            profiler.isOn ? step.attended.work(cache.shape, heads: shape.queryHeads, valueWidth: valueWidth) : Work()
        end(.attention, since: start, work, isExact: true)
    }

    /// As many rows as are computed at once, and the pieces of the longest of them.
    private func cut(from row: Int, numbersPerPiece: Int) -> (rows: Int, pieces: Int) {
        let allowed = Self.partialBytesMax / MemoryLayout<Float>.stride / numbersPerPiece
        var (rows, pieces) = (0, 0)
        while row + rows < step.rows, rows < LaunchGrid.most {
            let own = Int(step.positions[row + rows]) / Int(HADAL_CUDA_ATTENTION_PIECE) + 1
            let most = max(pieces, own)
            if rows > 0, (rows + 1) * most > allowed { break }
            (rows, pieces) = (rows + 1, most)
        }
        return (rows, pieces)
    }

    public func attendWithin(_ qkv: Buffer, lengths: [Int], heads: Int, headWidth: Int, scale: Float, into out: Buffer)
    {
        let start = profiler.begin()
        let width = heads * headWidth
        let rows = lengths.reduce(0, +)
        precondition(
            headWidth <= AttentionVariants.widthMax && qkv.width == 3 * width && out.width == width && rows <= qkv.rows
                && rows <= out.rows)
        guard rows > 0 else { return }
        var (starts, spans): ([Int32], [Int32]) = ([], [])
        for length in lengths {
            starts += repeatElement(Int32(starts.count), count: length)
            spans += repeatElement(Int32(length), count: length)
        }
        let arrays = upload([starts, spans])
        let arguments = hadal_attend_within(
            qkv: qkv.numbers, starts: arrays[0], lengths: arrays[1], out: out.numbers, rows: Int32(rows),
            heads: Int32(heads), head_width: Int32(headWidth), scale: scale)
        context.launch(kernels.attendWithin, arguments, .blocks(heads, rows))
        end(.attention, since: start)
    }
}
