import NIOCore

/// Makes replies of what comes, and gives them to who waits.
final class MailReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    struct Closed: Error, CustomStringConvertible {
        let description = "it closed the connection"
    }

    private static let repliesMax = 10

    private var line: [UInt8] = []
    private var reader = MailReplyReader()
    private var replies: [MailReply] = []
    private var waiting: EventLoopPromise<MailReply>?
    private var failure: (any Error)?
    private var loop: (any EventLoop)?

    func handlerAdded(context: ChannelHandlerContext) { loop = context.eventLoop }

    /// Whether nothing has come that was not asked for.
    var isEmpty: Bool { line.isEmpty && replies.isEmpty && reader.isEmpty }

    /// - Precondition: nobody waits.
    func next() -> EventLoopFuture<MailReply> {
        let promise = loop!.makePromise(of: MailReply.self)
        if !replies.isEmpty {
            promise.succeed(replies.removeFirst())
        } else if let failure {
            promise.fail(failure)
        } else {
            waiting = promise
        }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for byte in unwrapInboundIn(data).readableBytesView {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                if line.count > MailReplyReader.lineBytesMax { return end(context, MailReplyReader.Endless()) }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            defer { line = [] }
            do {
                guard let reply = try reader.read(String(decoding: line, as: UTF8.self)) else { continue }
                if let waiting {
                    self.waiting = nil
                    waiting.succeed(reply)
                } else {
                    replies.append(reply)
                    if replies.count > Self.repliesMax { return end(context, MailReplyReader.Endless()) }
                }
            } catch { return end(context, error) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, error) }

    func channelInactive(context: ChannelHandlerContext) { end(context, Closed()) }

    private func end(_ context: ChannelHandlerContext, _ error: any Error) {
        failure = failure ?? error
        waiting?.fail(failure!)
        waiting = nil
        context.close(promise: nil)
    }
}
