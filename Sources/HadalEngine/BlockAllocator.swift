import HadalCompute

/// Which cache blocks are free.
struct BlockAllocator {
    private var freeBlocks: [Int32]
    let total: Int

    init(total: Int) {
        self.total = total
        freeBlocks = (0..<Int32(total)).reversed()
    }

    var free: Int { freeBlocks.count }

    /// Nil where fewer are free.
    mutating func allocate(_ count: Int) -> [Int32]? {
        guard count <= freeBlocks.count else { return nil }
        defer { freeBlocks.removeLast(count) }
        return freeBlocks.suffix(count).reversed()
    }

    mutating func release(_ blocks: [Int32]) { freeBlocks += blocks }

    static func blocks(forPositions positions: Int) -> Int {
        (positions + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
    }
}
