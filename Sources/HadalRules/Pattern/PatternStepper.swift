/// A way through a program that is being followed.
struct PatternThread: Sendable, Hashable {
    var instruction: Int32
    /// Where its match begins.
    var start: Int
}

/// Takes the threads of a program from one character to the next, the preferred ones first; each in time linear in the
/// program (Pike's machine).
struct PatternStepper: Sendable {
    private let program: PatternProgram
    private let classes: CharacterClasses
    /// Whether threads behind one that matched are given up (what a search does), or all matches count.
    private let isSearch: Bool
    private var seenNow: [Int]
    private var seenNext: [Int]
    private var step = 0
    /// Instructions that were looked at.
    private(set) var visits = 0
    private var stack: [Int] = []
    private var closing: [Int] = []
    private var next: [PatternThread] = []

    init(_ program: PatternProgram, _ classes: CharacterClasses, isSearch: Bool) {
        self.program = program
        self.classes = classes
        self.isSearch = isSearch
        seenNow = Array(repeating: 0, count: program.instructions.count)
        seenNext = seenNow
    }

    /// - Parameters:
    ///   - threads: replaced by those after the character.
    ///   - newStart: where one begins that looks for a match from here, behind all others; nil for none.
    ///   - character: its class; nil at the end of the text.
    /// - Returns: where the preferred match that ends before the character begins.
    mutating func advance(
        _ threads: inout [PatternThread], newStart: Int?, character: Int?, before: Neighbour
    ) -> Int? {
        step += 1
        next.removeAll(keepingCapacity: true)
        let after = character.map { classes.neighbours[$0] } ?? .edge
        var matched: Int?
        for thread in threads {
            if follow(thread, character, before, after) { matched = thread.start }
            if isSearch, matched != nil { break }
        }
        if let newStart, matched == nil {
            let thread = PatternThread(instruction: Int32(program.start), start: newStart)
            if follow(thread, character, before, after) { matched = newStart }
        }
        swap(&threads, &next)
        return matched
    }

    /// - Returns: whether it matches.
    private mutating func follow(
        _ thread: PatternThread, _ character: Int?, _ before: Neighbour, _ after: Neighbour
    ) -> Bool {
        var isMatch = false
        stack.append(Int(thread.instruction))
        while let place = stack.popLast() {
            guard seenNow[place] != step else { continue }
            seenNow[place] = step
            visits += 1
            switch program.instructions[place] {
            case .match:
                isMatch = true
                // What is left in the stack is behind the match.
                if isSearch { stack.removeAll(keepingCapacity: true) }
            case .set(let set, let next):
                if let character, classes.members[set][character] { close(next, from: thread.start) }
            case .split(let places): stack.append(contentsOf: places.reversed())
            case .assertion(let assertion, let next):
                if assertion.holds(before: before, after: after) { stack.append(next) }
            }
        }
        return isMatch
    }

    /// Adds what is reached from `place` without a look at neighbours.
    private mutating func close(_ place: Int, from start: Int) {
        closing.append(place)
        while let place = closing.popLast() {
            guard seenNext[place] != step else { continue }
            seenNext[place] = step
            visits += 1
            if case .split(let places) = program.instructions[place] {
                closing.append(contentsOf: places.reversed())
            } else {
                next.append(PatternThread(instruction: Int32(place), start: start))
            }
        }
    }
}
