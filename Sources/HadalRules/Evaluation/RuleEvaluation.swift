import HadalJSON
import HadalText

/// One look at all rules that are for a text.
struct RuleEvaluation: Sendable {
    let set: RuleSet
    let input: RuleInput
    /// Numbers of those that are for it, in order.
    let rules: [Int]
    var facts: TextFacts
    /// Characters of the texts so far.
    var length: Int
    /// Whether the texts are all there. Until then a condition that what follows may make true or false is neither.
    var isComplete = true
    private var answer: JSON??

    init(_ set: RuleSet, _ input: RuleInput, rules: [Int], _ facts: TextFacts) {
        self.set = set
        self.input = input
        self.rules = rules
        self.facts = facts
        length = input.texts.reduce(0) { $0 + CharacterCount.of($1.original[...]) }
    }

    mutating func verdict() -> RuleVerdict {
        var real = DecisionTrack()
        var dry = DecisionTrack()
        var hits: [RuleHit] = []
        var replacing: [Int] = []
        for number in rules {
            // What ends the real one ends the other too, so that a rule that only one of them may take is a real one.
            if real.isEnded { break }
            let rule = set.rules[number]
            if rule.isDryRun, dry.isEnded { continue }
            guard holds(rule.condition) == true else { continue }
            if !dry.isEnded { dry.take(rule) }
            if !rule.isDryRun {
                real.take(rule)
                if rule.action?.kind == .replace { replacing.append(number) }
            }
            hits.append(
                RuleHit(
                    rule: rule.id, action: rule.action?.kind, isDryRun: rule.isDryRun, weight: rule.weight,
                    findings: findings(rule.condition)))
        }
        real.finish(set.thresholds)
        dry.finish(set.thresholds)
        let replacements = replacements(by: replacing)
        return RuleVerdict(
            version: set.version, digest: set.digest, decision: real.decision, dryRunDecision: dry.decision, hits: hits,
            replacements: replacements,
            replacedTexts: replacements.isEmpty ? nil : Replacer.replace(replacements, in: input.texts))
    }

    /// Whether a rule hits, of those in force, and which; for a text that is still coming.
    mutating func decision() -> (decision: RuleDecision, hits: [Int]) {
        var track = DecisionTrack()
        var hits: [Int] = []
        for number in rules where !set.rules[number].isDryRun {
            if track.isEnded { break }
            guard holds(set.rules[number].condition) == true else { continue }
            track.take(set.rules[number])
            hits.append(number)
        }
        track.finish(set.thresholds)
        return (track.decision, hits)
    }

    /// nil while it is not known.
    mutating func holds(_ condition: RuleCondition) -> Bool? {
        switch condition {
        case .all(let parts):
            var result: Bool? = true
            for part in parts {
                switch holds(part) {
                case false?: return false
                case nil: result = nil
                case true?: break
                }
            }
            return result
        case .any(let parts):
            var result: Bool? = false
            for part in parts {
                switch holds(part) {
                case true?: return true
                case nil: result = nil
                case false?: break
                }
            }
            return result
        case .not(let part): return holds(part).map { !$0 }
        case .leaf(let leaf): return holds(leaf.kind)
        }
    }

    private mutating func holds(_ leaf: RuleLeaf.Kind) -> Bool? {
        switch leaf {
        case .text(let number):
            if isComplete { facts.search(number, of: set, input.texts) }
            return facts.counts[number] >= set.conditions[number].atLeast ? true : isComplete ? false : nil
        case .length(let min, let max):
            if let max, length > max { return false }
            if let min, length < min { return isComplete ? false : nil }
            return max == nil || isComplete ? true : nil
        case .metadata(let field, let patterns):
            return input.metadata.value(of: field).contains { value in patterns.contains { $0.matches(value) } }
        case .address(let ranges):
            return input.metadata.address.map { address in ranges.contains { $0.contains(address) } } ?? false
        case .time(let window): return window.contains(input.metadata.time)
        case .score(let name, let range, let ifMissing):
            guard let score = input.scores[name] else { return isComplete ? ifMissing : nil }
            return range.contains(score)
        case .answer(let condition):
            guard isComplete else { return nil }
            guard input.direction == .output, let answer = parsedAnswer() else { return condition.ifMissing }
            return condition.holds(for: answer) ?? condition.ifMissing
        }
    }

    mutating func parsedAnswer() -> JSON? {
        if let answer { return answer }
        let parsed = input.texts.lazy.compactMap { AnswerText.json(in: String(decoding: $0.original, as: UTF8.self)) }
            .first
        answer = .some(parsed)
        return parsed
    }
}

enum CharacterCount {
    /// Of UTF-8: its Unicode scalars.
    static func of(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
}
