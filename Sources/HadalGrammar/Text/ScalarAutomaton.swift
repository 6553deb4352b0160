import HadalText

/// A deterministic finite automaton over Unicode scalars: a set of texts on which union, intersection and complement can
/// be taken. Patterns, formats, lengths and names of properties are such sets.
struct ScalarAutomaton: Sendable, Hashable {
    static let dead: Int32 = -1

    /// Where each class of scalars begins; the first is 0. Scalars of a class lead the same way from every state.
    private(set) var classes: [UInt32]
    /// The target of each state and class.
    private(set) var table: [Int32]
    private(set) var accepts: [Bool]
    private(set) var start: Int32

    var stateCount: Int { accepts.count }

    func target(_ state: Int32, _ index: Int) -> Int32 { table[Int(state) * classes.count + index] }

    func range(ofClass index: Int) -> ClosedRange<UInt32> {
        classes[index]...(index + 1 < classes.count ? classes[index + 1] - 1 : ScalarSet.last)
    }

    /// What leads from a state, and where.
    func moves(from state: Int32) -> [(set: ScalarSet, target: Int32)] {
        var ranges: [Int32: [ClosedRange<UInt32>]] = [:]
        for index in classes.indices {
            let target = target(state, index)
            if target != ScalarAutomaton.dead { ranges[target, default: []].append(range(ofClass: index)) }
        }
        return ranges.sorted { $0.key < $1.key }.map { (ScalarSet($0.value), $0.key) }
    }

    func contains(_ text: String) -> Bool {
        var state = start
        for scalar in text.unicodeScalars {
            guard state != ScalarAutomaton.dead else { return false }
            let index = ScalarAutomaton.classIndex(of: scalar.value, in: classes)
            state = target(state, index)
        }
        return state != ScalarAutomaton.dead && accepts[Int(state)]
    }

    private static func classIndex(of scalar: UInt32, in classes: [UInt32]) -> Int {
        var (low, high) = (0, classes.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if classes[middle] <= scalar { low = middle } else { high = middle }
        }
        return low
    }

    // MARK: making

    /// Any text.
    static let all = ScalarAutomaton(classes: [0], table: [0], accepts: [true], start: 0)

    private init(classes: [UInt32], table: [Int32], accepts: [Bool], start: Int32) {
        self.classes = classes
        self.table = table
        self.accepts = accepts
        self.start = start
    }

    /// - Parameter isSearch: whether the expression may match anywhere in the text, as JSON Schema's patterns do.
    /// - Throws: `invalidRegex`, `limitExceeded`.
    init(pattern: String, isSearch: Bool, limits: GrammarLimits) throws(GrammarError) {
        var machine = RegexMachine(stateMax: limits.regexStates)
        try machine.write(RegexParser.parse(pattern), isSearch: isSearch)
        self = try machine.automaton()
    }

    /// These words and no others.
    init(words: some Sequence<String>, limits: GrammarLimits) throws(GrammarError) {
        let words = words.map { Array($0.unicodeScalars) }
        var begins: Set<UInt32> = [0]
        for scalar in words.joined() { begins.formUnion([scalar.value, min(scalar.value + 1, ScalarSet.last)]) }
        classes = begins.sorted()
        accepts = [false]
        start = 0
        table = Array(repeating: ScalarAutomaton.dead, count: classes.count)
        for word in words {
            var state: Int32 = 0
            for scalar in word {
                let place = Int(state) * classes.count + ScalarAutomaton.classIndex(of: scalar.value, in: classes)
                if table[place] == ScalarAutomaton.dead {
                    guard stateCount < limits.regexStates else {
                        throw .limitExceeded(what: "characters of names", limit: limits.regexStates)
                    }
                    table[place] = Int32(stateCount)
                    accepts.append(false)
                    table += repeatElement(ScalarAutomaton.dead, count: classes.count)
                }
                state = table[place]
            }
            accepts[Int(state)] = true
        }
    }

    /// Texts of so many scalars.
    init(lengths: ClosedRange<Int>, limits: GrammarLimits) throws(GrammarError) {
        guard lengths.upperBound < limits.regexStates else {
            throw .limitExceeded(what: "characters of a string with a pattern", limit: limits.regexStates)
        }
        classes = [0]
        table = (0...lengths.upperBound).map { $0 < lengths.upperBound ? Int32($0 + 1) : ScalarAutomaton.dead }
        accepts = (0...lengths.upperBound).map { lengths.contains($0) }
        start = 0
    }

    /// Texts of at least so many scalars.
    init(lengthsFrom least: Int, limits: GrammarLimits) throws(GrammarError) {
        guard least < limits.regexStates else {
            throw .limitExceeded(what: "characters of a string with a pattern", limit: limits.regexStates)
        }
        classes = [0]
        table = (0...least).map { Int32(min($0 + 1, least)) }
        accepts = (0...least).map { $0 == least }
        start = 0
    }

