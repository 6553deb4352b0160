extension Network {
    /// The states from which any plain text leads on, however long and whatever it says: inside a string without a bound,
    /// say. Plain text is whole characters in UTF-8, none of them a control character, a quote or a backslash.
    ///
    /// They are the greatest set of which each state leads by every character to a state of the set; characters of several
    /// bytes pass through states of which as much is asked for the bytes that are left.
    func statesOfAnyPlainText() -> [Bool] {
        /// A bit for each place within a character.
        var holds = height.map { $0 < Network.hopeless ? UInt8.max : 0 }
        var rounds = 0
        var changed = true
        while changed {
            changed = false
            rounds += 1
            // Long chains that end are found slowly; then nothing is said of any state.
            guard rounds <= 64 else { return [Bool](repeating: false, count: stateCount) }
            for state in (0..<Int32(stateCount)).reversed() where holds[Int(state)] != 0 {
                let kept = kept(state, holds)
                if kept != holds[Int(state)] {
                    holds[Int(state)] = kept
                    changed = true
                }
            }
        }
        return holds.map { $0 & 1 != 0 }
    }

    /// The counted rules that any one plain character is a run of: the characters of a string with a bound.
    func rulesOfOnePlainCharacter() -> [Bool] {
        rules.map { rule in
            guard rule.isCounted else { return false }
            var known: [UInt64: Bool] = [:]
            return reads(rule.start, place: 0, &known)
        }
    }

    /// Whether the rest of any character leads to the end of the rule.
    private func reads(_ state: Int32, place: Int, _ known: inout [UInt64: Bool]) -> Bool {
        let key = UInt64(UInt32(bitPattern: state)) << 8 | UInt64(place)
        if let known = known[key] { return known }
        let edges = ownEdges(state)
        var result = true
        for step in Network.places[place] where result {
            var next = Int(step.bytes.lowerBound)
            while result, next <= Int(step.bytes.upperBound) {
                var reach = next - 1
                for edge in edges where Int(edge.low) <= next && Int(edge.high) > reach {
                    // 0 is the place between characters.
                    let isRead =
                        step.next == 0 ? mayEnd(edge.target) : reads(edge.target, place: Int(step.next), &known)
                    if isRead { reach = Int(edge.high) }
                }
                result = reach >= next
                next = reach + 1
            }
        }
        known[key] = result
        return result
    }

    private func mayEnd(_ state: Int32) -> Bool {
        accepts[Int(state)] || jumps(of: state).contains { accepts[Int($0)] }
    }

    /// Whether a character of plain text may begin with one of the state's bytes.
    func readsPlainText(_ state: Int32) -> Bool {
        edges(of: state).contains { edge in
            Network.places[0].contains { $0.bytes.overlaps(edge.low...edge.high) }
        }
    }

    private struct Step {
        var bytes: ClosedRange<UInt8>
        /// The place that follows.
        var next: UInt8
    }

    /// Of each place, what may come: 0 between characters, 1 to 3 before so many further bytes, and after E0, ED, F0, F4,
    /// which not every byte follows (Unicode, table 3-7).
    private static let places: [[Step]] = [
        [
            Step(bytes: 0x20...0x21, next: 0), Step(bytes: 0x23...0x5B, next: 0), Step(bytes: 0x5D...0x7F, next: 0),
            Step(bytes: 0xC2...0xDF, next: 1), Step(bytes: 0xE0...0xE0, next: 4), Step(bytes: 0xE1...0xEC, next: 2),
            Step(bytes: 0xED...0xED, next: 5), Step(bytes: 0xEE...0xEF, next: 2), Step(bytes: 0xF0...0xF0, next: 6),
            Step(bytes: 0xF1...0xF3, next: 3), Step(bytes: 0xF4...0xF4, next: 7),
        ],
        [Step(bytes: 0x80...0xBF, next: 0)], [Step(bytes: 0x80...0xBF, next: 1)], [Step(bytes: 0x80...0xBF, next: 2)],
        [Step(bytes: 0xA0...0xBF, next: 1)], [Step(bytes: 0x80...0x9F, next: 1)], [Step(bytes: 0x90...0xBF, next: 2)],
        [Step(bytes: 0x80...0x8F, next: 2)],
    ]

    /// The places that still hold for a state.
    private func kept(_ state: Int32, _ holds: [UInt8]) -> UInt8 {
        let edges = ownEdges(state)
        guard !edges.isEmpty else { return 0 }
        var result: UInt8 = 0
        for (place, steps) in Network.places.enumerated() where holds[Int(state)] >> UInt8(place) & 1 != 0 {
            let isKept = steps.allSatisfy { step in
                // From byte to byte through whatever edges cover it.
                var next = Int(step.bytes.lowerBound)
                while next <= Int(step.bytes.upperBound) {
                    var reach = next - 1
                    for edge in edges where Int(edge.low) <= next && Int(edge.high) > reach {
                        if holds[Int(edge.target)] >> step.next & 1 != 0 { reach = Int(edge.high) }
                    }
                    guard reach >= next else { return false }
                    next = reach + 1
                }
                return true
            }
            if isKept { result |= 1 << UInt8(place) }
        }
        return result
    }

    /// The edges of a state and of some that it jumps to.
    private func ownEdges(_ state: Int32) -> [Edge] {
        guard !jumps(of: state).isEmpty else { return Array(edges(of: state)) }
        var found = [state]
        var index = 0
        while index < found.count, found.count < 32 {
            for target in jumps(of: found[index]) where !found.contains(target) { found.append(target) }
            index += 1
        }
        return found.flatMap { edges(of: $0) }
    }
}
