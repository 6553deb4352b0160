import HadalText

/// A place in one of the texts.
public struct RulePlace: Sendable, Hashable {
    /// Which of the texts.
    public var part: Int
    /// Bytes of its UTF-8 as it was given.
    public var range: Range<Int>
}

/// What was found in texts.
struct TextFacts: Sendable {
    /// More places of a condition are counted, not kept, unless they are to be replaced.
    private static let placesLimit = 100

    /// By text condition.
    private(set) var counts: [Int]
    private(set) var places: [[RulePlace]]
    /// Of an expression: whether one of its literals was found.
    private var isPossible: [Bool]
    private var isSearched: [Bool]

    init(_ set: RuleSet) {
        counts = Array(repeating: 0, count: set.conditions.count)
        places = Array(repeating: [], count: set.conditions.count)
        isPossible = set.needsNoLiteral
        isSearched = Array(repeating: false, count: set.conditions.count)
    }

    mutating func add(_ place: RulePlace, to condition: Int, of set: RuleSet) {
        counts[condition] += 1
        if set.replaces[condition] || places[condition].count < Self.placesLimit { places[condition].append(place) }
    }

    mutating func findKeywords(_ set: RuleSet, _ text: NormalisedText, part: Int) {
        text.bytes.withUnsafeBufferPointer { bytes in
            set.matcher.search(bytes) { match in
                for target in set.targets[match.keyword] {
                    let condition = Int(target)
                    if set.conditions[condition].pattern != nil {
                        isPossible[condition] = true
                    } else {
                        add(RulePlace(part: part, range: text.originalRange(match.range)), to: condition, of: set)
                    }
                }
            }
        }
    }

    /// Runs an expression, once, where it can match.
    mutating func search(_ condition: Int, of set: RuleSet, _ texts: [NormalisedText]) {
        guard let pattern = set.conditions[condition].pattern, isPossible[condition], !isSearched[condition] else {
            return
        }
        isSearched[condition] = true
        for (part, text) in texts.enumerated() {
            text.bytes.withUnsafeBufferPointer { bytes in
                pattern.search(bytes) { range in
                    add(RulePlace(part: part, range: text.originalRange(range)), to: condition, of: set)
                }
            }
        }
    }
}
