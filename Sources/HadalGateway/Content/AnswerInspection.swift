import HadalRules
import HadalWire

/// Looks at one answer while it comes. Parts come one after the other; each goes through a pipe of its own.
struct AnswerInspection: Sendable {
    private enum Part: Hashable {
        case reasoning, content
        case call(Int)

        var isJSON: Bool { if case .call = self { true } else { false } }
    }

    private let plan: AnswerPlan
    private var open: (part: Part, pipe: AnswerPipe)?
    /// What waits for the end, where nothing may go out before.
    private var held: [GenerationDelta] = []
    private(set) var verdicts: ContentVerdicts
    /// For the client, where the answer was ended.
    private(set) var block: String?

    /// - Parameter verdicts: of the prompt, to which the answer's are added.
    init(_ plan: AnswerPlan, _ verdicts: ContentVerdicts) {
        self.plan = plan
        self.verdicts = verdicts
        self.verdicts.blocksLeaks = plan.blocksLeaks
    }

    /// What of it may go on now.
    mutating func take(_ delta: GenerationDelta) -> [GenerationDelta] {
        guard !plan.isIdle else { return [delta] }
        guard block == nil else { return [] }
        return released(inspect(delta))
    }

    /// The rest, when the answer is complete.
    mutating func finish() -> [GenerationDelta] {
        guard !plan.isIdle else { return [] }
        let rest = close()
        defer { held = [] }
        return plan.needsWhole && block != nil ? [] : held + rest
    }

    private mutating func released(_ deltas: [GenerationDelta]) -> [GenerationDelta] {
        guard plan.needsWhole else { return deltas }
        held += deltas
        return []
    }

    private mutating func inspect(_ delta: GenerationDelta) -> [GenerationDelta] {
        switch delta.part {
        case .reasoning: return pass(delta, .reasoning)
        case .content: return pass(delta, .content)
        case .call(let index, _): return pass(delta, .call(index))
        case .broken(let index, let whole):
            // What was held back of the call was told of to nobody, and is content now like the rest of it.
            let rest = close().map(\.text).joined()
            let text = block == nil ? all(of: delta.text) : ""
            let all = whole.map { block == nil ? self.all(of: $0) : "" }
            return [GenerationDelta(part: .broken(index: index, whole: all), text: rest + text, tokens: [])]
        }
    }

    /// The tokens are left out: what was changed would stand in them.
    private mutating func pass(_ delta: GenerationDelta, _ part: Part) -> [GenerationDelta] {
        var deltas: [GenerationDelta] = []
        if open?.part != part {
            deltas = close()
            guard block == nil else { return deltas }
            open = (part, AnswerPipe(plan, isJSON: part.isJSON))
        }
        let text = take(open!.pipe.append(delta.text))
        if !text.isEmpty || delta.beginsCall { deltas.append(.init(part: delta.part, text: text, tokens: [])) }
        return deltas
    }

    /// Ends the part that is open.
    private mutating func close() -> [GenerationDelta] {
        guard let (part, current) = open else { return [] }
        open = nil
        guard block == nil else { return [] }
        var pipe = current
        let text = take(pipe.finish())
        guard !text.isEmpty else { return [] }
        let kind: GenerationDelta.Part =
            switch part {
            case .reasoning: .reasoning
            case .content: .content
            case .call(let index): .call(index: index, name: nil)
            }
        return [GenerationDelta(part: kind, text: text, tokens: [])]
    }

    private mutating func all(of text: String) -> String {
        var pipe = AnswerPipe(plan, isJSON: false)
        let first = take(pipe.append(text))
        return block == nil ? first + take(pipe.finish()) : first
    }

    private mutating func take(_ passed: AnswerPipe.Passed) -> String {
        verdicts.leaks += passed.leaks.filter { !verdicts.leaks.contains($0) }
        verdicts.privacyResponse.add(passed.privacy)
        if let rules = passed.rules, rules.decision.outcome >= verdicts.rulesResponse?.decision.outcome ?? .pass {
            verdicts.rulesResponse = rules
        }
        if let message = passed.block { block = message }
        return passed.text
    }
}
