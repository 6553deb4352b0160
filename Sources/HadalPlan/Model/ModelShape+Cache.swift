import HadalCompute
import HadalModels

extension ModelShape {
    /// Bytes of keys and values of a conversation, as the engine's blocks hold them.
    ///
    /// - Parameter predicts: whether a layer for multi-token prediction has its own.
    public func cacheBytes(positions: Int, format: KVCacheShape.Format, predicts: Bool) -> Int {
        let blocks = (positions + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
        if let shape = cacheShape(blocks: blocks, format: format, predicts: predicts) {
            return blocks * shape.bytesPerBlock
        }
        return cacheRead(length: blocks * KVCacheShape.blockSize, format: format)
    }

    /// Bytes that the attention of a row at that length reads from its cache: all of it, but where positions are chosen
    /// (V3.2, V4) those, and the indexer's keys.
    func attentionRead(length: Int, format: KVCacheShape.Format) -> Int {
        switch attention {
        case .grouped: cacheRead(length: length, format: format)
        case .latent(let latent):
            layers
                * (min(length, latent.indexer?.chosen ?? length) * rowBytes(latent.rank + latent.rope, format)
                    + (latent.indexer.map { length * rowBytes($0.width, format) } ?? 0))
        case .compressed(let c):
            c.ratios.reduce(0) { sum, ratio in
                sum + seen(by: c, ratio, length) * rowBytes(c.headWidth, format)
                    + (ratio == 4 ? length / ratio * rowBytes(c.indexer.width, format) : 0)
            }
        }
    }

    /// Multiplications and additions of a row's attention over `length` positions: for each head and position a score
    /// and a part of the sum.
    func attentionOperations(length: Int) -> Double {
        switch attention {
        case .grouped(let heads, _, let width, _, _): Double(layers) * Double(4 * heads * width) * Double(length)
        case .latent(let c):
            // Absorbed, as `DeepSeekModel` computes it: heads see the latent itself.
            Double(layers)
                * (Double(2 * c.heads * (2 * c.rank + c.rope)) * Double(min(length, c.indexer?.chosen ?? length))
                    + (c.indexer.map { Double(2 * $0.heads * $0.width) * Double(length) } ?? 0))
        case .compressed(let c):
            c.ratios.reduce(0) { sum, ratio in
                sum + Double(4 * c.heads * c.headWidth) * Double(seen(by: c, ratio, length))
                    + (ratio == 4 ? Double(2 * c.indexer.heads * c.indexer.width) * Double(length / ratio) : 0)
            }
        }
    }

    private func cacheRead(length: Int, format: KVCacheShape.Format) -> Int {
        switch attention {
        case .grouped(_, let heads, let width, _, _): 2 * layers * heads * length * rowBytes(width, format)
        case .latent(let c):
            layers * length * (rowBytes(c.rank + c.rope, format) + (c.indexer.map { rowBytes($0.width, format) } ?? 0))
        case .compressed(let c):
            c.ratios.reduce(0) { sum, ratio in
                let groups = ratio > 0 ? length / ratio : 0
                return sum + (min(length, c.window) + groups) * rowBytes(c.headWidth, format)
                    + (ratio == 4 ? groups * rowBytes(c.indexer.width, format) : 0)
            }
        }
    }

    /// Positions and groups that a layer of V4 attends to.
    private func seen(by c: Compressed, _ ratio: Int, _ length: Int) -> Int {
        let groups = ratio > 0 ? length / ratio : 0
        return min(length, c.window) + (ratio == 4 ? min(groups, c.indexer.chosen) : groups)
    }

    /// Bytes of one stored row, as the engine's cache has it.
    private func rowBytes(_ width: Int, _ format: KVCacheShape.Format) -> Int {
        KVCacheShape(layers: 1, keyValueHeads: 1, keyWidth: width, valueWidth: 0, blocks: 1, format: format)
            .bytesPerBlock / KVCacheShape.blockSize
    }
}
