import Hummingbird

/// Keeps web pages of other sites away from a server that asks for no key because it listens on loopback: a site can make
/// its own name mean 127.0.0.1 (DNS rebinding), but the `Host` of such a request is still that name.
struct HostCheck: Sendable {
    /// nil: any.
    private let allowed: Set<String>?

    init(_ configuration: GatewayConfiguration) {
        allowed = configuration.listen.isLoopback ? configuration.allowedHosts : nil
    }

    func check(_ request: Request) throws(GatewayError) {
        guard let allowed, let authority = request.head.authority, !authority.isEmpty else { return }
        let host = HostCheck.host(of: authority)
        guard ListenAddress.isLoopback(host: host) || allowed.contains(host) else { throw .hostNotAllowed(host) }
    }

    /// The host of `HOST`, `HOST:PORT` or `[IPV6]:PORT`.
    static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }

    /// Refuses what a page of another site sends: browsers tell where it is from. For bodies whose type they send without
    /// asking, such as forms.
    static func checkOrigin(_ request: Request) throws(GatewayError) {
        guard let origin = request.headers[.origin] else { return }
        guard origin.hasSuffix("://" + (request.head.authority ?? "")) else { throw .hostNotAllowed(origin) }
    }
}
