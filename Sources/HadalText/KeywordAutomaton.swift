/// The states of a `KeywordMatcher`: a trie of the keywords in a double array (Aoe, IEEE TSE 15:9, 1989), 16 bytes a
/// state, with the state to fall back to where no keyword goes on. The first states, where texts mostly are, have a row
/// of all their transitions besides.
///
/// A state is the number of its row, or `rowCount` and the number of its cell.
struct KeywordAutomaton: Sendable {
    /// The child for a byte is in the cell `base ^ byte`, if that one's `parent` is this cell.
    struct Cell: Sendable {
        var base: UInt32 = 0
        var parent = Cell.free
        /// The cell of the longest proper suffix of what was read that is in the trie; in `cells` its state.
        var fallback: UInt32 = 0
        /// The first of the outputs here; 0 for none.
        var output: UInt32 = 0

        static let free = UInt32.max
        static let root = UInt32.max - 1
    }

    /// A keyword that ends in a state.
    struct Output: Sendable {
        let keyword: Int
        /// The next one that ends there; 0 for none.
        let next: UInt32
    }

    /// A row is a kilobyte.
    private static let rowLimit = 512

    private(set) var cells: [Cell]
    /// The first is never used.
    private(set) var outputs: [Output] = [Output(keyword: -1, next: 0)]
    private(set) var rowCount: UInt32 = 0
    /// The state after each byte of a text, in either case. The state of the empty text is 0.
    private(set) var rows: [UInt32] = []
    private(set) var rowOutputs: [UInt32] = []
    private var depths: [UInt32]
    private var rowDepths: [UInt32] = []

    /// A node of the trie; its children are placed when its turn comes.
    private struct Node {
        let cell: UInt32
        /// Of the sorted keys, those that begin with what leads here.
        let keys: Range<Int>
        let depth: Int
    }

    /// - Parameter keywords: in their order; those without bytes are left out.
    init(_ keywords: [[UInt8]]) {
        let order = keywords.indices.filter { !keywords[$0].isEmpty }
            .sorted { keywords[$0] == keywords[$1] ? $0 < $1 : keywords[$0].lexicographicallyPrecedes(keywords[$1]) }
        var places = DoubleArray()
        var nodes = [Node(cell: 0, keys: 0..<order.count, depth: 0)]
        var next = 0
        cells = []
        depths = []
        // By breadth: what a state falls back to is shorter, so that its children and outputs are there already.
        while next < nodes.count {
            let node = nodes[next]
            next += 1
            var groups: [(byte: UInt8, keys: Range<Int>)] = []
            var own: [Int] = []
            for place in node.keys {
                let key = keywords[order[place]]
                if key.count == node.depth {
                    own.append(order[place])
                } else if groups.last?.byte == key[node.depth] {
                    groups[groups.count - 1].keys = groups[groups.count - 1].keys.lowerBound..<place + 1
                } else {
                    groups.append((key[node.depth], place..<place + 1))
                }
            }
            let inherited = places.cells[Int(places.cells[Int(node.cell)].fallback)].output
            places.cells[Int(node.cell)].output = chain(own, to: inherited)
            guard !groups.isEmpty else { continue }
            places.place(groups.map(\.byte), below: node.cell)
            for group in groups {
                let child = places.cells[Int(node.cell)].base ^ UInt32(group.byte)
                if node.depth > 0 { places.cells[Int(child)].fallback = places.fallback(of: node.cell, group.byte) }
                nodes.append(Node(cell: child, keys: group.keys, depth: node.depth + 1))
            }
        }
        cells = places.cells
        depths = Array(repeating: 0, count: cells.count)
        for node in nodes { depths[Int(node.cell)] = UInt32(node.depth) }
        makeRows(for: nodes.prefix(Self.rowLimit).map(\.cell))
    }

