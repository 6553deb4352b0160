/// Tokens' bytes as a tree, in the order of a depth-first walk, so that a walk reads memory from front to back.
struct TokenTrie: Sendable {
    struct Node: Sendable {
        var byte: UInt8
        /// Bytes before this one.
        var depth: UInt16
        /// The node after all those below this one.
        var skip: Int32
        /// The first token that ends here; −1: none.
        var token: Int32
    }

    private(set) var nodes: [Node] = []
    /// The token after each that has the same bytes; −1: none. Indexed by token.
    private(set) var twins: [Int32: Int32] = [:]
    private(set) var depthMax = 0

    /// - Parameter tokens: sorted by their bytes.
    init(_ tokens: [Int32], bytes: (Int32) -> ArraySlice<UInt8>) {
        nodes.reserveCapacity(tokens.count * 2)
        /// Nodes from the root to the last one.
        var path: [Int32] = []
        var previous: ArraySlice<UInt8> = []
        for token in tokens {
            let text = bytes(token)
            guard !text.isEmpty else { continue }
            var common = 0
            for (left, right) in zip(previous, text) {
                guard left == right else { break }
                common += 1
            }
            while path.count > common { nodes[Int(path.removeLast())].skip = Int32(nodes.count) }
            for (depth, byte) in text.enumerated().dropFirst(common) {
                path.append(Int32(nodes.count))
                nodes.append(Node(byte: byte, depth: UInt16(depth), skip: 0, token: -1))
            }
            let last = Int(path[path.count - 1])
            if nodes[last].token >= 0 { twins[token] = nodes[last].token }
            nodes[last].token = token
            depthMax = max(depthMax, text.count)
            previous = text
        }
        while let node = path.popLast() { nodes[Int(node)].skip = Int32(nodes.count) }
    }
}
