import HadalText

/// Looks at an answer while it comes. What may be part of a match of a rule that blocks or replaces is held back until that is
/// certain: at most the longest such match, or `RuleSet.holdBack` characters where there is no longest one.
///
/// What comes out does not depend on how the answer is cut. Rules see what has come so far: a block comes when its condition
/// holds, and a rule that would have prevented it by something further on comes too late. What is known only at the end (the
/// answer's JSON, scores, that something is missing) is decided there (`RuleSet.needsWholeAnswer`). A rule replaces from the
/// match on with which it hits.
public struct RuleStream: Sendable {
    public struct Output: Sendable, Hashable {
        /// What may be sent on now.
        public var text: String
        /// Where the answer ends: because a rule blocks it, or because it was finished.
        public var verdict: RuleVerdict?
    }

    private let set: RuleSet
    private var text = StreamText()
    private var evaluation: RuleEvaluation
    private var finder: StreamFinder
    private var writer = StreamWriter()
    /// Numbers of the rules in force that hit so far.
    private var hits: [Int] = []
    private var end: RuleVerdict?

    init(_ set: RuleSet, metadata: RuleMetadata, scores: [String: Double]) {
        self.set = set
        let input = RuleInput(.output, texts: [], metadata: metadata, scores: scores)
        let rules = set.active(metadata, .output)
        evaluation = RuleEvaluation(set, input, rules: rules, TextFacts(set))
        evaluation.isComplete = false
        finder = StreamFinder(set, rules)
        decide()
    }

    /// - Parameter piece: whole characters.
    public mutating func append(_ piece: String) -> Output {
        if let end { return Output(text: "", verdict: end) }
        text.append(piece)
        return take(finder.find(in: text, isComplete: false, set), upTo: finder.limit(in: text, set))
    }

    /// - Parameter scores: those known only now; they are added to the first ones.
    public mutating func finish(scores: [String: Double] = [:]) -> Output {
        if let end { return Output(text: "", verdict: end) }
        var output = take(finder.find(in: text, isComplete: true, set), upTo: nil)
        guard output.verdict == nil else { return output }
        var input = evaluation.input
        input.texts = [NormalisedText(utf8: text.original)]
        input.scores.merge(scores) { $1 }
        var verdict = set.evaluate(input)
        if verdict.decision.outcome != .block {
            let rest = writer.write(text.original, upTo: text.original.count, set)
            output.text += String(decoding: rest, as: UTF8.self)
        }
        verdict.replacements = writer.done
        verdict.replacedTexts = nil
        end = verdict
        output.verdict = verdict
        return output
    }

    /// - Parameter limit: of the normalised text, what is certain; nil to send nothing but what comes before a block.
    private mutating func take(_ events: [StreamEvent], upTo limit: Int?) -> Output {
        for event in events {
            take(event)
            guard var verdict = end else { continue }
            let start = event.range.map { text.originalRange($0).lowerBound } ?? 0
            let sent = writer.write(text.original, upTo: start, set)
            verdict.replacements = writer.done
            end = verdict
            return Output(text: String(decoding: sent, as: UTF8.self), verdict: verdict)
        }
        evaluation.length = finder.length
        guard let limit else { return Output(text: "", verdict: nil) }
        let sent = writer.write(text.original, upTo: text.originalLimit(of: limit), set)
        return Output(text: String(decoding: sent, as: UTF8.self), verdict: nil)
    }

    private mutating func take(_ event: StreamEvent) {
        guard let range = event.range else {
            evaluation.length = event.value
            return decide()
        }
        let condition = event.value
        let place = RulePlace(part: 0, range: text.originalRange(range))
        evaluation.facts.add(place, to: condition, of: set)
        if evaluation.facts.counts[condition] == set.conditions[condition].atLeast { decide() }
        guard set.replaces[condition] else { return }
        for rule in hits where set.rules[rule].replaces(condition) { writer.replace(place.range, by: rule) }
    }

    private mutating func decide() {
        let (decision, hits) = evaluation.decision()
        self.hits = hits
        guard decision.outcome == .block else { return }
        end = evaluation.verdict()
    }
}

extension Rule {
    /// Whether it replaces what a text condition finds.
    func replaces(_ condition: Int) -> Bool {
        action?.kind == .replace && self.condition.positiveLeaves.contains { $0.textCondition == condition }
    }
}
