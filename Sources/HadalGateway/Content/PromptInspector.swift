import HadalFirewall
import HadalPrivacy
import HadalRules
import HadalText

/// Looks at what goes to a model: firewall, personal data, the organisation's rules, in this order; rules see what the others
/// found (`firewall`, `pii.email`).
struct PromptInspector: Sendable {
    /// Made when a prompt is first searched: servers that search none need not have it.
    private static let firewall = Firewall()

    let policy: ContentPolicy
    let rules: RuleSet?

    /// What came of it.
    struct Result: Sendable {
        var verdicts: ContentVerdicts
        /// What may go on; nil where nothing was changed.
        var texts: [String]?
        /// What its placeholders stand for.
        var vault = Vault()
        /// The model that a rule wants to answer.
        var route: String?
        /// For the client, where it goes no further.
        var message: String?
        /// What rules for the answer may look at.
        var scores: [String: Double] = [:]
    }

    var isIdle: Bool {
        policy.firewall == nil && policy.privacy.policy.request.isIdle && (rules?.rules.isEmpty ?? true)
    }

    /// - Parameter reserved: texts that go to the model as they are, in which nothing is to be taken for a placeholder.
    func inspect(_ texts: [PromptText], reserved: [String] = [], _ metadata: RuleMetadata) -> Result {
        var result = Result(verdicts: ContentVerdicts(isDryRun: policy.isDryRun))
        guard !isIdle else { return result }
        var clock = StepClock()
        // Once for all steps.
        let normalised = texts.map { NormalisedText($0.text) }
        if let thresholds = policy.firewall {
            let messages = zip(texts, normalised).map { FirewallMessage($0.role, $1) }
            let verdict = Self.firewall.check(messages, policy: thresholds)
            result.verdicts.firewall = verdict
            result.scores["firewall"] = verdict.score
            clock.ended("firewall", &result.verdicts)
        }
        var masked = mask(texts.map(\.text), normalised, reserved, &result.verdicts.privacyRequest)
        clock.ended("privacy_request", &result.verdicts)
        for (kind, count) in result.verdicts.privacyRequest.kinds {
            result.scores["pii." + kind.rawValue] = Double(count)
        }
        if let rules, !rules.rules.isEmpty {
            let input = RuleInput(.input, texts: normalised, metadata: metadata, scores: result.scores)
            let verdict = rules.evaluate(input)
            result.verdicts.rulesRequest = verdict
            result.route = policy.isDryRun ? nil : verdict.decision.route
            if let replaced = verdict.replacedTexts, !replaced.isEmpty {
                // Once more, on what is left: a rule may have taken away what was masked.
                var counts = PrivacyCounts()
                masked = mask(replaced, replaced.map { NormalisedText($0) }, reserved, &counts)
            }
            clock.ended("rules_request", &result.verdicts)
        }
        guard !policy.isDryRun else { return result }
        result.message = message(result.verdicts)
        if masked.texts != texts.map(\.text) { result.texts = masked.texts }
        result.vault = masked.vault
        return result
    }

    /// - Parameter normalised: of `texts`.
    private func mask(
        _ texts: [String], _ normalised: [NormalisedText], _ reserved: [String], _ counts: inout PrivacyCounts
    ) -> (texts: [String], vault: Vault) {
        guard !policy.privacy.policy.request.isIdle else { return (texts, Vault()) }
        var masking = Masking()
        // What looks like a placeholder anywhere in the conversation is not used as one.
        for text in reserved + texts { masking.reserve(text) }
        let reviews = normalised.map { policy.privacy.review(request: $0, masking: &masking) }
        for review in reviews { counts.add(review.verdict) }
        return (reviews.map(\.text), masking.vault)
    }

    private func message(_ verdicts: ContentVerdicts) -> String? {
        guard verdicts.action >= .review else { return nil }
        if let decision = verdicts.rulesRequest?.decision, decision.outcome >= .requireReview {
            return decision.message ?? RuleSet.standardMessage
        }
        if verdicts.privacyRequest.action == .block {
            let kinds = verdicts.privacyRequest.kinds.keys.map(\.rawValue).sorted().joined(separator: ", ")
            return "The request holds personal data that may not be sent (\(kinds)). Remove it and try again."
        }
        return "The request was taken for an attempt to make the model disregard its instructions."
    }
}

/// Tells how long each step took.
private struct StepClock {
    private var last = ContinuousClock.now

    mutating func ended(_ step: String, _ verdicts: inout ContentVerdicts) {
        let now = ContinuousClock.now
        verdicts.seconds.append((step, (now - last) / .seconds(1)))
        last = now
    }
}

extension PromptInspector.Result {
    /// That the organisation's rules set, where they do more than show what they would do; nil where there are none.
    var tags: Set<String>? {
        guard !verdicts.isDryRun, let tags = verdicts.rulesRequest?.decision.tags, !tags.isEmpty else { return nil }
        return Set(tags)
    }
}
