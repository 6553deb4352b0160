import HadalFirewall
import HadalJSON
import HadalPrivacy
import HadalRules

/// What the inspection of a prompt and of its answer found. Holds no part of the texts.
struct ContentVerdicts: Sendable {
    /// What is done in the end; each is more than those before it.
    enum Action: String, Sendable, Hashable, Comparable, CaseIterable {
        case pass, flag, change, review, block

        static func < (left: Action, right: Action) -> Bool { left.rank < right.rank }

        private var rank: Int { Action.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Verdicts are only recorded.
    var isDryRun = false
    var firewall: FirewallVerdict?
    /// Of the prompt's texts together.
    var privacyRequest = PrivacyCounts()
    var rulesRequest: RuleVerdict?
    var privacyResponse = PrivacyCounts()
    var rulesResponse: RuleVerdict?
    var leaks: [OutputFinding] = []
    /// Whether an answer is ended where it gives its system prompt away.
    var blocksLeaks = false
    /// Seconds that the inspection of the prompt took, by step, in order.
    var seconds: [(step: String, seconds: Double)] = []

    /// Steps are told apart by the names that settings and metrics have for them.
    var actions: [(step: String, action: Action)] {
        [
            ("firewall", firewall.map { Action($0.action) }),
            ("privacy_request", privacyRequest.action.map { Action($0) }),
            ("rules_request", rulesRequest.map { Action($0.decision.outcome) }),
            ("privacy_response", privacyResponse.action.map { Action($0) }),
            ("rules_response", rulesResponse.map { Action($0.decision.outcome) }),
            ("leaks", leaks.isEmpty ? nil : blocksLeaks ? .block : .flag),
        ].compactMap { step, action in action.map { (step, $0) } }
    }

    /// What is said of the answer alone.
    var ofAnswer: ContentVerdicts {
        var verdicts = self
        (verdicts.firewall, verdicts.rulesRequest) = (nil, nil)
        verdicts.privacyRequest = PrivacyCounts()
        verdicts.seconds = []
        return verdicts
    }

    var action: Action { actions.map(\.action).max() ?? .pass }

    /// `firewall=flag;score=0.41, privacy_request=change;email=2`: for a header.
    var summary: String {
        actions.map { step, action in
            var text = "\(step)=\(action.rawValue)"
            switch step {
            case "firewall":
                if let firewall, firewall.score > 0 { text += ";score=\(Self.percent(firewall.score))" }
                if let family = firewall?.family { text += ";family=\(family.rawValue)" }
            case "privacy_request": text += privacyRequest.summary
            case "privacy_response": text += privacyResponse.summary
            case "rules_request": text += Self.rules(rulesRequest)
            case "rules_response": text += Self.rules(rulesResponse)
            case "leaks": text += leaks.map { ";" + $0.name }.joined()
            default: break
            }
            return text
        }.joined(separator: ", ") + (isDryRun && !actions.isEmpty ? ", dry_run" : "")
    }

    private static func percent(_ score: Double) -> String { "\((score * 100).rounded() / 100)" }

    private static func rules(_ verdict: RuleVerdict?) -> String {
        (verdict?.hits.map(\.rule) ?? []).prefix(8).map { ";rule=" + $0 }.joined()
    }

    var json: JSON {
        .compact([
            ("action", .string(action.rawValue)), ("dry_run", isDryRun ? true : nil),
            ("firewall", firewall?.json), ("privacy_request", privacyRequest.json),
            ("rules_request", rulesRequest?.json), ("privacy_response", privacyResponse.json),
            ("rules_response", rulesResponse?.json),
            (
                "leaks",
                leaks.isEmpty ? nil : .array(leaks.map { ["name": .string($0.name), "score": .double($0.score)] })
            ),
            (
                "microseconds",
                seconds.isEmpty
                    ? nil : .object(.init(seconds.map { ($0.step, .int(Int64(($0.seconds * 1e6).rounded()))) }))
            ),
        ])
    }
}

/// How much personal data of which kinds was found, and the strictest thing that is done about it.
struct PrivacyCounts: Sendable, Hashable {
    private(set) var kinds: [PersonalDataKind: Int] = [:]
    private(set) var action: PrivacyAction?

    mutating func add(_ verdict: PrivacyVerdict) {
        for (kind, count) in verdict.counts { kinds[kind, default: 0] += count }
        action = [action, verdict.action].compactMap(\.self).max()
    }

    mutating func add(_ other: PrivacyCounts) {
        kinds.merge(other.kinds, uniquingKeysWith: +)
        action = [action, other.action].compactMap(\.self).max()
    }

    private var sorted: [(kind: String, count: Int)] {
        kinds.map { ($0.key.rawValue, $0.value) }.sorted { $0.kind < $1.kind }
    }

    var summary: String { sorted.map { ";\($0.kind)=\($0.count)" }.joined() }

    /// nil where nothing was found.
    var json: JSON? {
        action.map { action in
            [
                "action": .string(action.rawValue),
                "kinds": .object(.init(sorted.map { ($0.kind, .int(Int64($0.count))) })),
            ]
        }
    }
}

extension ContentVerdicts.Action {
    init(_ action: FirewallAction) {
        self =
            switch action {
            case .allow: .pass
            case .flag: .flag
            case .review: .review
            case .block: .block
            }
    }

    init(_ action: PrivacyAction) {
        self =
            switch action {
            case .ignore: .pass
            case .log: .flag
            case .mask, .redact: .change
            case .block: .block
            }
    }

    init(_ outcome: RuleOutcome) {
        self =
            switch outcome {
            case .pass, .allow: .pass
            case .tag: .flag
            case .replace, .route: .change
            case .requireReview: .review
            case .block: .block
            }
    }
}
