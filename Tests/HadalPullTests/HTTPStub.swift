import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server that says byte for byte what it is told to, also what no server should.
final class HTTPStub: Sendable {
    struct Request: Sendable {
        /// With its query.
        var path: String
        var headers: HTTPHeaders

        /// `bytes=100-199`
        var range: Range<Int>? {
            guard let match = headers.first(name: "Range")?.wholeMatch(of: /bytes=([0-9]+)-([0-9]+)/),
                let first = Int(match.1), let last = Int(match.2)
            else { return nil }
            return first..<last + 1
        }
    }

    /// What it does, one after the other.
    enum Step: Sendable {
        case write([UInt8])
        /// Nothing more until the client goes.
        case hold
        case close
        case act(@Sendable () -> Void)
    }

    typealias Answer = @Sendable (Request) -> [Step]

    private let channel: any Channel
    private let seen: Seen

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var requests: [Request] { seen.requests.withLock { $0 } }

    init(_ answer: @escaping Answer) async throws {
        let seen = Seen()
        self.seen = seen
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(seen, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    static func head(_ status: Int, _ headers: [(String, String)]) -> [UInt8] {
        Array(
            ("HTTP/1.1 \(status) Status\r\n" + headers.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n").utf8)
    }

    static func text(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> [Step] {
        [.write(head(status, headers + [("Content-Length", "\(text.utf8.count)")]) + Array(text.utf8))]
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let seen: Seen
        private let answer: Answer
        private var request: Request?

        init(_ seen: Seen, _ answer: @escaping Answer) {
            self.seen = seen
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(path: head.uri, headers: head.headers)
            case .body: break
            case .end:
                guard let request else { return }
                seen.requests.withLock { $0.append(request) }
                for step in answer(request) {
                    switch step {
                    case .write(let bytes):
                        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                    case .hold: return
                    case .close: context.close(promise: nil)
                    case .act(let body): body()
                    }
                }
            }
        }
    }
}
