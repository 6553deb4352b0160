/// All ways of reading a text so far, made deterministic as they are met.
///
/// A *reading* is a state of the network and a stack of frames, the rules it is inside of. Frames are shared: each exists
/// once and knows its parent. A *node* is a set of readings; equal sets are one node, and where a byte leads from a node
/// is found once. So what a model writes again and again (the characters of a string, the next object of an array) costs
/// one look into a table, as if the grammar were a finite automaton.
///
/// Readings that would nest deeper than `depthMax` are left out, as are those beyond `readingsMax`. Each one that stays
/// can reach an end within the bound (`Network.height`), so what is left out makes the language smaller, but never leads
/// to where nothing may follow.
struct Arena: Sendable {
    /// No readings: the text does not match.
    static let dead: Int32 = -1
    private static let unknown: Int32 = -2
    /// The bottom of every stack.
    private static let bottom: Int32 = -1
    static let readingsMax = 512
    /// Steps without a byte on the way to one node.
    fileprivate static let visitsMax = 1 << 13

    struct Frame: Hashable, Sendable {
        /// The caller goes on here.
        var after: Int32
        var rule: Int32
        /// Runs of a counted rule that are done.
        var count: Int32
        var parent: Int32
    }

    let network: Network
    let depthMax: Int32

    private(set) var frames: [Frame] = []
    private var depths: [Int32] = []
    /// Of what a frame is, whatever its number: which readings are left out must not depend on what was read before.
    private var prints: [UInt64] = []
    /// Whether a frame or one below it counts.
    private var isCounting: [Bool] = []
    private var frameOf: [Frame: Int32] = [:]

    /// Of each node, in `readings`: from its entry up to the next one's.
    private var firstReading: [Int32] = [0]
    /// State in the upper half, frame in the lower.
    private var readings: [UInt64] = []
    private var mayEnd: [Bool] = []
    private var next: [Int32] = []
    private var nodeOf: [[UInt64]: Int32] = [:]
    /// The node of the empty text.
    private(set) var start = Arena.dead

    private var closure = Closure()
    /// Whether there ever were more readings than are kept.
    private(set) var hasLeftOut = false
    /// The most readings a node ever had.
    private(set) var readingsLargest = 0

    init(_ network: Network, depthMax: Int) {
        self.network = network
        self.depthMax = Int32(clamping: depthMax)
        closure.removeAll()
        close(over: network.rules[Int(network.root)].start, Arena.bottom)
        start = node()
    }

    var nodeCount: Int { mayEnd.count }

    /// Of this arena, about.
    var bytes: Int { nodeCount * (network.classCount * 4 + 120) + readings.count * 16 + frames.count * 60 }

    func mayEnd(_ node: Int32) -> Bool { mayEnd[Int(node)] }

    func readingCount(_ node: Int32) -> Int { Int(firstReading[Int(node) + 1] - firstReading[Int(node)]) }

    /// Whether any plain text leads on, as far as the network tells.
    func allowsPlainText(_ node: Int32) -> Bool {
        (firstReading[Int(node)]..<firstReading[Int(node) + 1]).contains {
            network.allowsPlainText[Int(readings[Int($0)] >> 32)]
        }
    }

    /// How many plain characters may follow, where the node stands between the characters of a string with a bound.
    /// - Returns: as `PlainText.run`; nil for other nodes.
    func plainCharactersLeft(_ node: Int32, charactersMax: Int) -> (certain: Int, possible: Int)? {
        var left: Int?
        var isOnlyOne = true
        for index in firstReading[Int(node)]..<firstReading[Int(node) + 1] {
            let state = Int32(truncatingIfNeeded: readings[Int(index)] >> 32)
            let frame = Int32(truncatingIfNeeded: readings[Int(index)]) - 1
            if left == nil, frame != Arena.bottom, network.isPlainCharacter[Int(frames[Int(frame)].rule)],
                network.rules[Int(frames[Int(frame)].rule)].start == state
            {
                left = Int(network.rules[Int(frames[Int(frame)].rule)].max - frames[Int(frame)].count)
            } else if network.readsPlainText(state) {
                isOnlyOne = false
            }
        }
        guard let left else { return nil }
        let certain = min(left, charactersMax)
        return (certain, isOnlyOne ? certain : charactersMax)
    }

    // MARK: reading

    /// Where a byte leads.
    mutating func advance(_ node: Int32, _ byte: UInt8) -> Int32 {
        advance(node, class: Int(network.classOf[Int(byte)]))
    }