    /// - Parameter first: cells; what one falls back to stands before it.
    private mutating func makeRows(for first: [UInt32]) {
        rowCount = UInt32(first.count)
        var row: [UInt32: UInt32] = [:]
        for (index, cell) in first.enumerated() { row[cell] = UInt32(index) }
        func state(of cell: UInt32) -> UInt32 { row[cell] ?? cell + rowCount }
        for cell in first {
            let shorter = Int(row[cells[Int(cell)].fallback] ?? 0) << 8
            for byte in UInt32(0)..<256 {
                let child = cells[Int(cell)].base ^ KeywordMatcher.folded(byte)
                if cells[Int(child)].parent == cell {
                    rows.append(state(of: child))
                } else {
                    rows.append(cell == 0 ? 0 : rows[shorter | Int(byte)])
                }
            }
        }
        rowOutputs = first.map { cells[Int($0)].output }
        rowDepths = first.map { depths[Int($0)] }
        for cell in cells.indices { cells[cell].fallback = state(of: cells[cell].fallback) }
    }

    /// Outputs for `keywords` before those that `next` begins.
    private mutating func chain(_ keywords: [Int], to next: UInt32) -> UInt32 {
        var first = next
        for keyword in keywords.reversed() {
            outputs.append(Output(keyword: keyword, next: first))
            first = UInt32(outputs.count - 1)
        }
        return first
    }

    func depth(of state: UInt32) -> Int {
        Int(state < rowCount ? rowDepths[Int(state)] : depths[Int(state - rowCount)])
    }

    var memorySize: Int {
        cells.count * (MemoryLayout<Cell>.stride + MemoryLayout<UInt32>.stride)
            + outputs.count * MemoryLayout<Output>.stride + rows.count * MemoryLayout<UInt32>.stride
    }
}

extension KeywordAutomaton {
    /// Cells with a list of those that are free.
    private struct DoubleArray {
        /// So many blocks are searched for a place; older ones are as full as they get.
        private static let openBlocks = 32

        var cells: [Cell] = []
        private var nextFree: [Int] = []
        private var previousFree: [Int] = []
        private var firstFree = -1
        private var lastFree = -1

        init() {
            addBlock()
            take(0, for: Cell.root)
        }

        /// Gives each of the bytes, ascending, a cell below `parent`.
        mutating func place(_ bytes: [UInt8], below parent: UInt32) {
            let base = freeBase(for: bytes)
            cells[Int(parent)].base = UInt32(base)
            for byte in bytes { take(base ^ Int(byte), for: parent) }
        }

        /// What the child of `cell` for `byte` falls back to.
        func fallback(of cell: UInt32, _ byte: UInt8) -> UInt32 {
            var shorter = cell
            repeat {
                shorter = cells[Int(shorter)].fallback
                let child = cells[Int(shorter)].base ^ UInt32(byte)
                if cells[Int(child)].parent == shorter { return child }
            } while shorter != 0
            return 0
        }

        private mutating func freeBase(for bytes: [UInt8]) -> Int {
            var candidate = firstFree
            while candidate >= 0 {
                let base = candidate ^ Int(bytes[0])
                if bytes.allSatisfy({ cells[base ^ Int($0)].parent == Cell.free }) { return base }
                candidate = nextFree[candidate]
            }
            let block = cells.count
            addBlock()
            return block
        }

        private mutating func addBlock() {
            let block = cells.count
            cells += Array(repeating: Cell(), count: 256)
            nextFree += Array(repeating: -1, count: 256)
            previousFree += Array(repeating: -1, count: 256)
            for cell in block..<block + 256 {
                previousFree[cell] = lastFree
                if lastFree >= 0 { nextFree[lastFree] = cell } else { firstFree = cell }
                lastFree = cell
            }
            while firstFree >= 0, firstFree < block - Self.openBlocks * 256 { unlink(firstFree) }
        }

        private mutating func take(_ cell: Int, for parent: UInt32) {
            cells[cell].parent = parent
            unlink(cell)
        }

        private mutating func unlink(_ cell: Int) {
            let (next, previous) = (nextFree[cell], previousFree[cell])
            if previous >= 0 { nextFree[previous] = next } else { firstFree = next }
            if next >= 0 { previousFree[next] = previous } else { lastFree = previous }
        }
    }
}
