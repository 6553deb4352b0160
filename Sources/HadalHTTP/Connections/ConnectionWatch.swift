import NIOCore
import NIOHTTPTypes

/// Sits in the pipeline of each connection, in HTTP/2 of each stream, and tells its `ClientConnection` of the end.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let peer: ConnectionPeer
    /// There from when the handler is in a pipeline.
    private(set) var connection = ClientConnection()

    init(_ peer: ConnectionPeer) { self.peer = peer }

    func handlerAdded(context: ChannelHandlerContext) { connection = ClientConnection(context.channel, peer) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.close()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that was reset reports the error before it becomes inactive.
        if error is IOError { connection.close() }
        context.fireErrorCaught(error)
    }
}
