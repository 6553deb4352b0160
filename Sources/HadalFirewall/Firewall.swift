import HadalText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds attacks on a prompt: in what users write, and in documents and tool results that a model is to read.
///
/// A text is normalised and what is encoded in it decoded. Rules and a linear classifier each look at all of that; long
/// texts are scored in overlapping windows, and the worst one counts. One value serves all requests; a check allocates
/// a few copies of the text, takes time linear in it and holds no lock.
///
///     let firewall = Firewall()
///     let verdict = firewall.check([FirewallMessage(.user, prompt)], policy: tenant.firewall)
///
/// Only messages that are new need a check: who sends a conversation again has had the rest of it checked.
public struct Firewall: Sendable {
    private let scanner: Scanner
    /// For checks that are given none.
    private let policy: FirewallPolicy

    public init(model: LinearModel = .builtIn, policy: FirewallPolicy = FirewallPolicy()) {
        scanner = Scanner(model: model, rules: RuleBook.standard)
        self.policy = policy
    }

    /// - Parameter policy: the tenant's thresholds.
    public func check(_ messages: [FirewallMessage], policy: FirewallPolicy? = nil) -> FirewallVerdict {
        let policy = policy ?? self.policy
        var worst = FirewallVerdict.harmless
        for (index, message) in messages.enumerated() where message.isSearched {
            let finding = scanner.scan(message.text, isTrusted: message.isTrusted)
            let score = Self.score(finding.logit)
            let action = (message.isTrusted ? policy.user : policy.untrusted).action(for: score)
            guard action > worst.action || action == worst.action && score > worst.score else { continue }
            let reasons = finding.reasons.map { reason in
                var reason = reason
                reason.message = index
                return reason
            }
            worst = FirewallVerdict(score: score, family: Self.family(reasons), reasons: reasons, action: action)
        }
        return worst
    }

    private static func score(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

    /// The heaviest rule's; the classifier alone knows no families.
    private static func family(_ reasons: [FirewallVerdict.Reason]) -> AttackFamily? {
        (reasons.first { $0.family != .learned } ?? reasons.first { $0.weight > 0 })?.family
    }
}
