import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// An HTTP server with limits, whose answers can know that their client went away: HTTP/1.1, and with TLS also HTTP/2.
public struct HTTPServer: Service {
    public typealias Respond = @Sendable (Request, ClientConnection) async -> Response
    public typealias Refused = @Sendable (_ address: String?, _ reason: String) -> Void

    private let address: BindAddress
    private let limits: Limits
    private let tls: (@Sendable () -> NIOSSLContext)?
    private let refused: Refused
    private let logger: Logger
    private let onReady: @Sendable (SocketAddress?) async -> Void
    private let respond: Respond

    /// - Parameters:
    ///   - tls: gives each new connection's TLS; its configuration offers `h2` and `http/1.1`. Without it there is no TLS.
    ///   - refused: told of each client whose TLS handshake failed, and why.
    ///   - onReady: called with the address once connections are accepted.
    public init(
        address: BindAddress, limits: Limits = Limits(), tls: (@Sendable () -> NIOSSLContext)? = nil,
        refused: @escaping Refused = { _, _ in }, logger: Logger,
        onReady: @escaping @Sendable (SocketAddress?) async -> Void, respond: @escaping Respond
    ) {
        self.address = address
        self.limits = limits
        self.tls = tls
        self.refused = refused
        self.logger = logger
        self.onReady = onReady
        self.respond = respond
    }

    public func run() async throws {
        let addresses = AddressLimits(limits)
        let application = Application(
            responder: Responder(respond: respond),
            server: HTTPServerBuilder { responder in
                let http1 = HTTP1Connections(responder, limits)
                guard let tls else { return PlainChannel(http1: http1, addresses: addresses) }
                return SecureChannel(
                    http1: http1, http2: HTTP2Connections(responder, limits), addresses: addresses,
                    handshakeTime: TimeAmount(limits.handshakeTime), endsWhenPeerIsLost: limits.endsWhenPeerIsLost,
                    refused: refused, context: tls)
            },
            configuration: ApplicationConfiguration(
                address: address, serverName: "hadal",
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { channel in await onReady(channel.localAddress) },
            logger: logger)
        try await application.run()
    }

    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = CoreRequestContextStorage(source: source)
            channel = source.channel
        }
    }

    private struct Responder: HTTPResponder {
        let respond: Respond

        func respond(to request: Request, context: Context) async throws -> Response {
            // We are on the channel's loop.
            let watch = try context.channel.pipeline.syncOperations.handler(type: ConnectionWatch.self)
            let connection = watch.connection
            var response = await respond(request, connection)
            // HTTP/2 has no such field (RFC 9113, 8.2.2).
            if connection.peer.speaksHTTP2 { response.headers[.connection] = nil }
            return response
        }
    }
}
