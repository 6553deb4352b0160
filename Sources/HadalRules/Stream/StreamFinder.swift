import HadalText

/// Something that a text came to have, and where that became certain.
struct StreamEvent {
    /// After so many bytes of the normalised text; the end of the text counts as one.
    var position: Int
    /// A match; nil for a length that was reached.
    var range: Range<Int>?
    /// The text condition that matched, or the length in characters.
    var value: Int
}

/// Finds in a text that is still coming what conditions ask for, in an order that does not depend on how it is cut.
struct StreamFinder: Sendable {
    /// Characters so far.
    private(set) var length = 0
    /// Bytes that they were counted in.
    private var counted = 0
    private var place = KeywordMatcher.Place()
    /// Whole words that end with the text so far.
    private var undecided: [KeywordMatcher.Match] = []
    private var cursors: [(condition: Int, cursor: PatternCursor)] = []
    /// By text condition: whether a rule for this answer asks for it; whether what it finds is held back.
    private var isAsked: [Bool]
    private var isHeld: [Bool]
    /// Of an expression: whether one of its literals has come.
    private var isPossible: [Bool]
    /// Bytes of the longest keyword that is held back.
    private var longestKeyword = 0
    /// That change what a condition says, ascending.
    private var lengths: [Int]

    init(_ set: RuleSet, _ rules: [Int]) {
        isAsked = Array(repeating: false, count: set.conditions.count)
        isHeld = isAsked
        isPossible = set.needsNoLiteral
        var lengths: Set<Int> = []
        for rule in rules.map({ set.rules[$0] }) {
            let holds = rule.holds || (!rule.isDryRun && rule.weight > 0 && set.thresholds.block != nil)
            for leaf in rule.condition.leaves {
                if let number = leaf.textCondition {
                    isAsked[number] = true
                    isHeld[number] = isHeld[number] || holds
                } else if case .length(let min, let max) = leaf.kind {
                    lengths.formUnion([min ?? 0, max.map { $0 == .max ? $0 : $0 + 1 } ?? 0].filter { $0 > 0 })
                }
            }
        }
        self.lengths = lengths.sorted()
        for (keyword, targets) in zip(set.keywords, set.targets) {
            let isHeld = targets.contains { self.isHeld[Int($0)] && set.conditions[Int($0)].pattern == nil }
            if isHeld { longestKeyword = max(longestKeyword, keyword.text.utf8.count) }
        }
        for (number, condition) in set.conditions.enumerated() where isAsked[number] {
            if let pattern = condition.pattern { cursors.append((number, PatternCursor(pattern))) }
        }
    }

    mutating func find(in text: StreamText, isComplete: Bool, _ set: RuleSet) -> [StreamEvent] {
        var events: [StreamEvent] = []
        text.normalised.withUnsafeBufferPointer { bytes in
            findKeywords(in: bytes, isComplete, set, &events)
            for index in cursors.indices {
                let condition = cursors[index].condition
                // Without its literal it cannot match; but what is held back must be known.
                guard let pattern = set.conditions[condition].pattern, isPossible[condition] || isHeld[condition] else {
                    continue
                }
                cursors[index].cursor.advance(pattern, bytes, isComplete: isComplete) { match, certain in
                    events.append(StreamEvent(position: certain + 1, range: match, value: condition))
                }
            }
        }
        findLengths(in: text, &events)
        return events.sorted {
            ($0.position, $0.range == nil ? 0 : 1, $0.value, $0.range?.lowerBound ?? 0)
                < ($1.position, $1.range == nil ? 0 : 1, $1.value, $1.range?.lowerBound ?? 0)
        }
    }

    private mutating func findKeywords(
        in bytes: UnsafeBufferPointer<UInt8>, _ isComplete: Bool, _ set: RuleSet, _ events: inout [StreamEvent]
    ) {
        var matches: [KeywordMatcher.Match] = []
        if place.offset < bytes.count || isComplete {
            matches = undecided.filter { !WordCharacters.isInside(bytes, at: $0.range.upperBound) }
            undecided = []
        }
        set.matcher.search(bytes, from: &place) { match in
            if set.keywords[match.keyword].isWholeWord, match.range.upperBound == bytes.count, !isComplete {
                undecided.append(match)
            } else {
                matches.append(match)
            }
        }
        for match in matches {
            let position = match.range.upperBound + (set.keywords[match.keyword].isWholeWord ? 1 : 0)
            for target in set.targets[match.keyword].map({ Int($0) }) where isAsked[target] {
                if set.conditions[target].pattern == nil {
                    events.append(StreamEvent(position: position, range: match.range, value: target))
                } else {
                    isPossible[target] = true
                }
            }
        }
    }

    private mutating func findLengths(in text: StreamText, _ events: inout [StreamEvent]) {
        let before = length
        length += CharacterCount.of(text.original[counted...])
        counted = text.original.count
        for reached in lengths where before < reached && reached <= length {
            var end = 0
            var count = 0
            while count < reached {
                count += 1
                repeat { end += 1 } while end < text.original.count && text.original[end] & 0xC0 == 0x80
            }
            let position = NormalisedText(utf8: Array(text.original[..<end])).bytes.count
            events.append(StreamEvent(position: position, range: nil, value: reached))
        }
    }

    /// How much of the normalised text no match that is held back can begin in any more.
    func limit(in text: StreamText, _ set: RuleSet) -> Int {
        text.normalised.withUnsafeBufferPointer { bytes in
            var limit = bytes.count - min(longestKeyword, set.matcher.pendingBytes(at: place))
            for match in undecided where set.targets[match.keyword].contains(where: { isHeld[Int($0)] }) {
                limit = min(limit, match.range.lowerBound)
            }
            for (condition, cursor) in cursors where isHeld[condition] {
                guard let pattern = set.conditions[condition].pattern else { continue }
                let pending = cursor.pending(pattern, bytes)
                guard pattern.longest == nil else {
                    limit = min(limit, pending)
                    continue
                }
                let farthest = UTF8Scalars.start(bytes, characters: set.holdBack, before: bytes.count)
                limit = min(limit, max(pending, farthest))
            }
            while limit > 0, limit < bytes.count, bytes[limit] & 0xC0 == 0x80 { limit -= 1 }
            return limit
        }
    }
}
