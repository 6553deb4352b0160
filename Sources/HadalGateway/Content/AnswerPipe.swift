import HadalFirewall
import HadalPrivacy
import HadalRules

/// What is done with an answer before its client gets it, made once for each request.
struct AnswerPlan: Sendable {
    var isDryRun = false
    /// nil: no look-out for the system prompt.
    var watch: OutputWatch?
    var blocksLeaks = false
    /// nil: no rules are for this answer.
    var rules: RuleStream?
    /// Whether nothing goes out before all of it was judged.
    var needsWhole = false
    /// nil: personal data in answers are left alone.
    var privacy: PrivacyFilter?
    /// What placeholders are replaced by.
    var vault = Vault()

    var isIdle: Bool { watch == nil && rules == nil && privacy == nil && vault.isEmpty }
}

/// One part of an answer (its reasoning, its content, the arguments of a call) on its way: leaks, rules, personal data, then
/// what the placeholders stand for.
struct AnswerPipe: Sendable {
    /// What may go on now, and what was found in it.
    struct Passed: Sendable {
        var text = ""
        var leaks: [OutputFinding] = []
        var privacy = PrivacyCounts()
        /// Where the part ends: at its end, or because a rule ends it.
        var rules: RuleVerdict?
        /// For the client, where it goes no further.
        var block: String?
    }

    private let plan: AnswerPlan
    private var watch: OutputWatch?
    private var rules: RuleStream?
    private var privacy: AnswerReviewer?
    private var restorer: Restorer

    init(_ plan: AnswerPlan, isJSON: Bool) {
        self.plan = plan
        watch = plan.watch
        rules = plan.rules
        privacy = plan.privacy.map { AnswerReviewer($0) }
        restorer = Restorer(vault: plan.vault, encoding: isJSON ? .json : .plain)
    }

    mutating func append(_ text: String) -> Passed { pass(text, isLast: false) }

    mutating func finish() -> Passed { pass("", isLast: true) }

    private mutating func pass(_ original: String, isLast: Bool) -> Passed {
        var passed = Passed()
        var text = original
        if watch != nil { text = watched(text, isLast, &passed) }
        if passed.block == nil, rules != nil { text = ruled(text, isLast, &passed) }
        var bytes = Array(text.utf8)
        if privacy != nil { bytes = reviewed(bytes, isLast || passed.block != nil, &passed) }
        if plan.isDryRun {
            passed.text = original
            passed.block = nil
            return passed
        }
        bytes = restorer.restore(bytes)
        if isLast || passed.block != nil { bytes += restorer.finish() }
        passed.text = String(decoding: bytes, as: UTF8.self)
        return passed
    }

    private mutating func watched(_ text: String, _ isLast: Bool, _ passed: inout Passed) -> String {
        var seen = watch!.append(text)
        if isLast {
            let rest = watch!.finish()
            seen.text += rest.text
            seen.findings += rest.findings
        }
        passed.leaks = seen.findings
        guard plan.blocksLeaks, !seen.findings.isEmpty else { return seen.text }
        passed.block = "The answer was ended, as it would have given away instructions that are not yours to read."
        return ""
    }

    private mutating func ruled(_ text: String, _ isLast: Bool, _ passed: inout Passed) -> String {
        var output = rules!.append(text)
        if isLast, output.verdict == nil {
            let rest = rules!.finish()
            output.text += rest.text
            output.verdict = rest.verdict
        }
        passed.rules = output.verdict
        if let decision = output.verdict?.decision, decision.outcome >= .requireReview {
            passed.block = decision.message ?? RuleSet.standardMessage
        }
        return output.text
    }

    private mutating func reviewed(_ bytes: [UInt8], _ isLast: Bool, _ passed: inout Passed) -> [UInt8] {
        let review = privacy!.review(bytes)
        passed.privacy.add(review.verdict)
        var (text, isBlocked) = (review.text, review.verdict.isBlocked)
        if isLast, !isBlocked {
            let rest = privacy!.finish()
            passed.privacy.add(rest.verdict)
            text += rest.text
            isBlocked = rest.verdict.isBlocked
        }
        if isBlocked { passed.block = "The answer was ended before personal data that may not be given out." }
        return text
    }
}
