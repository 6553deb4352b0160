import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 over a channel, encrypted or not.
struct HTTP1Connections: Sendable {
    private let responder: HTTPChannelHandler.Responder
    private let limits: HTTPServer.Limits

    init(_ responder: @escaping HTTPChannelHandler.Responder, _ limits: HTTPServer.Limits) {
        self.responder = responder
        self.limits = limits
    }

    func setup(
        _ channel: any Channel, _ peer: ConnectionPeer, _ logger: Logger
    ) -> EventLoopFuture<HTTPConnection> {
        do {
            try channel.pipeline.syncOperations.addHandler(RequestHeadLimit(TimeAmount(limits.headTime)))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: limits.headerFields)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestHeadLimit.Parts(), ConnectionWatch(peer)],
            idleTimeout: TimeAmount(limits.idleTime), httpDecoderConfiguration: decoder)
        return HTTP1Channel(responder: responder, configuration: configuration)
            .setup(channel: channel, logger: logger).map(HTTPConnection.init)
    }

    func handle(_ connection: HTTPConnection, _ logger: Logger) async {
        await HTTP1Channel(responder: responder).handle(value: connection.take(), logger: logger)
    }
}
