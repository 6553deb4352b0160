/// Who gets in.
public struct AccessSettings: SettingsSection {
    public var addresses = Addresses()
    /// Proxies whose `proxyHeader` counts.
    public var trustedProxies: [String] = []
    public var proxyHeader = ProxyHeader.xForwardedFor
    public var sessions = Sessions()
    public var lockout = Lockout()
    public var tokenIssuers: [TokenIssuerSettings] = []

    public init() {}

    static let entries: [Entry<AccessSettings>] = [
        .group("addresses", \.addresses),
        .setting(
            "trusted_proxies", \.trustedProxies, .list(of: .network), .reload,
            "Proxies before this server: only from them does a header tell a client's address."),
        .setting(
            "proxy_header", \.proxyHeader, .choice, .reload,
            "The header in which these proxies do so, X-Forwarded-For or Forwarded (RFC 7239). The other one is not "
                + "looked at: proxies pass it on as a client wrote it."),
        .group("sessions", \.sessions),
        .group("lockout", \.lockout),
        .groups(
            "token_issuers", \.tokenIssuers, .reload,
            example: "[{issuer: 'https://login.example.org', audiences: [hadal]}]",
            "OpenID Connect providers and others whose JWTs count as credentials."),
    ]

    func check(_ findings: inout Findings) {
        var issuers: Set<String> = []
        for (index, issuer) in tokenIssuers.enumerated() where !issuers.insert(issuer.issuer).inserted {
            findings.add(
                "token_issuers[\(index)].issuer", "\(quoted(issuer.issuer)) is there already", "keep one of them")
        }
    }

    /// Where proxies write for whom they ask.
    public enum ProxyHeader: String, CaseIterable, Sendable, Hashable {
        case xForwardedFor = "x-forwarded-for"
        case forwarded
    }

    /// Addresses of clients, as IP addresses and CIDR blocks.
    public struct Addresses: SettingsSection {
        /// Empty: all.
        public var allow: [String] = []
        public var deny: [String] = []

        public init() {}

        static let entries: [Entry<Addresses>] = [
            .setting(
                "allow", \.allow, .list(of: .network), .reload,
                "Only clients with these addresses are served; without any, all are."),
            .setting("deny", \.deny, .list(of: .network), .reload, "Clients with these are refused even if allowed."),
        ]
    }

    /// Of the console.
    public struct Sessions: SettingsSection {
        public var idle = Duration.seconds(30 * 60)
        public var lifetime = Duration.seconds(12 * 3600)
        public var secondFactor = Duration.seconds(5 * 60)

        public init() {}

        static let entries: [Entry<Sessions>] = [
            .setting(
                "idle", \.idle, .duration(.seconds(60)...(.seconds(86_400)), example: "30m"), .reload,
                "A console session ends after so long without a request."),
            .setting(
                "lifetime", \.lifetime, .duration(.seconds(60)...(.seconds(30 * 86_400)), example: "12h"), .reload,
                "It ends after so long in any case."),
            .setting(
                "second_factor", \.secondFactor, .duration(.zero...(.seconds(3600)), example: "5m"), .reload,
                "How long a second factor counts that was shown in the session; 0s: for one request."),
        ]

        func check(_ findings: inout Findings) {
            if idle > lifetime {
                findings.add("idle", "is longer than lifetime", "make it at most \(DurationText.text(lifetime))")
            }
        }
    }

    /// After wrong attempts.
    public struct Lockout: SettingsSection {
        public var attempts = 5
        public var within = Duration.seconds(15 * 60)
        public var lasting = Duration.seconds(15 * 60)

        public init() {}

        static let entries: [Entry<Lockout>] = [
            .setting(
                "attempts", \.attempts, .count(1...1000, example: "5"), .reload,
                "So many wrong passwords or codes lock an account."),
            .setting(
                "within", \.within, .duration(.seconds(1)...(.seconds(86_400)), example: "15m"), .reload,
                "Counted over so long."),
            .setting(
                "for", \.lasting, .duration(.seconds(1)...(.seconds(30 * 86_400)), example: "15m"), .reload,
                "How long it stays locked."),
        ]
    }
}
