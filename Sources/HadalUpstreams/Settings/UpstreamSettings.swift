import Foundation

/// An upstream as the configuration has it.
public struct UpstreamSettings: Sendable, Hashable {
    public struct Timeouts: Sendable, Hashable {
        /// Until a connection stands.
        public var connect: Duration = .seconds(10)
        /// From the request until the first byte of the answer's body: a long prompt takes its time.
        public var firstByte: Duration = .seconds(600)
        /// The longest silence after that. Comments that keep a connection alive are no silence.
        public var betweenEvents: Duration = .seconds(120)

        public init() {}
    }

    public struct Budget: Sendable, Hashable {
        public struct Limit: Sendable, Hashable {
            /// Of prompts and answers together.
            public var tokens: Int?
            public var money: Decimal?

            public init(tokens: Int? = nil, money: Decimal? = nil) {
                self.tokens = tokens
                self.money = money
            }
        }

        /// From midnight to midnight, UTC.
        public var day = Limit()
        public var month = Limit()

        public init() {}
    }

    public var name: String
    /// Without `/v1` and without a slash at its end.
    public var baseURL: URL
    /// nil: it is found out.
    public var kind: UpstreamKind?
    /// What the model is called there.
    public var model: String
    public var key: UpstreamKeyPlace?
    /// Tokens; nil: the upstream tells.
    public var contextLength: Int?
    public var prices: UpstreamPrices?
    public var budget = Budget()
    /// Requests at a time.
    public var concurrency = 64
    public var timeouts = Timeouts()
    /// Certificates (PEM) of who signs the upstream's; nil: those that the system trusts.
    public var tlsAuthority: String?
    /// Whether a key may go to another machine without TLS.
    public var allowsPlainHTTP = false

    /// - Parameter base: as clients want it: with `/v1` or without.
    public init(name: String, base: URL, model: String) {
        self.name = name
        var text = base.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix("/v1") { text.removeLast(3) }
        baseURL = URL(string: text) ?? base
        self.model = model
    }
}
