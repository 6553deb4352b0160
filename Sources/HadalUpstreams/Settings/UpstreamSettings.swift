import Foundation
import HadalJSON
import HadalWire

/// An upstream as the configuration has it.
///
/// ```json
/// {"name": "deepseek", "base_url": "https://api.deepseek.com", "kind": "auto", "model": "deepseek-chat",
///  "key": {"environment": "DEEPSEEK_API_KEY"}, "headers": {"x-team": "risk"}, "context_length": 131072,
///  "prices": {"input": 0.28, "output": 0.42, "cached": 0.028, "currency": "USD"},
///  "budget": {"day": {"money": 50}, "month": {"tokens": 2000000000, "money": 1000}}, "concurrency": 32,
///  "timeouts": {"connect": 5, "first_byte": 300, "between_events": 60}, "tls_authority": "/etc/hadal/upstream.pem"}
/// ```
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
    /// Sent with every request. Their values may be secrets, and are not printed either.
    public var headers: [UpstreamHeader] = []
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

    public init(name: String, baseURL: URL, model: String) {
        self.name = name
        self.baseURL = baseURL
        self.model = model
    }
}

/// A header of the operator's.
public struct UpstreamHeader: Sendable, Hashable, CustomStringConvertible {
    public var name: String
    public var value: UpstreamKey

    public var description: String { "\(name): \(value)" }
}
