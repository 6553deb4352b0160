/// Finds the tokens that a node allows by walking the vocabulary's tree and the automaton together.
struct MaskSearch {
    /// How many readings one search may come across in nodes that have more than a few. Only grammars that can be read in
    /// hundreds of ways have so many; longer tokens are then left out. Counted along the walk, whether a node is new or
    /// not: the mask must not depend on what was found before.
    static let readingsMax = 1 << 15
    static let readingsFew = 8

    let vocabulary: Vocabulary
    let plain: PlainText

    init(_ vocabulary: Vocabulary, _ network: Network) {
        self.vocabulary = vocabulary
        plain = PlainText(network)
    }

    func mask(of node: Int32, in arena: inout Arena) -> TokenMask {
        let run = plain.run(from: node, in: &arena, charactersMax: Vocabulary.plainCharactersMax)
        guard run.certain > 0 else {
            var found: [Int32] = []
            walk(vocabulary.all, from: node, in: &arena) { found.append($0) }
            if found.count <= TokenMask.fewMax(vocabulary.count) {
                return TokenMask(vocabulary: vocabulary.count, few: found)
            }
            var bits = [UInt64](repeating: 0, count: (vocabulary.count + 63) / 64)
            for token in found { bits[Int(token) / 64] |= 1 << UInt64(token % 64) }
            return TokenMask(vocabulary: vocabulary.count, bits: bits)
        }
        var bits = vocabulary.plain[run.certain]
        let rest = run.possible == run.certain ? vocabulary.others : vocabulary.all
        walk(rest, from: node, in: &arena) { bits[Int($0) / 64] |= 1 << UInt64($0 % 64) }
        return TokenMask(vocabulary: vocabulary.count, bits: bits)
    }

    @inline(__always)
    private func walk(
        _ trie: TokenTrie, from node: Int32, in arena: inout Arena, _ found: (Int32) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: trie.depthMax + 1) { path in
            path.initialize(repeating: Arena.dead)
            path[0] = node
            trie.nodes.withUnsafeBufferPointer { nodes in
                let classOf = arena.network.classOf
                classOf.withUnsafeBufferPointer { classOf in
                    var index = 0
                    var readings = 0
                    while index < nodes.count {
                        let here = nodes[index]
                        let next = arena.advance(path[Int(here.depth)], class: Int(classOf[Int(here.byte)]))
                        guard next != Arena.dead else {
                            index = Int(here.skip)
                            continue
                        }
                        path[Int(here.depth) + 1] = next
                        var token = here.token
                        while token >= 0 {
                            found(token)
                            token = trie.twins.isEmpty ? -1 : trie.twins[token] ?? -1
                        }
                        if arena.readingsLargest > MaskSearch.readingsFew {
                            let count = arena.readingCount(next)
                            if count > MaskSearch.readingsFew { readings += count }
                        }
                        // A first byte is never left out: something is there to go on with.
                        index = readings > MaskSearch.readingsMax ? Int(here.skip) : index + 1
                    }
                }
            }
        }
    }
}

/// How far plain text leads on from a node, whatever it says: what allows most of a vocabulary at once inside a string.
struct PlainText: Sendable {
    /// Classes of the bytes of one-byte characters.
    private let ascii: [Int]
    /// Of longer characters, each as the classes of its bytes.
    private let longer: [[[Int]]]

    init(_ network: Network) {
        func classes(_ ranges: ClosedRange<UInt8>...) -> [Int] {
            Set(ranges.flatMap { $0.map { Int(network.classOf[Int($0)]) } }).sorted()
        }
        ascii = classes(0x20...0x21, 0x23...0x5B, 0x5D...0x7F)
        let tail = classes(0x80...0xBF)
        longer = [
            [classes(0xC2...0xDF), tail],
            [classes(0xE0...0xE0), classes(0xA0...0xBF), tail],
            [classes(0xE1...0xEC, 0xEE...0xEF), tail, tail],
            [classes(0xED...0xED), classes(0x80...0x9F), tail],
            [classes(0xF0...0xF0), classes(0x90...0xBF), tail, tail],
            [classes(0xF1...0xF3), tail, tail, tail],
            [classes(0xF4...0xF4), classes(0x80...0x8F), tail, tail],
        ]
    }

    /// - certain: any plain text of so many characters leads on.
    /// - possible: no plain text of more characters does; `charactersMax` where that is not known.
    func run(from node: Int32, in arena: inout Arena, charactersMax: Int) -> (certain: Int, possible: Int) {
        if arena.allowsPlainText(node) { return (charactersMax, charactersMax) }
        if let known = arena.plainCharactersLeft(node, charactersMax: charactersMax) { return known }
        var front: Set<Int32> = [node]
        var certain = 0
        var isCertain = true
        for characters in 0..<charactersMax {
            var next: Set<Int32> = []
            for node in front {
                if !step(from: node, in: &arena, to: &next) { isCertain = false }
                // Not before there is something to gain.
                if characters == 0, !isCertain { return (0, charactersMax) }
            }
            if next.isEmpty { return (certain, characters) }
            if isCertain { certain = characters + 1 }
            if next == front { return (isCertain ? charactersMax : certain, charactersMax) }
            if next.count > 64 { return (certain, charactersMax) }
            front = next
        }
        return (certain, charactersMax)
    }

    /// Adds where each character leads; returns whether all lead somewhere.
    private func step(from node: Int32, in arena: inout Arena, to next: inout Set<Int32>) -> Bool {
        var all = true
        for byteClass in ascii {
            let target = arena.advance(node, class: byteClass)
            if target == Arena.dead { all = false } else { next.insert(target) }
        }
        for sequence in longer {
            var open: Set<Int32> = [node]
            for classes in sequence {
                var reached: Set<Int32> = []
                for node in open {
                    for byteClass in classes {
                        let target = arena.advance(node, class: byteClass)
                        if target == Arena.dead { all = false } else { reached.insert(target) }
                    }
                }
                open = reached
            }
            next.formUnion(open)
        }
        return all
    }
}
