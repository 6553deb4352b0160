import HadalCUDAKernels
import HadalCompute

/// Keys and values in the card's memory, laid out as `CPUCache` has them: rows `[layer][block][key head][position in block]`.
final class CUDACache: KVCache, @unchecked Sendable {
    let shape: KVCacheShape
    private let keyMemory: CUDAMemory
    private let valueMemory: CUDAMemory?
    private let context: CUDAContext

    init(_ shape: KVCacheShape, _ context: CUDAContext) throws(CUDAError) {
        guard max(shape.keyWidth, shape.valueWidth) <= AttentionVariants.widthMax else {
            throw .unsuitedModel(
                "heads of \(max(shape.keyWidth, shape.valueWidth)) numbers; the most is "
                    + "\(AttentionVariants.widthMax)")
        }
        self.shape = shape
        self.context = context
        let positions = shape.layers * shape.blocks * shape.keyValueHeads * KVCacheShape.blockSize
        func memory(_ width: Int, _ what: String) throws(CUDAError) -> CUDAMemory {
            try CUDAMemory(
                context, bytes: positions * shape.format.rowBytes(width),
                for: "\(what) of \(shape.blocks * KVCacheShape.blockSize) positions")
        }
        keyMemory = try memory(shape.keyWidth, "keys")
        valueMemory = shape.valueWidth > 0 ? try memory(shape.valueWidth, "values") : nil
    }

    func keys(_ layer: Int) -> hadal_cuda_cache { part(keyMemory, layer, shape.keyWidth) }

    /// Without rows where values are the beginnings of the keys.
    func values(_ layer: Int) -> hadal_cuda_cache {
        valueMemory.map { part($0, layer, shape.valueWidth) } ?? hadal_cuda_cache()
    }

    private func part(_ memory: CUDAMemory, _ layer: Int, _ width: Int) -> hadal_cuda_cache {
        hadal_cuda_cache(
            rows: memory.pointer(at: layer * shape.blocks * blockBytes(width)), format: format,
            heads: Int32(shape.keyValueHeads), width: Int32(width), row_bytes: Int32(shape.format.rowBytes(width)))
    }

    private var format: Int32 {
        switch shape.format {
        case .f32: Int32(HADAL_CUDA_CACHE_F32.rawValue)
        case .f16: Int32(HADAL_CUDA_CACHE_F16.rawValue)
        case .int8: Int32(HADAL_CUDA_CACHE_I8.rawValue)
        }
    }

    /// Of one block in one layer.
    private func blockBytes(_ width: Int) -> Int {
        shape.keyValueHeads * KVCacheShape.blockSize * shape.format.rowBytes(width)
    }

    // MARK: blocks on their way to other memory and back

    /// Where a block's bytes are, in the order of `CPUCache`: for each layer its keys, then its values.
    private func forEachPart(of block: Int32, _ body: (CUDAAddress, _ offset: Int, _ bytes: Int) -> Void) {
        precondition(block >= 0 && block < shape.blocks)
        var offset = 0
        for layer in 0..<shape.layers {
            for (memory, width) in [(keyMemory, shape.keyWidth), (valueMemory, shape.valueWidth)] {
                guard let memory else { continue }
                let bytes = blockBytes(width)
                body(memory.address + UInt64((layer * shape.blocks + Int(block)) * bytes), offset, bytes)
                offset += bytes
            }
        }
    }

    func copy(block: Int32, to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count == shape.bytesPerBlock)
        forEachPart(of: block) { place, offset, bytes in
            context.download(place, bytes: bytes, to: target.baseAddress! + offset)
        }
        context.synchronize()
    }

    func fill(block: Int32, from source: UnsafeRawBufferPointer) {
        precondition(source.count == shape.bytesPerBlock)
        forEachPart(of: block) { place, offset, bytes in
            context.upload(source.baseAddress! + offset, bytes: bytes, to: place)
        }
        context.synchronize()
    }
}
