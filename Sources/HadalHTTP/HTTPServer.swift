import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import ServiceLifecycle

/// An HTTP/1.1 server with limits, whose answers can know that their client went away.
public struct HTTPServer: Service {
    public typealias Respond = @Sendable (Request, ClientConnection) async -> Response

    public struct Limits: Sendable {
        public var headerBytes = 32 << 10
        public var headerFields = 128
        /// A connection without a request, or with one that does not go on, is closed after this.
        public var idleTime: Duration = .seconds(75)
        /// More connections wait to be accepted. An idle one takes 28 KiB.
        public var connections = Descriptors.forConnections

        public init() {}
    }

    private let address: BindAddress
    private let limits: Limits
    private let logger: Logger
    private let onReady: @Sendable (SocketAddress?) async -> Void
    private let respond: Respond

    /// - Parameter onReady: called with the address once connections are accepted.
    public init(
        address: BindAddress, limits: Limits = Limits(), logger: Logger,
        onReady: @escaping @Sendable (SocketAddress?) async -> Void, respond: @escaping Respond
    ) {
        self.address = address
        self.limits = limits
        self.logger = logger
        self.onReady = onReady
        self.respond = respond
    }

    public func run() async throws {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: limits.headerFields)
        let idle = TimeAmount(limits.idleTime)
        let channels = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionWatch()], idleTimeout: idle, httpDecoderConfiguration: decoder)
        let application = Application(
            responder: Responder(respond: respond),
            server: HTTPServerBuilder { responder in
                ChannelOnItsLoop(http: HTTP1Channel(responder: responder, configuration: channels))
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
            return await respond(request, watch.connection)
        }
    }
}

/// Runs each connection's task on its event loop.
private struct ChannelOnItsLoop: ServerChildChannel {
    let http: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor.of(value.channel.eventLoop)) {
            await http.handle(value: value, logger: logger)
        }
    }
}
