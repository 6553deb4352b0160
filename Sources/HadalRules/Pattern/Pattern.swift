/// A regular expression, ready to search in normalised texts in time linear in them.
///
/// It finds what Perl finds: the match that begins first, of those the one that its alternatives and quantifiers prefer; the
/// next one from its end on.
final class Pattern: Sendable {
    let source: String
    let program: PatternProgram
    let classes: CharacterClasses
    /// Finds where a match ends; nil where the table would be too large, and threads are followed instead.
    let forward: PatternAutomaton?
    /// Finds, from the end back, where it begins.
    let backward: PatternAutomaton?
    /// Characters of the longest match; nil where there is none.
    let longest: Int?
    /// One of these is in each match, in either case; nil where none is known.
    let literals: [String]?

    init(_ source: String, ignoresCase: Bool = false) throws(PatternError) {
        self.source = source
        let syntax = try PatternParser.parse(source, ignoresCase: ignoresCase)
        guard syntax.minLength > 0 else {
            throw PatternError(
                column: 1, problem: "the expression matches the empty text, and so every text",
                advice: "write what must be there at least, such as '+' instead of '*'")
        }
        let programs: (PatternProgram, PatternProgram)
        do {
            let forward = try PatternProgram(syntax)
            programs = (forward, try PatternProgram(syntax.reversed, sets: forward.sets))
        } catch {
            throw PatternError(
                column: 1, problem: "the expression is too large: over \(PatternProgram.sizeLimit) steps",
                advice: "use keywords or several rules, and smaller repetitions")
        }
        program = programs.0
        classes = CharacterClasses(program)
        let forward = PatternAutomaton(program, classes, isSearch: true)
        backward = forward == nil ? nil : PatternAutomaton(programs.1, classes, isSearch: false)
        self.forward = backward == nil ? nil : forward
        longest = syntax.maxLength < PatternSyntax.unbounded ? syntax.maxLength : nil
        literals = PatternLiterals.required(by: syntax)
    }

    /// All matches in a whole text.
    func search(_ text: UnsafeBufferPointer<UInt8>, _ found: (Range<Int>) -> Void) {
        var cursor = PatternCursor(self)
        cursor.advance(self, text, isComplete: true) { range, _ in found(range) }
    }
}
