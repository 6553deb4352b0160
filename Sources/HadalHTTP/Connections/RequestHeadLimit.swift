import NIOCore
import NIOHTTPTypes

/// Closes an HTTP/1.1 connection on which a request's head is not complete some time after its first byte: the idle time-out
/// does not, while a byte comes now and then (slow-loris). This one sees bytes; `Parts` sees what the decoder makes of them.
final class RequestHeadLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limit: TimeAmount
    private var isInRequest = false
    private var madeParts = false
    private var timer: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        madeParts = false
        // The decoder gives the parts before this returns.
        context.fireChannelRead(data)
        // Bytes that ended a request may also have begun the next; its next byte, or the idle time-out, will tell.
        if !isInRequest, !madeParts, timer == nil, context.channel.isActive {
            let channel = context.channel
            timer = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        }
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

    private func saw(_ part: HTTPRequestPart) {
        madeParts = true
        switch part {
        case .head:
            isInRequest = true
            stop()
        case .body: break
        case .end: isInRequest = false
        }
    }

    /// Stands behind the decoder.
    final class Parts: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPRequestPart
        typealias InboundOut = HTTPRequestPart

        private var limit: RequestHeadLimit?

        func handlerAdded(context: ChannelHandlerContext) {
            limit = try? context.pipeline.syncOperations.handler(type: RequestHeadLimit.self)
        }

        func handlerRemoved(context: ChannelHandlerContext) { limit = nil }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            limit?.saw(unwrapInboundIn(data))
            context.fireChannelRead(data)
        }
    }
}
