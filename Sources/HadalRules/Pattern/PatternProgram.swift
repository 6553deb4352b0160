import HadalText

/// An expression as a nondeterministic automaton over characters (Thompson, CACM 11:6, 1968). Where several ways are open, the
/// first is preferred, as Perl does.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Reads a character of the set with this number.
        case set(Int, next: Int)
        /// Goes on in each of these places.
        case split([Int])
        case assertion(PatternAssertion, next: Int)
        case match
    }

    static let sizeLimit = 10_000

    struct TooLarge: Error {}

    private(set) var instructions: [Instruction] = [.match]
    /// By instruction: how many characters a match may have had before it.
    private(set) var reach: [Int]
    /// All different.
    private(set) var sets: [ScalarSet]
    private(set) var start = 0
    private(set) var asksForWords = false
    private(set) var asksForLines = false
    private(set) var asksForEdges = false
    private var numbers: [ScalarSet: Int] = [:]

    /// - Parameter sets: of another program, which the numbers then agree with.
    init(_ syntax: PatternSyntax, sets: [ScalarSet] = []) throws(TooLarge) {
        reach = [syntax.maxLength]
        self.sets = sets
        for (number, set) in sets.enumerated() { numbers[set] = number }
        start = try write(syntax, next: 0, after: 0)
    }

    private mutating func add(_ instruction: Instruction, after length: Int) throws(TooLarge) -> Int {
        guard instructions.count < Self.sizeLimit else { throw TooLarge() }
        instructions.append(instruction)
        reach.append(length)
        return instructions.count - 1
    }

    /// - Parameters:
    ///   - next: where to go on.
    ///   - length: of the longest text before it.
    /// - Returns: where it begins.
    private mutating func write(_ syntax: PatternSyntax, next: Int, after length: Int) throws(TooLarge) -> Int {
        switch syntax {
        case .empty: return next
        case .set(let set):
            let number = numbers[set] ?? sets.count
            if number == sets.count {
                sets.append(set)
                numbers[set] = number
            }
            return try add(.set(number, next: next), after: length)
        case .assertion(let assertion):
            switch assertion {
            case .wordBoundary, .noWordBoundary: asksForWords = true
            case .lineStart, .lineEnd: asksForLines = true
            case .textStart, .textEnd: asksForEdges = true
            }
            return try add(.assertion(assertion, next: next), after: length)
        case .sequence(let parts):
            var lengths: [Int] = []
            var sum = length
            for part in parts {
                lengths.append(sum)
                sum = min(PatternSyntax.unbounded, sum + part.maxLength)
            }
            var entry = next
            for (part, length) in zip(parts, lengths).reversed() { entry = try write(part, next: entry, after: length) }
            return entry
        case .choice(let parts):
            var entries: [Int] = []
            for part in parts { entries.append(try write(part, next: next, after: length)) }
            return try add(.split(entries), after: length)
        case .repeated(let part, let min, let max, let isLazy):
            return try write(part, min: min, max: max, isLazy: isLazy, next: next, after: length)
        }
    }

    private mutating func write(
        _ part: PatternSyntax, min: Int, max: Int?, isLazy: Bool, next: Int, after length: Int
    ) throws(TooLarge) -> Int {
        let partLength = part.maxLength
        func reach(_ copies: Int) -> Int { Swift.min(PatternSyntax.unbounded, length + copies * partLength) }
        func ways(_ part: Int, _ next: Int) -> Instruction { .split(isLazy ? [next, part] : [part, next]) }
        var entry = next
        var min = min
        if let max {
            for copy in stride(from: max - 1, through: min, by: -1) {
                let body = try write(part, next: entry, after: reach(copy))
                entry = try add(ways(body, next), after: reach(copy))
            }
        } else {
            // The last copy that must be there is the one that goes on; without one it is 'once or more, or nothing'.
            let endless = partLength == 0 ? length : PatternSyntax.unbounded
            let loop = try add(.split([]), after: endless)
            let body = try write(part, next: loop, after: endless)
            instructions[loop] = ways(body, next)
            entry = min > 0 ? body : try add(ways(body, next), after: length)
            min -= 1
        }
        for copy in stride(from: min - 1, through: 0, by: -1) {
            entry = try write(part, next: entry, after: reach(copy))
        }
        return entry
    }
}
