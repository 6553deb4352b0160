import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

@testable import HadalObjects

/// An HTTP server that says byte for byte what it is told to, also what no server should.
final class S3Stub: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// With its query.
        var path: String
        var headers: HTTPHeaders
        var body = ByteBuffer()
    }

    /// What it does, one after the other.
    enum Step: Sendable {
        case write([UInt8])
        /// Nothing more until the client goes.
        case hold
        case close
    }

    /// - Parameter count: of the requests so far, this one included.
    typealias Answer = @Sendable (_ request: Request, _ count: Int) -> [Step]

    static let credentials = S3Credentials(
        keyID: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: "TOKENxyz")

    private let channel: any Channel
    private let scheme: String
    private let seen: Seen

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
        let waits = Mutex<[Duration]>([])
    }

    var requests: [Request] { seen.requests.withLock { $0 } }
    /// How long the client meant to wait between its attempts.
    var waits: [Duration] { seen.waits.withLock { $0 } }

    /// - Parameter tls: the server is asked for as `https://localhost`.
    init(tls: NIOSSLContext? = nil, _ answer: @escaping Answer) async throws {
        let seen = Seen()
        self.seen = seen
        scheme = tls == nil ? "http" : "https"
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(seen, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    /// A bucket `bucket` of this server; nothing really waits.
    func storage(
        silence: TimeAmount = .seconds(60), sizes: PartSizes = PartSizes(), certificateAuthority: String? = nil
    ) throws -> S3Storage {
        let policy = RetryPolicy(silence: silence) { [seen] wait in seen.waits.withLock { $0.append(wait) } }
        let settings = S3Settings(
            endpoint: "\(scheme)://localhost:\(channel.localAddress?.port ?? 0)", credentials: Self.credentials,
            certificateAuthority: certificateAuthority)
        return try S3Storage("bucket", prefix: "", settings, policy, sizes)
    }

    static func head(_ status: Int, _ headers: [(String, String)]) -> [UInt8] {
        Array(("HTTP/1.1 \(status) Status\r\n" + headers.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n").utf8)
    }

    static func text(_ status: Int, _ text: String = "", _ headers: [(String, String)] = []) -> [Step] {
        [.write(head(status, headers + [("Content-Length", "\(text.utf8.count)")]) + Array(text.utf8))]
    }

    /// An error as S3 writes it.
    static func error(
        _ status: Int, _ code: String, _ more: String = "", _ headers: [(String, String)] = []
    ) -> [Step] {
        text(status, "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code>\(more)</Error>", headers)
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
            case .head(let head): request = Request(method: head.method, path: head.uri, headers: head.headers)
            case .body(var bytes): request?.body.writeBuffer(&bytes)
            case .end:
                guard let request else { return }
                let count = seen.requests.withLock { requests in
                    requests.append(request)
                    return requests.count
                }
                var written = context.eventLoop.makeSucceededVoidFuture()
                for step in answer(request, count) {
                    switch step {
                    case .write(let bytes):
                        written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)))
                    case .hold: return
                    case .close: written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
                    }
                }
            }
        }
    }
}