    @inline(__always)
    mutating func advance(_ node: Int32, class byteClass: Int) -> Int32 {
        let known = next[Int(node) &* network.classCount &+ byteClass]
        return known != Arena.unknown ? known : find(node, byteClass)
    }

    private mutating func find(_ node: Int32, _ byteClass: Int) -> Int32 {
        let found = step(from: node, byteClass, readingsMax: Arena.readingsMax)
        next[Int(node) * network.classCount + byteClass] = found
        return found
    }

    /// Where a text leads with all readings that a mask may have seen. A mask is found from a node's representative, which
    /// can have fewer readings; what it allows must not fail because there are more of them here.
    mutating func advanceExactly(_ node: Int32, _ bytes: some Collection<UInt8>) -> Int32 {
        var node = node
        for (index, byte) in bytes.enumerated() where node != Arena.dead {
            let isLast = index == bytes.count - 1
            node = step(
                from: node, Int(network.classOf[Int(byte)]), readingsMax: isLast ? Arena.readingsMax : Arena.visitsMax)
        }
        return node
    }

    private mutating func step(from node: Int32, _ byteClass: Int, readingsMax: Int) -> Int32 {
        let byte = network.byteOf[byteClass]
        closure.removeAll()
        for index in firstReading[Int(node)]..<firstReading[Int(node) + 1] {
            let reading = readings[Int(index)]
            let state = Int32(truncatingIfNeeded: reading >> 32)
            let frame = Int32(truncatingIfNeeded: reading) - 1
            for edge in network.edges(of: state) where edge.low <= byte && byte <= edge.high {
                close(over: edge.target, frame)
            }
        }
        return self.node(readingsMax: readingsMax)
    }

    /// Adds a reading and all that it leads to without a byte.
    private mutating func close(over state: Int32, _ frame: Int32) {
        var open: [(state: Int32, frame: Int32)] = [(state, frame)]
        while let (state, frame) = open.popLast() {
            guard network.height[Int(state)] + depth(frame) <= depthMax, closure.visit(state, frame) else { continue }
            if !network.edges(of: state).isEmpty { closure.keep(state, frame) }
            if network.accepts[Int(state)] { leave(frame, &open) }
            for target in network.jumps(of: state) { open.append((target, frame)) }
            for call in network.calls(of: state) where network.height[Int(call.after)] + depth(frame) <= depthMax {
                let rule = network.rules[Int(call.rule)]
                if rule.min == 0 { open.append((call.after, frame)) }
                if !rule.isCounted, network.isEnd(call.after) {
                    // Whoever calls last need not come back: lists written as recursion do not nest.
                    open.append((rule.start, frame))
                } else if rule.max > 0 {
                    let inner = self.frame(Frame(after: call.after, rule: call.rule, count: 0, parent: frame))
                    open.append((rule.start, inner))
                }
            }
        }
    }

    /// The rule of the frame has been run once.
    private mutating func leave(_ frame: Int32, _ open: inout [(state: Int32, frame: Int32)]) {
        guard frame != Arena.bottom else {
            closure.mayEnd = true
            return
        }
        var top = frames[Int(frame)]
        let rule = network.rules[Int(top.rule)]
        let count = top.count + 1
        if count >= rule.min { open.append((top.after, top.parent)) }
        guard count < rule.max else { return }
        // Beyond the least number of an unlimited rule the count says nothing more.
        top.count = rule.max == Network.Rule.unlimited ? min(count, rule.min) : count
        open.append((rule.start, self.frame(top)))
    }

    private func depth(_ frame: Int32) -> Int32 { frame == Arena.bottom ? 0 : depths[Int(frame)] }

    private mutating func frame(_ frame: Frame) -> Int32 {
        if let known = frameOf[frame] { return known }
        let id = Int32(frames.count)
        frames.append(frame)
        depths.append(depth(frame.parent) + 1)
        var print = frame.parent == Arena.bottom ? 0xCBF2_9CE4_8422_2325 : prints[Int(frame.parent)]
        // FNV-1a, a word at a time.
        for part in [frame.after, frame.rule, frame.count] {
            print = (print ^ UInt64(UInt32(bitPattern: part))) &* 0x100_0000_01B3
            print ^= print >> 29
        }
        prints.append(print)
        isCounting.append(network.rules[Int(frame.rule)].isCounted || counts(frame.parent))
        frameOf[frame] = id
        return id
    }

    private func counts(_ frame: Int32) -> Bool { frame != Arena.bottom && isCounting[Int(frame)] }

