import HadalConfiguration
import HadalFirewall
import HadalPrivacy
import HadalRules

extension ContentConfiguration {
    /// - Throws: what is wrong with the rules.
    init(_ settings: HadalSettings) throws(RuleSetError) {
        standard = ContentPolicy(settings.content)
        for item in settings.tenantContent { tenants[item.tenant] = ContentPolicy(item.content) }
        if let path = settings.rules { rules = try RuleSet.load(path) }
        cacheBytes = settings.answerCache
    }
}

extension ContentPolicy {
    init(_ settings: ContentSettings) {
        isDryRun = settings.dryRun
        privacy = PrivacyFilter(
            policy: PrivacyPolicy(
                request: .init(settings.privacy.request), response: .init(settings.privacy.response)))
        if settings.firewall.enabled {
            firewall = FirewallPolicy(
                user: .init(settings.firewall.user), untrusted: .init(settings.firewall.untrusted))
        }
        usesCanary = settings.firewall.canary
        leaks =
            switch settings.firewall.leaks {
            case .ignore: .ignore
            case .flag: .flag
            case .block: .block
            }
        if settings.cache.lifetime > .zero {
            cache = CachePolicy(
                lifetime: settings.cache.lifetime,
                similarity: settings.cache.semanticModel.map { model in
                    .init(model: model, threshold: Double(settings.cache.similarity) / 100)
                })
        }
        record = RecordPolicy(
            input: .init(settings.record.input), output: .init(settings.record.output),
            isDurable: settings.record.durable)
    }
}

extension PrivacyPolicy.Rules {
    fileprivate init(_ settings: PrivacySettings.Direction) {
        self.init(standard: PrivacyAction(settings.action), minimum: Confidence(settings.minimum))
        for (kind, action) in settings.kinds {
            if let kind = PersonalDataKind(rawValue: kind) { actions[kind] = PrivacyAction(action) }
        }
    }
}

extension PrivacyAction {
    fileprivate init(_ action: PrivacySettings.Action) {
        self =
            switch action {
            case .ignore: .ignore
            case .log: .log
            case .mask: .mask
            case .redact: .redact
            case .block: .block
            }
    }
}

extension Confidence {
    fileprivate init(_ confidence: PrivacySettings.Confidence) {
        self =
            switch confidence {
            case .doubtful: .doubtful
            case .form: .form
            case .context: .context
            case .checked: .checked
            }
    }
}

extension FirewallPolicy.Thresholds {
    fileprivate init(_ settings: FirewallSettings.Thresholds) {
        func share(_ percent: Int?) -> Double? { percent.map { Double($0) / 100 } }
        self.init(flag: share(settings.flag), review: share(settings.review), block: share(settings.block))
    }
}

extension RecordPolicy.Text {
    fileprivate init(_ text: RecordSettings.Text) {
        self =
            switch text {
            case .none: .none
            case .hash: .hash
            case .masked: .masked
            case .full: .full
            }
    }
}
