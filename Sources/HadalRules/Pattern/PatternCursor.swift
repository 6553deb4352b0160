/// Where the search for a pattern stands in a text that may still be coming.
struct PatternCursor: Sendable {
    /// Where the current search began: after the last match.
    private var from = 0
    /// Bytes that were read.
    private(set) var offset = 0
    private var state: Int
    /// Where the match ends that the current search has found, if nothing better comes.
    private var end: Int?
    /// Since when matches may have been beginning.
    private var busySince = 0
    /// Follows the threads where the pattern has no tables.
    private var threads: PatternThreadSearch?

    init(_ pattern: Pattern) {
        state = pattern.forward?.start(after: .edge) ?? 0
        if pattern.forward == nil { threads = PatternThreadSearch(pattern) }
    }

    /// - Parameters:
    ///   - text: from its beginning, whole characters.
    ///   - isComplete: whether nothing follows.
    ///   - found: gets each match, and the offset of the character (or the text's end) that made it certain.
    mutating func advance(
        _ pattern: Pattern, _ text: UnsafeBufferPointer<UInt8>, isComplete: Bool,
        _ found: (_ match: Range<Int>, _ certainAt: Int) -> Void
    ) {
        guard let forward = pattern.forward, let backward = pattern.backward else {
            threads?.advance(pattern, text, isComplete: isComplete, found)
            return
        }
        let classes = pattern.classes
        while true {
            let stop = run(forward, classes, text)
            if state != PatternAutomaton.dead {
                guard isComplete else { return }
                let last = forward.table[state * forward.width + classes.count]
                if last & PatternAutomaton.matched != 0 { end = text.count }
            }
            guard let match = end else { return }
            found(beginning(of: match, backward, classes, text)..<match, stop)
            from = match
            offset = match
            busySince = match
            end = nil
            state = forward.start(after: neighbour(before: match, classes, text))
        }
    }

    /// Reads on until the text ends or nothing can match any more.
    /// - Returns: where it stopped.
    private mutating func run(
        _ forward: PatternAutomaton, _ classes: CharacterClasses, _ text: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let width = forward.width
        var state = self.state
        var offset = self.offset
        var isIdle = end == nil && forward.reach[state] == 0
        forward.table.withUnsafeBufferPointer { table in
            forward.wakes.withUnsafeBufferPointer { wakes in
                classes.withASCII { ascii in
                    while offset < text.count {
                        if isIdle, !wakes[Int(text[offset])] {
                            repeat { offset += 1 } while offset < text.count && !wakes[Int(text[offset])]
                            state = forward.start(after: neighbour(before: offset, classes, text))
                            busySince = offset
                            if offset == text.count { break }
                        }
                        let byte = text[offset]
                        var length = 1
                        var number = 0
                        if byte < 0x80 {
                            number = Int(ascii[Int(byte)])
                        } else {
                            let next = UTF8Scalars.next(text, at: offset)
                            length = next.length
                            number = classes.number(of: next.scalar)
                        }
                        let entry = table[state * width + number]
                        if entry & PatternAutomaton.matched != 0 { end = offset }
                        state = Int(entry >> 2)
                        if state == PatternAutomaton.dead { break }
                        offset += length
                        isIdle = entry & PatternAutomaton.idle != 0
                        if isIdle { busySince = offset }
                    }
                }
            }
        }
        self.state = state
        self.offset = offset
        return offset
    }

    private func beginning(
        of end: Int, _ backward: PatternAutomaton, _ classes: CharacterClasses, _ text: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var after = Neighbour.edge
        if end < text.count { after = classes.neighbours[classes.number(of: UTF8Scalars.next(text, at: end).scalar)] }
        var state = backward.start(after: after)
        var offset = end
        var best = end
        while state != PatternAutomaton.dead {
            // The character before the search's beginning is looked at, not read.
            var entry = Int(backward.table[state * backward.width + classes.count])
            var length = 0
            if offset > 0 {
                let previous = UTF8Scalars.previous(text, before: offset)
                entry = Int(backward.table[state * backward.width + classes.number(of: previous.scalar)])
                length = previous.length
            }
            if entry & Int(PatternAutomaton.matched) != 0 { best = offset }
            guard offset > from else { break }
            state = entry >> 2
            offset -= length
        }
        return best
    }

    private func neighbour(
        before offset: Int, _ classes: CharacterClasses, _ text: UnsafeBufferPointer<UInt8>
    ) -> Neighbour {
        guard offset > 0 else { return .edge }
        return classes.neighbours[classes.number(of: UTF8Scalars.previous(text, before: offset).scalar)]
    }

    /// From where on the text may be part of a match that is not certain yet.
    func pending(_ pattern: Pattern, _ text: UnsafeBufferPointer<UInt8>) -> Int {
        guard let forward = pattern.forward else { return threads?.pending ?? offset }
        let reach = forward.reach[state]
        guard reach > 0 else { return offset }
        guard reach < PatternSyntax.unbounded else { return busySince }
        return max(busySince, UTF8Scalars.start(text, characters: reach, before: offset))
    }
}
