import HadalText

/// All rules compiled into one automaton over their terms. A text is read once, whatever the number of rules: for each
/// rule it is remembered where its steps were last found, so that a match takes no backtracking.
struct RuleMatcher: Sendable {
    struct Hit: Sendable, Equatable {
        /// Its place in `rules`.
        let rule: Int
        /// Scalars of the folded text.
        let range: Range<Int>
    }

    /// A term is a step of several rules.
    private struct Use: Sendable {
        let rule: Int
        let step: Int
        let isLast: Bool
        /// The most scalars from the step before.
        let gap: Int
        /// Where the step's progress is kept.
        let slot: Int
    }

    private struct Term: Sendable {
        let isPrefix: Bool
        let uses: [Use]
    }

    let rules: [Rule]
    private let matcher: KeywordMatcher
    private let terms: [Term]
    private let slotCount: Int

    init(_ rules: [Rule]) {
        self.rules = rules
        var uses: [String: [Use]] = [:]
        var slot = 0
        for (index, rule) in rules.enumerated() {
            for (number, step) in rule.steps.enumerated() {
                let use = Use(
                    rule: index, step: number, isLast: number == rule.steps.count - 1, gap: step.gap, slot: slot)
                for term in Set(step.terms) { uses[term, default: []].append(use) }
                slot += 1
            }
        }
        slotCount = slot
        // Later steps of a rule first: one term must not be two steps at once.
        let sorted = uses.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted { $0.step > $1.step }) }
        matcher = KeywordMatcher(
            sorted.map { term, _ in
                KeywordMatcher.Keyword(Self.text(of: term), isWholeWord: Self.isLatin(term) && term.last != "*")
            })
        terms = sorted.map { Term(isPrefix: $0.last == "*" && Self.isLatin($0), uses: $1) }
    }

    private static func isLatin(_ term: String) -> Bool { term.utf8.contains { UInt32($0 | 0x20) &- 0x61 < 26 } }

    private static func text(of term: String) -> String {
        term.last == "*" && isLatin(term) ? String(term.dropLast()) : term
    }

    /// Where rules match, in the order of their ends.
    ///
    /// - Parameter text: `FoldedText.encoded`.
    func hits(in text: FoldedText.Encoded) -> [Hit] {
        var progress = [Range<Int>](repeating: Self.nowhere, count: slotCount)
        var hits: [Hit] = []
        progress.withUnsafeMutableBufferPointer { progress in
            text.bytes.withUnsafeBufferPointer { bytes in
                matcher.search(bytes) { match in
                    let term = terms[match.keyword]
                    if term.isPrefix, WordCharacters.isInside(bytes, at: match.range.lowerBound) { return }
                    let start = Int(text.positions[match.range.lowerBound])
                    let end = Int(text.positions[match.range.upperBound])
                    for use in term.uses { Self.take(start..<end, use, progress, &hits) }
                }
            }
        }
        return hits
    }

    /// A step that was not found yet: everything lies too far from it.
    private static let nowhere = -1 << 40 ..< -1 << 40

    @inline(__always)
    private static func take(
        _ found: Range<Int>, _ use: Use, _ progress: UnsafeMutableBufferPointer<Range<Int>>, _ hits: inout [Hit]
    ) {
        var range = found
        if use.step > 0 {
            let before = progress[use.slot - 1]
            guard before.upperBound <= found.lowerBound, found.lowerBound - before.upperBound <= use.gap else { return }
            range = before.lowerBound..<found.upperBound
        }
        if use.isLast { hits.append(Hit(rule: use.rule, range: range)) } else { progress[use.slot] = range }
    }
}

extension FoldedText {
    struct Encoded: Sendable {
        /// UTF-8.
        var bytes: [UInt8] = []
        /// For each byte, and for the end, the number of its scalar.
        var positions: [UInt32] = []
    }

    var encoded: Encoded {
        var encoded = Encoded()
        encoded.bytes.reserveCapacity(scalars.count * 3)
        encoded.positions.reserveCapacity(scalars.count * 3 + 1)
        for (index, scalar) in scalars.enumerated() {
            let position = UInt32(truncatingIfNeeded: index)
            func add(_ byte: UInt32) {
                encoded.bytes.append(UInt8(truncatingIfNeeded: byte))
                encoded.positions.append(position)
            }
            switch scalar {
            case 0..<0x80: add(scalar)
            case 0..<0x800:
                add(0xC0 | scalar >> 6)
                add(0x80 | scalar & 0x3F)
            case 0..<0x10000:
                add(0xE0 | scalar >> 12)
                add(0x80 | scalar >> 6 & 0x3F)
                add(0x80 | scalar & 0x3F)
            default:
                add(0xF0 | scalar >> 18)
                add(0x80 | scalar >> 12 & 0x3F)
                add(0x80 | scalar >> 6 & 0x3F)
                add(0x80 | scalar & 0x3F)
            }
        }
        encoded.positions.append(UInt32(truncatingIfNeeded: scalars.count))
        return encoded
    }
}
