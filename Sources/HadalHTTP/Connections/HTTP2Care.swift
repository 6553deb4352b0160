import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection where the library does not: without streams for too long, with too many, after an error of the
/// connection, when the client closes its side, and, once its streams are done, when the server stops.
///
/// GOAWAY names the last stream that was begun: what the client has sent after it, it can safely send again elsewhere
/// (RFC 9113, 6.8). Nothing waits for an answer to it, which a hostile client would not give.
final class HTTP2Care: ChannelInboundHandler, NIOHTTP2FrameDelegate {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let channel: any Channel
    private let idleTime: TimeAmount
    private let streamsLimit: Int
    private var openStreams = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var isQuiescing = false
    private var hasFailed = false
    private var idleTimer: Scheduled<Void>?

    /// - Parameter streamsLimit: as the settings tell the client. The library holds a client to them once it has confirmed
    ///   them, which one who means ill never does. Twice as many end the connection in any case.
    init(_ channel: any Channel, idleTime: TimeAmount, streamsLimit: Int) {
        self.channel = channel
        self.idleTime = idleTime
        self.streamsLimit = streamsLimit
    }

    func handlerAdded(context: ChannelHandlerContext) { waitForStreams() }

    func handlerRemoved(context: ChannelHandlerContext) { idleTimer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isQuiescing {
            isQuiescing = true
            sendGoAway(.noError)
            closeIfDone()
        }
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { channel.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Also called for errors of one stream, which was then reset; the others go on.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if hasFailed { channel.close(promise: nil) }
    }

    /// The library tells of an error of the connection by GOAWAY, and leaves the rest to us.
    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { hasFailed = true }
    }

    private func waitForStreams() {
        let care = NIOLoopBound(self, eventLoop: channel.eventLoop)
        idleTimer = channel.eventLoop.scheduleTask(in: idleTime) { care.value.endIdle() }
    }

    private func endIdle() {
        sendGoAway(.noError)
        channel.close(promise: nil)
    }

    private func sendGoAway(_ code: HTTP2ErrorCode) {
        let frame = HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: lastStream, errorCode: code, opaqueData: nil))
        channel.writeAndFlush(frame, promise: nil)
    }

    private func closeIfDone() {
        if isQuiescing, openStreams == 0 { channel.close(promise: nil) }
    }

    fileprivate func began(_ stream: HTTP2StreamID) {
        openStreams += 1
        lastStream = max(lastStream, stream)
        idleTimer?.cancel()
        idleTimer = nil
        if openStreams > 2 * streamsLimit {
            sendGoAway(.enhanceYourCalm)
            channel.close(promise: nil)
        }
    }

    fileprivate func ended() {
        openStreams -= 1
        closeIfDone()
        if openStreams == 0 { waitForStreams() }
    }

    var streamDelegate: some NIOHTTP2StreamDelegate { Streams(care: NIOLoopBound(self, eventLoop: channel.eventLoop)) }

    /// The library calls it on the connection's event loop.
    private struct Streams: NIOHTTP2StreamDelegate {
        let care: NIOLoopBound<HTTP2Care>

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) { care.value.began(id) }
        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) { care.value.ended() }
    }
}
