import HadalAccess

/// How strictly the server looks at who asks. It can change while the server runs.
public struct AccessSettings: Sendable {
    public var policy = AccessPolicy()
    /// Whose tokens (JWT) count.
    public var tokenIssuers: [TokenIssuer] = []
    /// From where requests may come.
    public var addresses = AddressRules.all
    /// Which proxies are believed when they say for whom they ask.
    public var proxies: TrustedProxies?
    public var limits = LimitConfiguration()

    public init() {}
}