    /// The node of what the closure holds.
    private mutating func node(readingsMax: Int = Arena.readingsMax) -> Int32 {
        if closure.readings.count > readingsMax {
            let ranked = closure.readings.map { reading in
                let frame = Int32(truncatingIfNeeded: reading) - 1
                return (reading >> 32, frame == Arena.bottom ? 0 : prints[Int(frame)], reading)
            }
            closure.readings = ranked.sorted { $0 < $1 }.prefix(readingsMax).map(\.2)
            hasLeftOut = true
        }
        closure.readings.sort()
        guard !closure.readings.isEmpty || closure.mayEnd else { return Arena.dead }
        var key = closure.readings
        key.append(closure.mayEnd ? 1 : 0)
        if let known = nodeOf[key] { return known }
        let id = Int32(nodeCount)
        nodeOf[key] = id
        readings += closure.readings
        readingsLargest = max(readingsLargest, closure.readings.count)
        firstReading.append(Int32(readings.count))
        mayEnd.append(closure.mayEnd)
        next += repeatElement(Arena.unknown, count: network.classCount)
        return id
    }

    // MARK: from one arena to another, and without counts that cannot matter

    /// The node of this arena with the readings that `node` has in another one of the same network.
    mutating func adopt(_ node: Int32, of other: Arena) -> Int32 {
        var known: [Int32: Int32] = [:]
        return copy(other.readings(of: node), mayEnd: other.mayEnd(node)) { arena, frame in
            arena.adopt(frame: frame, of: other, &known)
        }
    }

    private mutating func adopt(frame: Int32, of other: Arena, _ known: inout [Int32: Int32]) -> Int32 {
        guard frame != Arena.bottom else { return frame }
        if let done = known[frame] { return done }
        var copy = other.frames[Int(frame)]
        copy.parent = adopt(frame: copy.parent, of: other, &known)
        known[frame] = self.frame(copy)
        return known[frame]!
    }

    /// A node that every text of at most `bytes` bytes leads on from as it does from `node`: counts that are further from
    /// their bounds are all one. What has been found out of one such node holds for all that share it.
    mutating func representative(of node: Int32, forTextsOf bytes: Int) -> Int32 {
        let own = readings(of: node)
        guard own.contains(where: { counts(Int32(truncatingIfNeeded: $0) - 1) }) else { return node }
        var known: [Int32: Int32] = [:]
        return copy(own, mayEnd: mayEnd(node)) { arena, frame in
            arena.representative(frame: frame, Int32(clamping: bytes), &known)
        }
    }

    private mutating func representative(frame: Int32, _ bytes: Int32, _ known: inout [Int32: Int32]) -> Int32 {
        guard counts(frame) else { return frame }
        if let done = known[frame] { return done }
        var copy = frames[Int(frame)]
        copy.parent = representative(frame: copy.parent, bytes, &known)
        let rule = network.rules[Int(copy.rule)]
        if rule.isCounted {
            // Each run takes a byte at least.
            if copy.count < rule.min - bytes {
                copy.count = 0
            } else if copy.count >= rule.min, rule.max != Network.Rule.unlimited, copy.count < rule.max - bytes {
                copy.count = rule.min
            }
        }
        known[frame] = self.frame(copy)
        return known[frame]!
    }

    private func readings(of node: Int32) -> [UInt64] {
        Array(readings[Int(firstReading[Int(node)])..<Int(firstReading[Int(node) + 1])])
    }

    private mutating func copy(
        _ readings: [UInt64], mayEnd: Bool, _ frame: (inout Arena, Int32) -> Int32
    ) -> Int32 {
        closure.removeAll()
        closure.mayEnd = mayEnd
        for reading in readings {
            let state = Int32(truncatingIfNeeded: reading >> 32)
            closure.keep(state, frame(&self, Int32(truncatingIfNeeded: reading) - 1))
        }
        return node()
    }
}

/// The readings of a node that is being made.
private struct Closure {
    private(set) var visited: Set<UInt64> = []
    var readings: [UInt64] = []
    var mayEnd = false

    mutating func removeAll() {
        // To clear a table takes as long as it is large.
        visited.removeAll(keepingCapacity: visited.capacity <= 1024)
        readings.removeAll(keepingCapacity: true)
        mayEnd = false
    }

    private static func packed(_ state: Int32, _ frame: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: frame + 1))
    }

    /// Whether the reading is new. Where there are far too many, none is.
    mutating func visit(_ state: Int32, _ frame: Int32) -> Bool {
        visited.count < Arena.visitsMax && visited.insert(Closure.packed(state, frame)).inserted
    }

    mutating func keep(_ state: Int32, _ frame: Int32) { readings.append(Closure.packed(state, frame)) }
}
