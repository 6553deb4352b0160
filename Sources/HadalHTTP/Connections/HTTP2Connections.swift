import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypesHTTP2

/// HTTP/2 over a channel (RFC 9113): each request is a stream, and a stream a channel of its own on the same event loop.
struct HTTP2Connections: Sendable {
    struct Value: Sendable {
        let streams: NIOHTTP2Handler.AsyncStreamMultiplexer<HTTPConnection>
    }

    private let responder: HTTPChannelHandler.Responder
    private let limits: HTTPServer.Limits

    init(_ responder: @escaping HTTPChannelHandler.Responder, _ limits: HTTPServer.Limits) {
        self.responder = responder
        self.limits = limits
    }

    /// Beside what is set here, the library ends a connection with ENHANCE_YOUR_CALM that sends, within 30 seconds, over 200
    /// RST_STREAM frames (rapid reset, CVE-2023-44487), erroneous streams, or PING, SETTINGS and PRIORITY frames together;
    /// more than 5 CONTINUATION frames in a row (CVE-2024-27316); or two empty DATA frames in a row.
    private var configuration: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
        ]
        // What a client may send ahead; it bounds what one connection makes us hold.
        configuration.connection.targetWindowSize = 1 << 20
        configuration.stream.targetWindowSize = 256 << 10
        return configuration
    }

    func setup(_ channel: any Channel, _ peer: ConnectionPeer, _ logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let care = HTTP2Care(
                channel, idleTime: TimeAmount(limits.idleTime), streamsLimit: limits.streams)
            let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
                mode: .server, streamDelegate: care.streamDelegate, frameDelegate: care, configuration: configuration
            ) { stream in
                setup(stream: stream, peer, logger)
            }
            try channel.pipeline.syncOperations.addHandler(care)
            return Value(streams: streams)
        }
    }

    private func setup(
        stream: any Channel, _ peer: ConnectionPeer, _ logger: Logger
    ) -> EventLoopFuture<HTTPConnection> {
        stream.eventLoop.makeCompletedFuture {
            let pipeline = stream.pipeline.syncOperations
            try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
            try pipeline.addHandler(ConnectionWatch(peer))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: limits.idleTime, logger: logger))
            return HTTPConnection(try HTTP1Channel.Value(wrappingChannelSynchronously: stream))
        }
    }

    func handle(_ connection: Value, _ logger: Logger) async {
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for try await stream in connection.streams.inbound {
                    group.addTask {
                        await HTTP1Channel(responder: responder).handle(value: stream.take(), logger: logger)
                    }
                }
            }
        } catch {
            logger.debug("HTTP/2 connection ended: \(error)")
        }
    }
}
