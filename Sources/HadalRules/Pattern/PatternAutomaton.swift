/// A program made deterministic, as far as it is small enough: a table of states and classes of characters.
///
/// What a state knows of a match is one character late, as `\b` and `$` look at what follows: the transition for a character
/// says whether a match ended before it.
struct PatternAutomaton: Sendable {
    /// Nothing can match any more.
    static let dead = 0
    private static let entryLimit = 100_000
    private static let workLimit = 5_000_000

    /// By state and class, the end of the text as the last one: four times the next state, with `matched` and `idle`.
    let table: [Int32]
    let width: Int
    /// In an entry of the table: a match ended before the character.
    static let matched: Int32 = 1
    /// In an entry of the table: no match has begun when the next state is reached.
    static let idle: Int32 = 2
    /// By what stands before the place where the search begins.
    private let starts: [Int]
    /// By state: how many of the last characters a match that is not certain yet may have.
    let reach: [Int]
    /// By byte: whether a match may begin with a character that begins with it.
    let wakes: [Bool]

    func start(after neighbour: Neighbour) -> Int { starts[neighbour.rawValue] }

    private struct State: Hashable {
        var places: [Int32]
        var before: Neighbour
        /// Whether matches may still begin.
        var isSeeking: Bool
    }

    /// - Parameters:
    ///   - isSearch: whether it looks for the first match from a place on; else for the longest one that begins there.
    /// - Returns: nil for one that would be too large.
    init?(_ program: PatternProgram, _ classes: CharacterClasses, isSearch: Bool) {
        var stepper = PatternStepper(program, classes, isSearch: isSearch)
        func relevant(_ neighbour: Neighbour) -> Neighbour {
            switch neighbour {
            case .edge: program.asksForEdges || program.asksForLines ? .edge : .other
            case .newline: program.asksForLines ? .newline : .other
            case .word: program.asksForWords ? .word : .other
            case .other: .other
            }
        }
        let dead = State(places: [], before: .other, isSeeking: false)
        var states = [dead]
        var numbers = [dead: 0]
        func number(_ state: State) -> Int {
            if let number = numbers[state] { return number }
            states.append(state)
            numbers[state] = states.count - 1
            return states.count - 1
        }
        starts = Neighbour.allCases.map { neighbour in
            number(
                State(
                    places: isSearch ? [] : [Int32(program.start)], before: relevant(neighbour), isSeeking: isSearch))
        }
        width = classes.count + 1
        var table = [Int32](repeating: 0, count: width)
        var index = 1
        while index < states.count {
            let state = states[index]
            index += 1
            for character in 0..<width {
                var threads = state.places.map { PatternThread(instruction: $0, start: 0) }
                let isEnd = character == classes.count
                let match = stepper.advance(
                    &threads, newStart: state.isSeeking ? 0 : nil, character: isEnd ? nil : character,
                    before: state.before)
                var places = threads.map(\.instruction)
                if !isSearch { places.sort() }
                let isSeeking = state.isSeeking && match == nil
                var next = Self.dead
                if !isEnd, !places.isEmpty || isSeeking {
                    let before = relevant(classes.neighbours[character])
                    next = number(State(places: places, before: before, isSeeking: isSeeking))
                }
                let isIdle = isSeeking && places.isEmpty
                table.append(Int32(next << 2) | (match == nil ? 0 : Self.matched) | (isIdle ? Self.idle : 0))
            }
            guard table.count <= Self.entryLimit, stepper.visits <= Self.workLimit else { return nil }
        }
        self.table = table
        wakes = Self.wakes(states.indices.filter { states[$0].isSeeking && states[$0].places.isEmpty }, table, classes)
        reach = states.map { $0.places.map { program.reach[Int($0)] }.max() ?? 0 }
    }

    private static func wakes(_ idle: [Int], _ table: [Int32], _ classes: CharacterClasses) -> [Bool] {
        let width = classes.count + 1
        let waking = (0..<classes.count).map { character in
            idle.contains { table[$0 * width + character] & Self.idle == 0 }
        }
        var wakes = [Bool](repeating: false, count: 256)
        // Then each of these bytes may be one that belongs to no character.
        if waking[classes.number(of: UTF8Scalars.invalid)] { for byte in 0x80...0xFF { wakes[byte] = true } }
        for (range, number) in classes.ranges where waking[number] {
            for byte in firstByte(range.lowerBound)...firstByte(range.upperBound) { wakes[Int(byte)] = true }
        }
        return wakes
    }

    /// Of the UTF-8 of a code point, surrogates as if they were characters.
    private static func firstByte(_ scalar: UInt32) -> UInt8 {
        switch scalar {
        case ..<0x80: UInt8(scalar)
        case ..<0x800: 0xC0 | UInt8(scalar >> 6)
        case ..<0x10000: 0xE0 | UInt8(scalar >> 12)
        default: 0xF0 | UInt8(scalar >> 18)
        }
    }
}
