import Foundation
import HadalJSON

extension RuleEvaluation {
    /// Why a condition that holds does: the leaves that made it true.
    mutating func findings(_ condition: RuleCondition) -> [RuleFinding] {
        switch condition {
        case .all(let parts): return parts.flatMap { findings($0) }
        case .any(let parts): return parts.flatMap { holds($0) == true ? findings($0) : [] }
        case .not(let part):
            return part.leaves.prefix(1).map {
                RuleFinding(condition: $0.path, detail: "it does not hold", count: 0, places: [])
            }
        case .leaf(let leaf):
            let number = leaf.textCondition
            return [
                RuleFinding(
                    condition: leaf.path, detail: detail(leaf.kind), count: number.map { facts.counts[$0] } ?? 0,
                    places: number.map { facts.places[$0] } ?? [])
            ]
        }
    }

    private mutating func detail(_ kind: RuleLeaf.Kind) -> String {
        switch kind {
        case .text(let number):
            let condition = set.conditions[number]
            let count = facts.counts[number]
            let matches = count == 1 ? "1 match" : "\(count) matches"
            let what = condition.pattern.map { "the expression \($0.source)" } ?? "the keywords"
            return "\(matches) of \(what)" + (condition.atLeast > 1 ? ", at least \(condition.atLeast)" : "")
        case .length: return "the length is \(length)"
        case .metadata(let field, _):
            return "\(field.name) is \(input.metadata.value(of: field).joined(separator: ", "))"
        case .address: return "address is \(input.metadata.address ?? "not known")"
        case .time: return "the time is \(input.metadata.time.formatted(.iso8601))"
        case .score(let name, _, _):
            return input.scores[name].map { "score \(name) is \($0)" } ?? "score \(name) is missing"
        case .answer(let condition):
            let isMissing = parsedAnswer().flatMap { condition.holds(for: $0) } == nil
            return "the answer's \(condition.path.text) \(isMissing ? "is missing" : "fits")"
        }
    }
}
