import HadalText

/// A regular expression as a nondeterministic automaton (Thompson, CACM 11:6, 1968), to be made deterministic.
struct RegexMachine {
    private enum Step {
        case jump
        /// Only where nothing has been read.
        case atStart
        /// Only where nothing follows.
        case atEnd
    }

    private let stateMax: Int
    private var sets: [[(set: ScalarSet, target: Int)]] = []
    private var steps: [[(step: Step, target: Int)]] = []
    private var final = 0

    init(stateMax: Int) { self.stateMax = stateMax }

    mutating func write(_ syntax: RegexSyntax, isSearch: Bool) throws(GrammarError) {
        let start = try state()
        if isSearch { sets[start].append((.all, start)) }
        final = try write(syntax, from: start)
        if isSearch { sets[final].append((.all, final)) }
    }

    private mutating func state() throws(GrammarError) -> Int {
        guard sets.count < 4 * stateMax else {
            throw .limitExceeded(what: "states of a regular expression", limit: 4 * stateMax)
        }
        sets.append([])
        steps.append([])
        return sets.count - 1
    }

    private mutating func write(_ syntax: RegexSyntax, from: Int) throws(GrammarError) -> Int {
        switch syntax {
        case .empty: return from
        case .set(let set):
            let end = try state()
            sets[from].append((set, end))
            return end
        case .sequence(let parts):
            var current = from
            for part in parts { current = try write(part, from: current) }
            return current
        case .choice(let parts):
            let end = try state()
            for part in parts {
                let start = try state()
                steps[from].append((.jump, start))
                steps[try write(part, from: start)].append((.jump, end))
            }
            return end
        case .textStart, .textEnd:
            let end = try state()
            if case .textStart = syntax {
                steps[from].append((.atStart, end))
            } else {
                steps[from].append((.atEnd, end))
            }
            return end
        case .repeated(let part, let min, let max): return try repeated(part, min: min, max: max, from: from)
        }
    }

    private mutating func repeated(_ part: RegexSyntax, min: Int, max: Int?, from: Int) throws(GrammarError) -> Int {
        var current = from
        for _ in 0..<min {
            let before = sets.count
            current = try write(part, from: current)
            // Of nothing, any number is nothing.
            if sets.count == before { return current }
        }
        guard let max else {
            let loop = try state()
            steps[current].append((.jump, loop))
            steps[try write(part, from: loop)].append((.jump, loop))
            return loop
        }
        let end = try state()
        for _ in min..<max {
            steps[current].append((.jump, end))
            let next = try state()
            steps[current].append((.jump, next))
            current = try write(part, from: next)
        }
        steps[current].append((.jump, end))
        return end
    }

    // MARK: making it deterministic

    func automaton() throws(GrammarError) -> ScalarAutomaton {
        var begins: Set<UInt32> = [0]
        for (set, _) in sets.joined() {
            for range in set.ranges {
                begins.insert(range.lowerBound)
                if range.upperBound < ScalarSet.last { begins.insert(range.upperBound + 1) }
            }
        }
        let classes = begins.sorted()
        let firstClass = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        /// Of each state: which classes lead where.
        let moves = sets.map { moves in
            moves.flatMap { move in
                move.set.ranges.map { range -> (classes: Range<Int>, target: Int) in
                    let end = range.upperBound < ScalarSet.last ? firstClass[range.upperBound + 1]! : classes.count
                    return (firstClass[range.lowerBound]!..<end, move.target)
                }
            }
        }
        let first = closure([0], atStart: true, atEnd: false)
        var subsets = [first]
        var known: [[Int32]: Int32] = [first: 0]
        var accepts = [closure(first.map { Int($0) }, atStart: true, atEnd: true).contains(Int32(final))]
        var table: [Int32] = []
        var work = 0
        var index = 0
        while index < subsets.count {
            var targets = [[Int]](repeating: [], count: classes.count)
            for state in subsets[index] {
                for move in moves[Int(state)] {
                    for place in move.classes { targets[place].append(move.target) }
                    work += move.classes.count
                }
            }
            index += 1
            // Neighbouring classes mostly lead to the same place.
            var previous: (targets: [Int], id: Int32) = ([], ScalarAutomaton.dead)
            for place in classes.indices {
                if targets[place].isEmpty {
                    table.append(ScalarAutomaton.dead)
                    continue
                }
                if targets[place] == previous.targets {
                    table.append(previous.id)
                    continue
                }
                let subset = closure(targets[place], atStart: false, atEnd: false)
                work += subset.count
                if known[subset] == nil {
                    guard subsets.count < stateMax, work < 1000 * stateMax else {
                        throw .limitExceeded(what: "states of a regular expression", limit: stateMax)
                    }
                    known[subset] = Int32(subsets.count)
                    subsets.append(subset)
                    let atEnd = closure(subset.map { Int($0) }, atStart: false, atEnd: true)
                    accepts.append(atEnd.contains(Int32(final)))
                }
                table.append(known[subset]!)
                previous = (targets[place], known[subset]!)
            }
        }
        return ScalarAutomaton(classes: classes, table: table, accepts: accepts).trimmed
    }

    /// All states that are reached without reading, in order.
    private func closure(_ states: [Int], atStart: Bool, atEnd: Bool) -> [Int32] {
        var found = Set(states)
        var open = Array(found)
        while let state = open.popLast() {
            for (step, target) in steps[state] {
                let passes =
                    switch step {
                    case .jump: true
                    case .atStart: atStart
                    case .atEnd: atEnd
                    }
                if passes, found.insert(target).inserted { open.append(target) }
            }
        }
        return found.map { Int32($0) }.sorted()
    }
}
