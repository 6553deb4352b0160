/// A grammar as a recursive transition network over bytes (Woods, CACM 13:10, 1970): states with edges for bytes, jumps
/// without any, and calls of rules, which come back to a state of the caller. A rule may be counted: it is then run `min`
/// to `max` times in a row. Nothing is expanded for that; who reads keeps the count.
package struct Network: Sendable {
    package struct Edge: Sendable {
        var low: UInt8
        var high: UInt8
        var target: Int32
    }

    struct Call: Sendable {
        var rule: Int32
        /// Where the caller goes on.
        var after: Int32
    }

    struct Rule: Sendable {
        var name: String
        var start: Int32
        /// How often it is run in a row.
        var min: Int32 = 1
        var max: Int32 = 1

        static let unlimited = Int32.max

        var isCounted: Bool { min != 1 || max != 1 }
    }

    /// A state that cannot be left for a rule's end.
    static let hopeless: Int32 = 1 << 20

    var rules: [Rule]
    var root: Int32
    /// Whether the rule may end here.
    var accepts: [Bool]
    /// Of each state, in `edges`: from its entry up to the next one's. The same for jumps and calls.
    var firstEdge: [Int32]
    var edges: [Edge]
    var firstJump: [Int32]
    var jumps: [Int32]
    var firstCall: [Int32]
    var calls: [Call]
    /// How deep calls must nest at least, from each state to the end of its rule; `hopeless` where there is no end.
    var height: [Int32] = []
    /// Bytes that no edge tells apart have the same class.
    var classOf: [UInt8] = []
    /// The first byte of each class.
    var byteOf: [UInt8] = []
    /// Whether a class has one byte alone.
    var isSingle: [Bool] = []

    /// Whether any plain text leads on from a state.
    var allowsPlainText: [Bool] = []
    /// Whether any one plain character is a run of a counted rule.
    var isPlainCharacter: [Bool] = []

    package var stateCount: Int { accepts.count }
    var classCount: Int { byteOf.count }

    /// The ranges of its edges may overlap; both ways are gone then.
    func edges(of state: Int32) -> ArraySlice<Edge> {
        edges[Int(firstEdge[Int(state)])..<Int(firstEdge[Int(state) + 1])]
    }

    func jumps(of state: Int32) -> ArraySlice<Int32> {
        jumps[Int(firstJump[Int(state)])..<Int(firstJump[Int(state) + 1])]
    }

    func calls(of state: Int32) -> ArraySlice<Call> {
        calls[Int(firstCall[Int(state)])..<Int(firstCall[Int(state) + 1])]
    }

    /// Whether nothing but the end of its rule follows.
    func isEnd(_ state: Int32) -> Bool {
        accepts[Int(state)] && edges(of: state).isEmpty && jumps(of: state).isEmpty && calls(of: state).isEmpty
    }

    // MARK: analysis

    /// - Throws: `leftRecursion`, or `unsatisfiable`.
    mutating func analyze() throws(GrammarError) {
        findClasses()
        findHeights()
        guard height[Int(rules[Int(root)].start)] < Network.hopeless else { throw .unsatisfiable(path: "") }
        try refuseLeftRecursion()
        allowsPlainText = statesOfAnyPlainText()
        isPlainCharacter = rulesOfOnePlainCharacter()
    }

    private mutating func findClasses() {
        var begins = [Bool](repeating: false, count: 257)
        begins[0] = true
        for edge in edges {
            begins[Int(edge.low)] = true
            begins[Int(edge.high) + 1] = true
        }
        for byte in 0..<256 {
            if begins[byte] {
                byteOf.append(UInt8(byte))
                isSingle.append(begins[byte + 1])
            }
            classOf.append(UInt8(byteOf.count - 1))
        }
    }

    private mutating func findHeights() {
        height = accepts.map { $0 ? 0 : Network.hopeless }
        let dependents = Dependents(self, includesEdges: true)
        var open = accepts.indices.filter { accepts[$0] }.map { Int32($0) }
        while let state = open.popLast() {
            for dependent in dependents.of(state) {
                let better = lowestHeight(of: dependent)
                if better < height[Int(dependent)] {
                    height[Int(dependent)] = better
                    open.append(dependent)
                }
            }
        }
    }

    private func lowestHeight(of state: Int32) -> Int32 {
        var best = height[Int(state)]
        for edge in edges(of: state) { best = Swift.min(best, height[Int(edge.target)]) }
        for target in jumps(of: state) { best = Swift.min(best, height[Int(target)]) }
        for call in calls(of: state) {
            let rule = rules[Int(call.rule)]
            let inside = rule.min == 0 ? 0 : height[Int(rule.start)] + 1
            best = Swift.min(best, Swift.max(inside, height[Int(call.after)]))
        }
        return best
    }

    /// What each rule can call before it has read a byte must not lead back to it.
    private func refuseLeftRecursion() throws(GrammarError) {
        let mayBeEmpty = rulesThatMayBeEmpty()
        let called = rules.indices.map { rule -> [Int32] in
            reachable(from: rules[rule].start, mayBeEmpty).flatMap { calls(of: $0).map(\.rule) }
        }
        // 0: not seen, 1: on the way, 2: done.
        var marks = [UInt8](repeating: 0, count: rules.count)
        for first in rules.indices where marks[first] == 0 {
            var path: [(rule: Int, next: Int)] = [(first, 0)]
            marks[first] = 1
            while let (rule, next) = path.last {
                guard next < called[rule].count else {
                    marks[rule] = 2
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let callee = Int(called[rule][next])
                if marks[callee] == 1 { throw .leftRecursion(rule: rules[callee].name) }
                if marks[callee] == 0 {
                    marks[callee] = 1
                    path.append((callee, 0))
                }
            }
        }
    }

    private func rulesThatMayBeEmpty() -> [Bool] {
        /// Of each state: whether the end of its rule can be reached without a byte.
        var empty = accepts
        func mayBeEmpty(_ rule: Rule) -> Bool { rule.min == 0 || empty[Int(rule.start)] }
        let dependents = Dependents(self, includesEdges: false)
        var open = accepts.indices.filter { accepts[$0] }.map { Int32($0) }
        // What a counted rule that may be left out depends on is its end alone.
        while let state = open.popLast() {
            for dependent in dependents.of(state) where !empty[Int(dependent)] {
                let jumped = jumps(of: dependent).contains { empty[Int($0)] }
                let called = calls(of: dependent).contains {
                    empty[Int($0.after)] && mayBeEmpty(rules[Int($0.rule)])
                }
                guard jumped || called else { continue }
                empty[Int(dependent)] = true
                open.append(dependent)
            }
        }
        return rules.map(mayBeEmpty)
    }

    /// Without reading a byte.
    private func reachable(from start: Int32, _ mayBeEmpty: [Bool]) -> [Int32] {
        var found = [start]
        var seen: Set<Int32> = [start]
        var index = 0
        while index < found.count {
            let state = found[index]
            index += 1
            let skipped = calls(of: state).filter { mayBeEmpty[Int($0.rule)] }.map(\.after)
            for target in Array(jumps(of: state)) + skipped where seen.insert(target).inserted { found.append(target) }
        }
        return found
    }

    /// Which states' properties follow from a state's.
    private struct Dependents {
        private var first: [Int32]
        private var states: [Int32]

        init(_ network: Network, includesEdges: Bool) {
            var pairs: [(of: Int32, dependent: Int32)] = []
            for state in 0..<Int32(network.stateCount) {
                if includesEdges { for edge in network.edges(of: state) { pairs.append((edge.target, state)) } }
                for target in network.jumps(of: state) { pairs.append((target, state)) }
                for call in network.calls(of: state) {
                    pairs.append((call.after, state))
                    pairs.append((network.rules[Int(call.rule)].start, state))
                }
            }
            first = [Int32](repeating: 0, count: network.stateCount + 1)
            for pair in pairs { first[Int(pair.of) + 1] += 1 }
            for state in 0..<network.stateCount { first[state + 1] += first[state] }
            var next = first
            states = [Int32](repeating: 0, count: pairs.count)
            for pair in pairs {
                states[Int(next[Int(pair.of)])] = pair.dependent
                next[Int(pair.of)] += 1
            }
        }

        func of(_ state: Int32) -> ArraySlice<Int32> {
            states[Int(first[Int(state)])..<Int(first[Int(state) + 1])]
        }
    }
}
