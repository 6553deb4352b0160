/// Finds cache blocks by the text up to them: a radix tree whose edges are whole blocks of tokens, one tree for each salt.
///
/// A block stands for its own tokens after all those of its parents, since keys and values depend on everything before.
package struct PrefixTree {
    package typealias Tokens = SIMD32<Int32>

    /// What comes before a block.
    package enum Parent: Hashable, Sendable {
        case start(salt: String)
        case block(Int32)
    }

    private struct Edge: Hashable {
        /// A block, or the negative number of a salt.
        let parent: Int
        let tokens: Tokens
    }

    private struct Salt {
        let number: Int
        var children = 0
        let digest: PrefixDigest?
    }

    private var blocks: [Edge: Int32] = [:]
    /// Of each block; nil where it is not in the tree.
    private var edges: [Edge?]
    private var childCounts: [Int32]
    private var salts: [String: Salt] = [:]
    private var saltNames: [Int: String] = [:]
    private var lastSalt = 0
    /// Nil where nobody asks for digests.
    private let naming: PrefixNaming?
    private var digests: [PrefixDigest?]

    /// - Parameters:
    ///   - limit: blocks have numbers below it.
    ///   - naming: where digests are wanted.
    package init(limit: Int, naming: PrefixNaming? = nil) {
        edges = Array(repeating: nil, count: limit)
        childCounts = Array(repeating: 0, count: limit)
        self.naming = naming
        digests = naming == nil ? [] : Array(repeating: nil, count: limit)
    }

    package var count: Int { blocks.count }
    package func contains(_ block: Int32) -> Bool { edges[Int(block)] != nil }
    package func isLeaf(_ block: Int32) -> Bool { childCounts[Int(block)] == 0 }

    /// The block with these tokens after `parent`.
    package func child(of parent: Parent, _ tokens: Tokens) -> Int32? {
        guard let number = number(of: parent) else { return nil }
        return blocks[Edge(parent: number, tokens: tokens)]
    }

    /// - Precondition: neither the block nor its place is taken, and the parent is in the tree.
    package mutating func insert(_ block: Int32, under parent: Parent, _ tokens: Tokens) {
        precondition(edges[Int(block)] == nil && childCounts[Int(block)] == 0)
        let number: Int
        switch parent {
        case .block(let parent):
            precondition(contains(parent))
            childCounts[Int(parent)] += 1
            number = Int(parent)
        case .start(let salt): number = addChild(ofSalt: salt)
        }
        let edge = Edge(parent: number, tokens: tokens)
        if naming != nil { digests[Int(block)] = digest(after: parent, tokens) }
        let old = blocks.updateValue(block, forKey: edge)
        precondition(old == nil)
        edges[Int(block)] = edge
    }

    /// - Precondition: the block is a leaf of the tree.
    package mutating func remove(_ block: Int32) {
        guard let edge = edges[Int(block)], isLeaf(block) else { preconditionFailure("no leaf") }
        blocks[edge] = nil
        edges[Int(block)] = nil
        if edge.parent >= 0 {
            childCounts[edge.parent] -= 1
        } else {
            removeChild(ofSalt: edge.parent)
        }
    }

    /// Nil where digests are not wanted.
    package func digest(of parent: Parent) -> PrefixDigest? {
        guard let naming else { return nil }
        switch parent {
        case .block(let block): return digests[Int(block)]
        case .start(let salt): return salts[salt]?.digest ?? naming.start(salt: salt)
        }
    }

    /// Of the block that would hold these tokens after `parent`; nil where digests are not wanted.
    package func digest(after parent: Parent, _ tokens: Tokens) -> PrefixDigest? {
        guard let naming, let digest = digest(of: parent) else { return nil }
        return naming.name(after: digest, tokens)
    }

    private func number(of parent: Parent) -> Int? {
        switch parent {
        case .block(let block): Int(block)
        case .start(let salt): salts[salt]?.number
        }
    }

    private mutating func addChild(ofSalt name: String) -> Int {
        if salts[name] == nil {
            lastSalt -= 1
            salts[name] = Salt(number: lastSalt, digest: digest(of: .start(salt: name)))
            saltNames[lastSalt] = name
        }
        salts[name]!.children += 1
        return salts[name]!.number
    }

    /// A salt without blocks leaves nothing behind.
    private mutating func removeChild(ofSalt number: Int) {
        guard let name = saltNames[number] else { preconditionFailure("no such salt") }
        salts[name]!.children -= 1
        guard salts[name]!.children == 0 else { return }
        salts[name] = nil
        saltNames[number] = nil
    }
}
