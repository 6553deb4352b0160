/// Keys and tokens that begin with what their issuer puts there.
enum KnownToken {
    private enum Characters { case words, hyphenated, dotted }

    private struct Issue {
        let prefix: [UInt8]
        /// How many characters follow at least.
        let minimum: Int
        let characters: Characters

        init(_ prefix: String, _ minimum: Int, _ characters: Characters) {
            (self.prefix, self.minimum, self.characters) = (Array(prefix.utf8), minimum, characters)
        }
    }

    private static let issues: [Issue] = [
        Issue("sk-", 20, .hyphenated),  // DeepSeek, OpenAI, Anthropic and others
        Issue("sk_live_", 16, .words), Issue("sk_test_", 16, .words), Issue("rk_live_", 16, .words),  // Stripe
        Issue("whsec_", 20, .words),
        Issue("ghp_", 30, .words), Issue("gho_", 30, .words), Issue("ghu_", 30, .words),  // GitHub
        Issue("ghs_", 30, .words), Issue("ghr_", 30, .words), Issue("github_pat_", 30, .hyphenated),
        Issue("glpat-", 20, .hyphenated),  // GitLab
        Issue("AKIA", 16, .words), Issue("ASIA", 16, .words),  // Amazon
        Issue("AIza", 30, .hyphenated), Issue("ya29.", 20, .hyphenated),  // Google
        Issue("xoxb-", 10, .hyphenated), Issue("xoxp-", 10, .hyphenated), Issue("xoxa-", 10, .hyphenated),  // Slack
        Issue("xoxr-", 10, .hyphenated), Issue("xoxs-", 10, .hyphenated), Issue("xapp-", 10, .hyphenated),
        Issue("hf_", 30, .words), Issue("gsk_", 40, .words), Issue("r8_", 30, .words), Issue("nvapi-", 40, .hyphenated),
        Issue("npm_", 30, .words), Issue("pypi-", 50, .hyphenated), Issue("SG.", 40, .dotted),
        Issue("LTAI", 12, .words), Issue("AKID", 32, .words),  // Alibaba Cloud, Tencent Cloud
        Issue("shpat_", 32, .words), Issue("glsa_", 32, .hyphenated), Issue("hvs.", 20, .hyphenated),
        Issue("dop_v1_", 60, .words), Issue("tskey-", 20, .hyphenated), Issue("hadal_", 50, .hyphenated),
    ]

    /// By a prefix's first byte.
    private static let byFirst: [[Issue]] = (0..<256).map { byte in issues.filter { $0.prefix[0] == UInt8(byte) } }

    /// - Parameters:
    ///   - start: where letters or digits begin.
    ///   - none: up to where it is known that no token begins, so that nothing is read twice.
    static func recognize(at start: Int, in text: ScannedText, none: inout Int) -> Finding? {
        guard start >= none else { return nil }
        for issue in byFirst[Int(text[start])]
        where text[start + 1] == issue.prefix[1]
            && issue.prefix.indices.allSatisfy({ text[start + $0] == issue.prefix[$0] })
        {
            let rest = start + issue.prefix.count
            var end = text.end(from: rest) { isPart($0, issue.characters) }
            while end > rest, !text[end - 1].isWord { end -= 1 }
            let hasDigit = text.end(from: rest, limit: end - rest, while: { !$0.isDigit }) < end
            if end - rest >= issue.minimum, hasDigit {
                return Finding(kind: .secret, range: start..<end, confidence: .checked)
            }
            if !hasDigit { none = end }
        }
        return nil
    }

    private static func isPart(_ byte: UInt8, _ characters: Characters) -> Bool {
        if byte.isWord { return true }
        switch characters {
        case .words: return false
        case .hyphenated: return byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        case .dotted: return byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }
}
