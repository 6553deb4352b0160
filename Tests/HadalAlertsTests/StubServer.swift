import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server that keeps what it is sent, and answers what it is told to.
final class StubServer: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: HTTPHeaders
        var body: [UInt8]

        var json: JSON? { try? JSON(parsing: body) }
    }

    /// nil: it never answers.
    struct Answer: Sendable {
        var status = 200
        var body = "{}"
        var headers = ""
    }

    private let channel: any Channel
    private let seen: Seen

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var requests: [Request] { seen.requests.withLock { $0 } }

    /// - Parameter answer: gets how many requests came before.
    static func start(_ answer: @escaping @Sendable (Int) -> Answer?) async throws -> StubServer {
        let seen = Seen()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(seen, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubServer(channel, seen)
    }

    private init(_ channel: any Channel, _ seen: Seen) { (self.channel, self.seen) = (channel, seen) }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let seen: Seen
        private let answer: @Sendable (Int) -> Answer?
        private var request: Request?

        init(_ seen: Seen, _ answer: @escaping @Sendable (Int) -> Answer?) { (self.seen, self.answer) = (seen, answer) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(path: head.uri, headers: head.headers, body: [])
            case .body(let bytes): request?.body += Array(bytes.readableBytesView)
            case .end:
                guard let request else { return }
                let count = seen.requests.withLock { all in
                    all.append(request)
                    return all.count - 1
                }
                guard let answer = answer(count) else { return }
                let text =
                    "HTTP/1.1 \(answer.status) Status\r\n\(answer.headers)content-length: \(answer.body.utf8.count)\r\n"
                    + "\r\n\(answer.body)"
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
