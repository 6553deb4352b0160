import HadalText

/// Writes a network, forwards: each step goes from a state that is there to another.
struct NetworkBuilder {
    typealias State = Int32
    typealias RuleID = Int32

    let limits: GrammarLimits
    private var accepts: [Bool] = []
    private var edges: [(from: State, edge: Network.Edge)] = []
    private var jumps: [(from: State, target: State)] = []
    private var calls: [(from: State, call: Network.Call)] = []
    private(set) var rules: [Network.Rule] = []
    /// Ends of UTF-8 sequences, shared by all that go to the same state.
    private var tails: [Tail: State] = [:]
    /// Ends of escapes in strings, shared likewise.
    var escapes: [Escape: State] = [:]
    private var sequences: [ScalarSet: [[ClosedRange<UInt8>]]] = [:]
    /// Rules that several parts of a grammar use, by name.
    var shared: [String: RuleID] = [:]
    /// A character that strings of JSON hold as an escape only, though JSON itself does not ask for it.
    var escaped: Unicode.Scalar?

    private struct Tail: Hashable {
        var target: State
        var ranges: UInt64
    }

    struct Escape: Hashable {
        var target: State
        var set: ScalarSet
    }

    init(limits: GrammarLimits) { self.limits = limits }

    var stateCount: Int { accepts.count }

    mutating func state() throws(GrammarError) -> State {
        guard accepts.count < limits.states else { throw .limitExceeded(what: "states", limit: limits.states) }
        accepts.append(false)
        return State(accepts.count - 1)
    }

    mutating func accept(_ state: State) { accepts[Int(state)] = true }

    /// A rule with a start, to be written.
    mutating func rule(_ name: String, min: Int = 1, max: Int? = 1) throws(GrammarError) -> RuleID {
        let start = try state()
        let most = max.map { Int32(clamping: $0) } ?? Network.Rule.unlimited
        rules.append(Network.Rule(name: name, start: start, min: Int32(clamping: min), max: most))
        return RuleID(rules.count - 1)
    }

    func start(of rule: RuleID) -> State { rules[Int(rule)].start }

    // MARK: steps

    mutating func edge(_ from: State, _ low: UInt8, _ high: UInt8, to target: State) {
        edges.append((from, Network.Edge(low: low, high: high, target: target)))
    }

    mutating func jump(_ from: State, to target: State) { jumps.append((from, target)) }

    /// - Returns: the state after the call.
    mutating func call(_ from: State, _ rule: RuleID) throws(GrammarError) -> State {
        let after = try state()
        calls.append((from, Network.Call(rule: rule, after: after)))
        return after
    }

    mutating func bytes(_ from: State, _ bytes: some Sequence<UInt8>) throws(GrammarError) -> State {
        var current = from
        for byte in bytes {
            let next = try state()
            edge(current, byte, byte, to: next)
            current = next
        }
        return current
    }

    mutating func text(_ from: State, _ text: String) throws(GrammarError) -> State {
        try bytes(from, text.utf8)
    }

    /// One scalar of the set, in UTF-8.
    mutating func scalar(_ from: State, in set: ScalarSet, to target: State) throws(GrammarError) {
        let found: [[ClosedRange<UInt8>]]
        if let known = sequences[set] {
            found = known
        } else {
            found = UTF8Ranges.sequences(of: set)
            sequences[set] = found
        }
        for sequence in found {
            let next = try tail(sequence[1...], target)
            edge(from, sequence[0].lowerBound, sequence[0].upperBound, to: next)
        }
    }

    private mutating func tail(_ ranges: ArraySlice<ClosedRange<UInt8>>, _ target: State) throws(GrammarError) -> State
    {
        guard let first = ranges.first else { return target }
        let packed = ranges.reduce(UInt64(1)) { $0 << 16 | UInt64($1.lowerBound) << 8 | UInt64($1.upperBound) }
        let key = Tail(target: target, ranges: packed)
        if let known = tails[key] { return known }
        let here = try state()
        tails[key] = here
        edge(here, first.lowerBound, first.upperBound, to: try tail(ranges.dropFirst(), target))
        return here
    }

    // MARK: the end

    /// - Throws: `leftRecursion`, `unsatisfiable`.
    func network(root: RuleID) throws(GrammarError) -> Network {
        func starts(_ counts: [Int32]) -> [Int32] {
            var sum: Int32 = 0
            return [0]
                + counts.map { count in
                    sum += count
                    return sum
                }
        }
        func grouped<Element>(_ items: [(from: State, Element)], _ placeholder: Element) -> ([Int32], [Element]) {
            var counts = [Int32](repeating: 0, count: accepts.count)
            for item in items { counts[Int(item.from)] += 1 }
            let first = starts(counts)
            var next = first
            var result = [Element](repeating: placeholder, count: items.count)
            for item in items {
                result[Int(next[Int(item.from)])] = item.1
                next[Int(item.from)] += 1
            }
            return (first, result)
        }
        let (firstEdge, edges) = grouped(edges.map { ($0.from, $0.edge) }, Network.Edge(low: 0, high: 0, target: 0))
        let (firstJump, jumps) = grouped(jumps.map { ($0.from, $0.target) }, 0)
        let (firstCall, calls) = grouped(calls.map { ($0.from, $0.call) }, Network.Call(rule: 0, after: 0))
        var network = Network(
            rules: rules, root: root, accepts: accepts, firstEdge: firstEdge, edges: edges, firstJump: firstJump,
            jumps: jumps, firstCall: firstCall, calls: calls)
        try network.analyze()
        return network
    }
}
