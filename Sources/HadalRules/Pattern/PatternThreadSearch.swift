/// A search that follows the threads of a pattern whose tables would be too large: its time is the product of the text and the
/// pattern.
struct PatternThreadSearch: Sendable {
    private var stepper: PatternStepper
    private var threads: [PatternThread] = []
    private var offset = 0
    private var before = Neighbour.edge
    private var found: Range<Int>?

    init(_ pattern: Pattern) { stepper = PatternStepper(pattern.program, pattern.classes, isSearch: true) }

    /// See `PatternCursor.advance`.
    mutating func advance(
        _ pattern: Pattern, _ text: UnsafeBufferPointer<UInt8>, isComplete: Bool,
        _ report: (_ match: Range<Int>, _ certainAt: Int) -> Void
    ) {
        let classes = pattern.classes
        while true {
            var character: Int?
            var length = 0
            if offset < text.count {
                let next = UTF8Scalars.next(text, at: offset)
                character = classes.number(of: next.scalar)
                length = next.length
            } else if !isComplete {
                return
            }
            let newStart = found == nil ? offset : nil
            if let start = stepper.advance(&threads, newStart: newStart, character: character, before: before) {
                found = start..<offset
            }
            if let match = found, threads.isEmpty {
                report(match, offset)
                restart(after: match.upperBound, classes, text)
                continue
            }
            guard let character else { return }
            before = classes.neighbours[character]
            offset += length
        }
    }

    private mutating func restart(
        after end: Int, _ classes: CharacterClasses, _ text: UnsafeBufferPointer<UInt8>
    ) {
        offset = end
        found = nil
        before = classes.neighbours[classes.number(of: UTF8Scalars.previous(text, before: end).scalar)]
    }

    /// From where on the text may be part of a match that is not certain yet.
    var pending: Int { min(found?.lowerBound ?? offset, threads.map(\.start).min() ?? offset) }
}
