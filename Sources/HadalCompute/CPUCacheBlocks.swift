extension CPUCache {
    /// The places of a block's bytes: for each layer its keys, then its values.
    private func forEachPart(of block: Int32, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(block >= 0 && block < shape.blocks)
        for layer in 0..<shape.layers {
            for (memory, width) in [(keys, shape.keyWidth), (values, shape.valueWidth)] {
                guard let memory, width > 0 else { continue }
                let bytes = shape.keyValueHeads * KVCacheShape.blockSize * shape.format.rowBytes(width)
                let start = memory + layerOffset(layer, width: width) + Int(block) * bytes
                body(UnsafeMutableRawBufferPointer(start: start, count: bytes))
            }
        }
    }

    package func copy(block: Int32, to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count == shape.bytesPerBlock)
        var offset = 0
        forEachPart(of: block) { part in
            UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + part.count])
                .copyMemory(from: UnsafeRawBufferPointer(part))
            offset += part.count
        }
    }

    package func fill(block: Int32, from source: UnsafeRawBufferPointer) {
        precondition(source.count == shape.bytesPerBlock)
        var offset = 0
        forEachPart(of: block) { part in
            part.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + part.count]))
            offset += part.count
        }
    }
}
