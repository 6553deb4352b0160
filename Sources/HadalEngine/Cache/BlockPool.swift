import HadalCompute

/// The blocks of the cache. Each is free, used by requests, or kept: in the prefix tree, used by nobody, and given away
/// when no block is free, the least recently used first.
///
/// Requests that use a block in the tree use the blocks before it too, and give them back last one first. So a block never
/// stands after its parents in the order of recency, and the first of that order is always a leaf.
package struct BlockPool {
    package let total: Int
    private var freeBlocks: [Int32]
    /// Requests that use each block.
    private var users: [Int32]
    private var tree: PrefixTree
    private var unused: RecencyList
    /// Kept blocks that were given away.
    package private(set) var evictions = 0
    /// Told of each kept block, and its digest, before it is given away.
    package var willEvict: ((Int32, PrefixDigest) -> Void)?

    /// - Parameter naming: where digests are wanted.
    package init(total: Int, naming: PrefixNaming? = nil) {
        self.total = total
        freeBlocks = (0..<Int32(total)).reversed()
        users = Array(repeating: 0, count: total)
        tree = PrefixTree(limit: total, naming: naming)
        unused = RecencyList(limit: total)
    }

    package static func blocks(forPositions positions: Int) -> Int {
        (positions + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
    }

    package var free: Int { freeBlocks.count }
    /// In the tree and used by nobody.
    package var kept: Int { unused.count }
    /// What `allocate` can give.
    package var available: Int { free + kept }
    package var used: Int { total - available }

    // MARK: blocks of one request

    /// Blocks for one user, not in the tree; nil where fewer are available.
    package mutating func allocate(_ count: Int) -> [Int32]? {
        guard count <= available else { return nil }
        while free < count { evict() }
        let blocks = Array(freeBlocks.suffix(count).reversed())
        freeBlocks.removeLast(count)
        for block in blocks { users[Int(block)] = 1 }
        return blocks
    }

    private mutating func evict() {
        guard let block = unused.first else { preconditionFailure("nothing is kept") }
        if let digest = tree.digest(of: .block(block)) { willEvict?(block, digest) }
        unused.remove(block)
        tree.remove(block)
        freeBlocks.append(block)
        evictions += 1
    }

    /// Gives back what a request used.
    /// - Parameter blocks: in the order of the text.
    package mutating func release(_ blocks: some BidirectionalCollection<Int32>) {
        for block in blocks.reversed() {
            precondition(users[Int(block)] > 0)
            users[Int(block)] -= 1
            guard users[Int(block)] == 0 else { continue }
            if tree.contains(block) { unused.append(block) } else { freeBlocks.append(block) }
        }
    }

    // MARK: the tree

    /// The block that holds these tokens after `parent`, with one more user; nil where there is none.
    package mutating func share(after parent: PrefixTree.Parent, _ tokens: PrefixTree.Tokens) -> Int32? {
        guard let block = tree.child(of: parent, tokens) else { return nil }
        if users[Int(block)] == 0 { unused.remove(block) }
        users[Int(block)] += 1
        return block
    }

    /// Puts a block in the tree.
    /// - Precondition: the caller uses it and the parent, and there is no such block yet.
    package mutating func keep(_ block: Int32, after parent: PrefixTree.Parent, _ tokens: PrefixTree.Tokens) {
        precondition(users[Int(block)] > 0)
        if case .block(let parent) = parent { precondition(users[Int(parent)] > 0) }
        tree.insert(block, under: parent, tokens)
    }

    /// The name of the block that would hold these tokens after `parent`; nil where digests are not wanted.
    package func digest(after parent: PrefixTree.Parent, _ tokens: PrefixTree.Tokens) -> PrefixDigest? {
        tree.digest(after: parent, tokens)
    }

    /// Kept blocks with their digests, the least recently used first.
    package var keptDigests: [(block: Int32, digest: PrefixDigest)] {
        unused.elements.compactMap { block in tree.digest(of: .block(block)).map { (block, $0) } }
    }
}