    /// For `RegexMachine`.
    init(classes: [UInt32], table: [Int32], accepts: [Bool]) {
        self.init(classes: classes, table: table, accepts: accepts, start: 0)
    }

    // MARK: sets

    /// All other texts.
    var complement: ScalarAutomaton {
        let sink = Int32(stateCount)
        var result = self
        result.table = table.map { $0 == ScalarAutomaton.dead ? sink : $0 }
        result.table += repeatElement(sink, count: classes.count)
        result.accepts = accepts.map { !$0 } + [true]
        return result
    }

    func intersection(_ other: ScalarAutomaton, limits: GrammarLimits) throws(GrammarError) -> ScalarAutomaton {
        let classes = Set(self.classes).union(other.classes).sorted()
        let own = classes.map { ScalarAutomaton.classIndex(of: $0, in: self.classes) }
        let others = classes.map { ScalarAutomaton.classIndex(of: $0, in: other.classes) }
        var pairs: [(Int32, Int32)] = [(start, other.start)]
        var known: [UInt64: Int32] = [key(start, other.start): 0]
        var table: [Int32] = []
        var index = 0
        while index < pairs.count {
            let (left, right) = pairs[index]
            index += 1
            for place in classes.indices {
                let (a, b) = (target(left, own[place]), other.target(right, others[place]))
                guard a != ScalarAutomaton.dead, b != ScalarAutomaton.dead else {
                    table.append(ScalarAutomaton.dead)
                    continue
                }
                if let id = known[key(a, b)] {
                    table.append(id)
                    continue
                }
                guard pairs.count < limits.regexStates else {
                    throw .limitExceeded(what: "states of patterns together", limit: limits.regexStates)
                }
                known[key(a, b)] = Int32(pairs.count)
                table.append(Int32(pairs.count))
                pairs.append((a, b))
            }
        }
        let accepts = pairs.map { self.accepts[Int($0.0)] && other.accepts[Int($0.1)] }
        return ScalarAutomaton(classes: classes, table: table, accepts: accepts, start: 0).trimmed
    }

    private func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Whether there is no text in it.
    var isEmpty: Bool { !trimmed.accepts.contains(true) }

    /// Without states from which no end can be reached, and without those that nothing leads to.
    var trimmed: ScalarAutomaton {
        var sources = [[Int32]](repeating: [], count: stateCount)
        for state in 0..<Int32(stateCount) {
            for index in classes.indices where target(state, index) != ScalarAutomaton.dead {
                if sources[Int(target(state, index))].last != state { sources[Int(target(state, index))].append(state) }
            }
        }
        var isUseful = accepts
        var open = (0..<Int32(stateCount)).filter { accepts[Int($0)] }
        while let state = open.popLast() {
            for source in sources[Int(state)] where !isUseful[Int(source)] {
                isUseful[Int(source)] = true
                open.append(source)
            }
        }
        var newName = [Int32](repeating: ScalarAutomaton.dead, count: stateCount)
        var kept: [Int32] = [start]
        newName[Int(start)] = 0
        var table: [Int32] = []
        var next = 0
        while next < kept.count {
            let state = kept[next]
            next += 1
            for index in classes.indices {
                let target = target(state, index)
                guard target != ScalarAutomaton.dead, isUseful[Int(target)] else {
                    table.append(ScalarAutomaton.dead)
                    continue
                }
                if newName[Int(target)] == ScalarAutomaton.dead {
                    newName[Int(target)] = Int32(kept.count)
                    kept.append(target)
                }
                table.append(newName[Int(target)])
            }
        }
        return ScalarAutomaton(
            classes: classes, table: table, accepts: kept.map { accepts[Int($0)] }, start: 0)
    }
}

extension NetworkBuilder {
    /// A text of the automaton's, in UTF-8, or escaped as inside a string of JSON.
    /// - Returns: the state after it.
    mutating func automaton(
        _ automaton: ScalarAutomaton, from: State, isInString: Bool
    ) throws(GrammarError) -> State {
        let end = try state()
        var states: [State] = []
        for _ in 0..<automaton.stateCount { states.append(try state()) }
        jump(from, to: states[Int(automaton.start)])
        for index in 0..<Int32(automaton.stateCount) {
            let here = states[Int(index)]
            if automaton.accepts[Int(index)] { jump(here, to: end) }
            for (set, target) in automaton.moves(from: index) {
                if isInString {
                    try stringScalar(here, in: set, to: states[Int(target)])
                } else {
                    try scalar(here, in: set, to: states[Int(target)])
                }
            }
        }
        return end
    }
}
