import HadalText

/// Scores one text.
struct Scanner: Sendable {
    struct Finding: Sendable {
        /// Of the worst window.
        var logit = -Double.infinity
        /// Of that window, the heaviest first.
        var reasons: [FirewallVerdict.Reason] = []
    }

    private static let splitWordsWeight = 1.5
    /// So many words cut by invisible characters are no accident.
    private static let splitWords = 3
    private static let tooDeepWeight = 2.0

    let model: LinearModel
    let rules: RuleMatcher

    func scan(_ normalised: NormalisedText, isTrusted: Bool) -> Finding {
        let decoded = Decoder.decode(normalised)
        let folded = FoldedText(normalised)
        let encoded = folded.encoded
        var worst = view(folded, encoded, nil, isTrusted)
        for text in decoded.texts {
            let folded = FoldedText(NormalisedText(utf8: text.bytes))
            worst.take(view(folded, folded.encoded, text.encoding, isTrusted))
        }
        for (encoding, text) in Rotation.asked(folded, encoded) {
            worst.take(view(text, text.encoded, encoding, isTrusted))
        }
        if normalised.removedCharacters > 0 {
            let cuts = normalised.original.withUnsafeBufferPointer { InvisibleText.cuts($0) }
            if cuts >= Self.splitWords { worst.add("split-words", .hidden, Self.splitWordsWeight) }
        }
        if !decoded.isComplete { worst.add("too-deep", .encoded, Self.tooDeepWeight) }
        return worst
    }

    /// Scores a text as it was written or decoded.
    private func view(
        _ text: FoldedText, _ encoded: FoldedText.Encoded, _ encoding: Encoding?, _ isTrusted: Bool
    ) -> Finding {
        let windows = model.windows(of: text.scalars.count)
        let learned = model.scores(text, windows)
        let hits = rules.hits(in: encoded).filter { !isTrusted || !rules.rules[$0.rule].isForUntrustedText }
        let sums = WindowSums(windows, hits, rules.rules)
        let totals = zip(learned, sums.weights).map(+)
        guard let worst = totals.indices.max(by: { totals[$0] < totals[$1] }) else { return Finding() }
        var finding = Finding(logit: totals[worst])
        func range(_ scalars: Range<Int>) -> Range<Int>? { encoding == nil ? text.originalRange(scalars) : nil }
        for hit in sums.heaviest(in: worst) {
            let rule = rules.rules[hit.rule]
            finding.reasons.append(
                FirewallVerdict.Reason(
                    name: rule.name, family: rule.family, weight: rule.weight, message: 0, range: range(hit.range),
                    encoding: encoding))
        }
        finding.reasons.append(
            FirewallVerdict.Reason(
                name: "classifier", family: .learned, weight: learned[worst], message: 0,
                range: range(windows[worst]), encoding: encoding))
        finding.reasons.sort { $0.weight > $1.weight }
        return finding
    }
}

extension Scanner.Finding {
    mutating func take(_ other: Self) {
        if other.logit > logit { self = other }
    }

    /// A sign that lies in the text as a whole.
    mutating func add(_ name: String, _ family: AttackFamily, _ weight: Double) {
        logit += weight
        reasons.append(
            FirewallVerdict.Reason(name: name, family: family, weight: weight, message: 0, range: nil, encoding: nil))
        reasons.sort { $0.weight > $1.weight }
    }
}
