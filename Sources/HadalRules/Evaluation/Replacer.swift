import HadalText

extension RuleEvaluation {
    /// What the rules replace, in order; matches that overlap are one, and get the text of the one that begins first, of those
    /// that begin together the one of the rule that comes first.
    func replacements(by rules: [Int]) -> [RuleReplacement] {
        guard !rules.isEmpty else { return [] }
        var all: [(place: RulePlace, rule: Int)] = []
        for rule in rules {
            for leaf in set.rules[rule].condition.positiveLeaves {
                guard let number = leaf.textCondition else { continue }
                all += facts.places[number].map { ($0, rule) }
            }
        }
        all.sort {
            ($0.place.part, $0.place.range.lowerBound, $0.rule) < ($1.place.part, $1.place.range.lowerBound, $1.rule)
        }
        var result: [RuleReplacement] = []
        for (place, rule) in all {
            if let last = result.last?.place, last.part == place.part, place.range.lowerBound < last.range.upperBound {
                let end = max(last.range.upperBound, place.range.upperBound)
                result[result.count - 1].place.range = last.range.lowerBound..<end
            } else if case .replace(let text) = set.rules[rule].action {
                result.append(RuleReplacement(place: place, text: text, rule: set.rules[rule].id))
            }
        }
        return result
    }
}

enum Replacer {
    static func replace(_ replacements: [RuleReplacement], in texts: [NormalisedText]) -> [String] {
        var next = replacements[...]
        return texts.enumerated().map { part, text in
            var bytes: [UInt8] = []
            var written = 0
            while let replacement = next.first, replacement.place.part == part {
                next.removeFirst()
                bytes += text.original[written..<replacement.place.range.lowerBound]
                bytes += Array(replacement.text.utf8)
                written = replacement.place.range.upperBound
            }
            bytes += text.original[written...]
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
