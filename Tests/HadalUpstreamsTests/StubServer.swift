import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server that says byte for byte what it is told to, also what no server should.
final class StubServer: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var path: String
        var headers: HTTPHeaders
        var body: String

        var json: JSON? { try? JSON(parsing: body) }
    }

    /// What it does, one after the other.
    enum Step: Sendable {
        case write(String)
        /// Nothing more until the client goes.
        case hold
        case close
        case wait(TimeAmount)
    }

    typealias Answer = @Sendable (Request, Int) -> [Step]

    private let channel: any Channel
    private let seen: Seen

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
        /// Connections that ended before what they were told was done.
        let abandoned = Mutex(0)
        let connections = Mutex(0)
    }

    var url: URL { URL(string: "http://127.0.0.1:\(channel.localAddress?.port ?? 0)")! }
    var requests: [Request] { seen.requests.withLock { $0 } }
    var abandoned: Int { seen.abandoned.withLock { $0 } }
    var connections: Int { seen.connections.withLock { $0 } }

    /// - Parameter answer: gets the request and how many came before it.
    static func start(_ answer: @escaping Answer) async throws -> StubServer {
        let seen = Seen()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    seen.connections.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(seen, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubServer(channel, seen)
    }

    private init(_ channel: any Channel, _ seen: Seen) {
        self.channel = channel
        self.seen = seen
    }

    func stop() async throws { try await channel.close() }

    // MARK: answers

    static func json(_ status: Int, _ text: String, headers: String = "") -> [Step] {
        [
            .write(
                "HTTP/1.1 \(status) Status\r\ncontent-type: application/json\r\n\(headers)"
                    + "content-length: \(text.utf8.count)\r\n\r\n\(text)")
        ]
    }

    static let streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    /// A whole stream of these events.
    static func stream(_ events: [String]) -> [Step] {
        [.write(streamHead)] + events.map { .write(chunk("data: \($0)\n\n")) } + [.write("0\r\n\r\n")]
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let seen: Seen
        private let answer: Answer
        private var request: Request?
        private var isBusy = false

        init(_ seen: Seen, _ answer: @escaping Answer) {
            self.seen = seen
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(method: head.method, path: head.uri, headers: head.headers, body: "")
            case .body(let bytes): request?.body += String(buffer: bytes)
            case .end:
                guard let request else { return }
                let count = seen.requests.withLock { all in
                    all.append(request)
                    return all.count - 1
                }
                isBusy = true
                run(answer(request, count)[...], context)
            }
        }

        private func run(_ steps: ArraySlice<Step>, _ context: ChannelHandlerContext) {
            guard let step = steps.first else {
                isBusy = false
                return
            }
            switch step {
            case .write(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                run(steps.dropFirst(), context)
            case .hold: break
            case .close:
                isBusy = false
                context.close(promise: nil)
            case .wait(let time):
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: time) {
                    let (handler, context) = bound.value
                    if context.channel.isActive { handler.run(steps.dropFirst(), context) }
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            if isBusy { seen.abandoned.withLock { $0 += 1 } }
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
