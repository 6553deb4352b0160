import HadalText

/// A tenant's policy at work: one call for each text of a request or an answer. Made once, shared by all requests.
///
/// An answer is reviewed as the model wrote it, with its placeholders, and a `Restorer` puts the values in afterwards.
public struct PrivacyFilter: Sendable {
    /// A text after the policy.
    public struct Review: Sendable {
        /// What may go on; the text as it was where it is blocked or nothing is to be changed.
        public var text: String
        public var verdict: PrivacyVerdict
    }

    public let policy: PrivacyPolicy
    private let scanner: PrivacyScanner

    public init(policy: PrivacyPolicy, scanner: PrivacyScanner = PrivacyScanner()) {
        self.policy = policy
        self.scanner = scanner
    }

    /// - Parameter masking: what the conversation's placeholders stand for; grows where values are masked.
    public func review(request text: NormalisedText, masking: inout Masking) -> Review {
        let verdict = verdict(on: text, .request)
        let bytes = verdict.isBlocked ? text.original : masking.rewrite(text.original, verdict.items)
        return Review(text: String(decoding: bytes, as: UTF8.self), verdict: verdict)
    }

    /// What a model wrote has no place to be restored in: `mask` does the same as `redact`.
    public func review(response text: NormalisedText) -> Review {
        let verdict = verdict(on: text, .response)
        let items = verdict.isBlocked ? [] : verdict.items.filter { $0.action != .log }
        let replacements = items.map { ($0.finding.range, Redaction.text(of: $0.finding.kind)) }
        let bytes = Redaction.rewrite(text.original, replacements)
        return Review(text: String(decoding: bytes, as: UTF8.self), verdict: verdict)
    }

    func verdict(on text: NormalisedText, _ direction: PrivacyDirection) -> PrivacyVerdict {
        let rules = policy.rules(for: direction)
        let findings = rules.isIdle ? [] : scanner.findings(in: text, minimum: rules.minimum)
        let items = findings.map { PrivacyVerdict.Item(finding: $0, action: rules.action(for: $0.kind)) }
            .filter { $0.action != .ignore }
        return PrivacyVerdict(direction: direction, items: items)
    }

    /// From where on the end of a text may become something else with what follows.
    func openEnd(of text: NormalisedText) -> Int { scanner.openEnd(of: text) }
}
