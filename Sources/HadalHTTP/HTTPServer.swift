import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOHTTPTypes
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// An HTTP server with limits, whose answers can know that their client went away: HTTP/1.1, and with TLS also HTTP/2.
public struct HTTPServer: Service {
    public typealias Respond = @Sendable (Request, ClientConnection) async -> Response
    public typealias Refused = @Sendable (_ address: String?, _ reason: String) -> Void

    public enum Address: Sendable {
        /// Port 0: any free one.
        case hostname(String, port: Int)
        /// What lies there is replaced.
        case unixDomainSocket(path: String)
    }

    private let address: Address
    private let listener: Listener
    private let limits: Limits
    private let tls: (@Sendable () -> NIOSSLContext)?
    private let refused: Refused
    private let logger: Logger
    private let onReady: @Sendable (SocketAddress?) async -> Void
    private let respond: Respond

    /// - Parameters:
    ///   - listener: the port, where it is handed over or was; it is open until the server ends.
    ///   - tls: gives each new connection's TLS; its configuration offers `h2` and `http/1.1`. Without it there is no TLS.
    ///   - refused: told of each client whose TLS handshake failed, and why.
    ///   - onReady: called with the address once connections are accepted.
    public init(
        address: Address, listener: Listener = Listener(), limits: Limits = Limits(),
        tls: (@Sendable () -> NIOSSLContext)? = nil, refused: @escaping Refused = { _, _ in }, logger: Logger,
        onReady: @escaping @Sendable (SocketAddress?) async -> Void, respond: @escaping Respond
    ) {
        self.address = address
        self.listener = listener
        self.limits = limits
        self.tls = tls
        self.refused = refused
        self.logger = logger
        self.onReady = onReady
        self.respond = respond
    }

    public func run() async throws {
        let addresses = AddressLimits(limits)
        let responder = responder()
        let http1 = HTTP1Connections(responder, limits)
        guard let tls else { return try await serve(PlainChannel(http1: http1, addresses: addresses)) }
        try await serve(
            SecureChannel(
                http1: http1, http2: HTTP2Connections(responder, limits), addresses: addresses,
                handshakeTime: TimeAmount(limits.handshakeTime), endsWhenPeerIsLost: limits.endsWhenPeerIsLost,
                refused: refused, context: tls))
    }

    /// Accepts connections until told to stop, and returns when those that are open have ended.
    private func serve<Child: ServerChildChannel>(_ child: Child) async throws {
        let quiescing = ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
        let channel = try await listen(child, quiescing)
        await listener.isServed(by: channel.channel)
        await withGracefulShutdownHandler {
            await onReady(channel.channel.localAddress)
            await withDiscardingTaskGroup { group in
                do {
                    try await channel.executeThenClose { connections in
                        for try await connection in connections {
                            group.addTask { await child.handle(value: connection, logger: logger) }
                        }
                    }
                } catch {
                    logger.error("connections are no longer accepted", metadata: ["error": "\(error)"])
                }
                listener.end()
            }
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }

    private func listen<Child: ServerChildChannel>(
        _ child: Child, _ quiescing: ServerQuiescingHelper
    ) async throws -> NIOAsyncChannel<Child.Value, Never> {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Listener.backlog)
            .serverChannelOption(.autoRead, value: !listener.isPaused)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { [limits, listener] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        AvailableConnectionsChannelHandler(
                            delegate: MaximumAvailableConnections(limits.connections)))
                    try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                    try pipeline.addHandler(ConnectionCount(listener))
                }
            }
        let setup: @Sendable (any Channel) -> EventLoopFuture<Child.Value> = { [logger] in
            child.setup(channel: $0, logger: logger)
        }
        switch address {
        case .hostname(let host, let port):
            let descriptor = try listener.open(host: host, port: port)
            return try await bootstrap.bind(descriptor, childChannelInitializer: setup)
        case .unixDomainSocket(let path):
            return try await bootstrap.bind(
                unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: setup)
        }
    }

    private func responder() -> HTTPChannelHandler.Responder {
        let date = HTTPDate()
        return { [respond, listener] request, writer, channel in
            // We are on the channel's loop.
            let watch = try channel.pipeline.syncOperations.handler(type: ConnectionWatch.self)
            let connection = watch.connection
            var response = await respond(request, connection)
            response.headers[.date] = date.now
            response.headers[.server] = "hadal"
            if listener.isRetired { Self.retire(channel, connection.peer, &response) }
            // HTTP/2 has no such field (RFC 9113, 8.2.2).
            if connection.peer.speaksHTTP2 { response.headers[.connection] = nil }
            do { try await writer.write(response: response.head, body: response.body) } catch { throw AnswerCut() }
        }
    }

    /// An answer that was begun ends its connection. The error says no more, since one of the parser's would be answered.
    private struct AnswerCut: Error {}

    /// The connection ends with what is answered on it.
    private static func retire(_ channel: any Channel, _ peer: ConnectionPeer, _ response: inout Response) {
        response.headers[.connection] = "close"
        // A stream's parent is its connection.
        let connection = peer.speaksHTTP2 ? channel.parent : channel
        connection?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
