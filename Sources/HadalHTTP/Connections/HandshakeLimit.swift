import NIOCore
import NIOTLS

/// Closes a connection whose TLS handshake takes too long, or is not done when the server stops, and tells of one that failed.
final class HandshakeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limit: TimeAmount
    private let failed: (any Error) -> Void
    private var timer: Scheduled<Void>?
    private var hasFailed = false

    init(_ limit: TimeAmount, failed: @escaping (any Error) -> Void = { _ in }) {
        self.limit = limit
        self.failed = failed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { stop() }
        if timer != nil, event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The first says why; others follow from it.
        if timer != nil, !hasFailed {
            hasFailed = true
            failed(error)
        }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}
