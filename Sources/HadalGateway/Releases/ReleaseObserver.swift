import Foundation
import HadalAccess
import HadalFirewall
import HadalReleases
import HadalWire

/// What requests tell of the versions that answered them.
struct ReleaseObserver: Sendable {
    /// Of fewer tokens no speed is told.
    private static let tokensMin = 8

    let router: ReleaseRouter
    let answered: AnsweredRequests
    let shadows: ShadowRequests
    let observe: @Sendable (HadalReleases.Observation) -> Void
    /// The rollout that measures a version.
    let rollout: @Sendable (VersionName) -> Int64?

    /// Takes microseconds; what is to be done for it is done elsewhere.
    func note(_ exchange: Exchange) {
        guard let version = exchange.version, case .generation(let request) = exchange.question,
            exchange.cached != .hit, exchange.cached != .similar, let outcome = exchange.observedOutcome
        else { return }
        let principal = exchange.caller.principal
        let traffic = router.traffic(of: version.alias)
        answered.note(
            exchange.id,
            AnsweredRequests.Answer(
                version: version, rollout: rollout(version),
                subject: ReleaseAsker(principal).subject(traffic?.stickiness ?? .user),
                asker: principal.userID ?? principal.id, tenant: principal.tenant))
        observe(
            HadalReleases.Observation(
                alias: version.alias, version: version.number, began: exchange.began, outcome: outcome,
                timeToFirstToken: exchange.firstToken, total: outcome == .answered ? exchange.total : nil,
                tokensPerSecond: speed(exchange), isRefusal: Refusal.isOne(exchange.answer.choice.content),
                isFirewallHit: exchange.verdicts.isFirewallHit, isLoss: exchange.crashes > 0))
        guard let mirror = traffic?.mirror, mirror.version != version.number, outcome == .answered,
            exchange.outcome == .ok, traffic?.isMirrored(exchange.id) == true
        else { return }
        shadows.offer(
            ShadowRequests.Question(
                candidate: VersionName(version.alias, mirror.version), request: request, answer: exchange.answer.choice,
                length: exchange.answer.tokens.count, seconds: exchange.total))
    }

    private func speed(_ exchange: Exchange) -> Double? {
        let tokens = exchange.answer.tokens.count
        guard let first = exchange.firstToken, tokens >= Self.tokensMin, exchange.total > first else { return nil }
        return Double(tokens - 1) / (exchange.total - first)
    }
}

extension Exchange {
    /// nil where the version was not asked, or what failed was not its fault.
    fileprivate var observedOutcome: HadalReleases.Observation.Outcome? {
        switch outcome {
        case .ok: .answered
        case .blocked: code == nil ? .answered : nil
        case .review, .refused: nil
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }

    fileprivate var began: Date { Date(timeIntervalSince1970: Double(time) / 1e9) }
}

extension ContentVerdicts {
    fileprivate var isFirewallHit: Bool {
        !leaks.isEmpty || firewall.map { Action($0.action) > .pass } ?? false
    }
}
