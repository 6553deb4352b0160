/// A decision in the making: what the rules taken so far come to.
struct DecisionTrack {
    private(set) var decision = RuleDecision()
    /// No further rule counts.
    private(set) var isEnded = false
    /// No threshold counts.
    private var isAllowed = false

    mutating func take(_ rule: Rule) {
        decision.score += rule.weight
        for tag in rule.tags where !decision.tags.contains(tag) { decision.tags.append(tag) }
        var outcome = rule.action?.kind ?? .pass
        if outcome == .pass, !rule.tags.isEmpty { outcome = .tag }
        if outcome > decision.outcome {
            decision.outcome = outcome
            decision.rule = rule.id
            decision.message = nil
            switch rule.action {
            case .block(let message): decision.message = message ?? RuleSet.standardMessage
            case .requireReview(let message): decision.message = message
            default: break
            }
        }
        switch rule.action {
        case .route(let model): decision.route = decision.route ?? model
        case .allow:
            isAllowed = true
            isEnded = true
        default: break
        }
        isEnded = isEnded || rule.stops
    }

    mutating func finish(_ thresholds: RuleThresholds) {
        isEnded = true
        guard !isAllowed else { return }
        if let block = thresholds.block, decision.score >= block, decision.outcome < .block {
            decision.outcome = .block
            decision.rule = nil
            decision.message = thresholds.message ?? RuleSet.standardMessage
        } else if let review = thresholds.review, decision.score >= review, decision.outcome < .requireReview {
            decision.outcome = .requireReview
            decision.rule = nil
            decision.message = nil
        }
    }
}
