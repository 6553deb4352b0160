import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers as it is told: what a real one does only when it is in trouble.
final class FakeVault: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var path: String
        var headers: HTTPHeaders
        var body: String
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus
        var body: String
        var headers = HTTPHeaders()
        /// It takes the request and says nothing.
        var isSilent = false

        static let silence = Answer(status: .ok, body: "", isSilent: true)
        static func errors(_ status: HTTPResponseStatus, _ text: String = "") -> Answer {
            Answer(status: status, body: text.isEmpty ? "{\"errors\":[]}" : "{\"errors\":[\"\(text)\"]}")
        }
    }

    private let channel: any Channel
    private let seen: Seen
    var address: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var requests: [Request] { seen.requests.withLock { $0 } }

    private final class Seen: Sendable { let requests = Mutex<[Request]>([]) }

    /// - Parameter answer: gets the request and how many came before it.
    static func start(_ answer: @escaping @Sendable (Request, Int) -> Answer) async throws -> FakeVault {
        let seen = Seen()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            let count = seen.requests.withLock { all in
                                all.append(request)
                                return all.count - 1
                            }
                            return answer(request, count)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeVault(channel, seen)
    }

    private init(_ channel: any Channel, _ seen: Seen) {
        self.channel = channel
        self.seen = seen
    }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (Request) -> Answer
        private var request: Request?

        init(_ answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(method: head.method, path: head.uri, headers: head.headers, body: "")
            case .body(let bytes): request?.body += String(buffer: bytes)
            case .end:
                guard let request else { return }
                let answer = answer(request)
                guard !answer.isSilent else { return }
                var headers = answer.headers
                headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
                let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
