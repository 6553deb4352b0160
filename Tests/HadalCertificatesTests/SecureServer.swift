import Foundation
import HTTPTypes
import HadalCertificates
import HadalHTTP
import HadalWire
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Testing

/// A server on loopback for the time of a test, and what came to it.
struct SecureServer: Sendable {
    let port: Int
    let lines: LogLines
    /// Yields for each producer of `/stream` that has begun, and that was stopped because its client went.
    let started: AsyncStream<Void>
    let stopped: AsyncStream<Void>
    /// As the end of the process begins.
    let stop: @Sendable () async -> Void

    /// Serves `/` (who asks, in a line), `/stream` (an event, then nothing until the client goes) and an echo of what is sent.
    static func run<Value: Sendable>(
        tls: (@Sendable () -> NIOSSLContext)?, limits: HTTPServer.Limits = .init(),
        _ body: @Sendable (SecureServer) async throws -> Value
    ) async throws -> Value {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        let lines = LogLines()
        let server = HTTPServer(
            address: .hostname("127.0.0.1", port: 0), limits: limits, tls: tls, logger: lines.logger,
            onReady: { port.yield($0?.port ?? 0) },
            respond: { request, connection in
                switch request.uri.path {
                case "/stream":
                    return HTTPReply.events(to: connection) { reply in
                        await reply.send(ServerSentEvent(data: "first"))
                        start.yield()
                        do { try await Task.sleep(for: .seconds(600)) } catch { stop.yield() }
                    }
                case "/echo":
                    guard let body = try? await request.body.collect(upTo: 32 << 20) else {
                        return HTTPReply.text("too much", status: 413)
                    }
                    return Response(status: .ok, headers: [.connection: "close"], body: .init(byteBuffer: body))
                default:
                    let peer = connection.peerCertificate
                    let user = peer?.uris.first.map { $0.replacing("hadal:user:", with: "") }
                    return HTTPReply.text(
                        "from \(connection.remoteAddress ?? "nowhere") user \(user ?? "-") \(peer?.serial ?? "")\n"
                    )
                }
            })
        let group = ServiceGroup(services: [server], logger: lines.logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var found: Int?
            for await port in ports {
                found = port
                break
            }
            let value = try await body(
                SecureServer(
                    port: try #require(found), lines: lines, started: started, stopped: stopped,
                    stop: { await group.triggerGracefulShutdown() }))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }
}
