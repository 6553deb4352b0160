import Foundation
import HTTPTypes
import HadalHTTP
import HadalJSON
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Answers what the server before this one passes on: requests on connections that it still has, and records of answers
/// that it finishes.
struct RelayServer: Service {
    let socket: String
    let audit: AuditRecorder?
    let logger: Logger
    let onReady: @Sendable () -> Void
    let respond: HTTPServer.Respond

    /// A record has a request's and an answer's texts.
    private static let recordLimit = 1 << 30

    func run() async throws {
        try await HTTPServer(
            address: .unixDomainSocket(path: socket), logger: logger,
            onReady: { _ in
                chmod(socket, 0o600)
                onReady()
            },
            respond: { request, connection in
                guard let text = request.headers[RequestRelay.peer] else {
                    // What a client asks comes with its address, whatever its path.
                    guard request.uri.path == RequestRelay.recordPath else { return HTTPReply.text("", status: 404) }
                    return await record(request)
                }
                guard let peer = connection.standing(for: text) else {
                    return HTTPReply.text("this socket is for a server that is being replaced\n", status: 400)
                }
                var head = request.head
                head.headerFields[RequestRelay.peer] = nil
                head.headerFields[.connection] = nil
                return await respond(Request(head: head, body: request.body), peer)
            }
        ).run()
        unlink(socket)
    }

    private func record(_ request: Request) async -> Response {
        do {
            guard let audit else { return HTTPReply.json(["sequence": .null]) }
            let bytes = try await request.body.collect(upTo: Self.recordLimit)
            let entry = try RelayedRecord(try JSON(parsing: bytes.readableBytesView))
            let number = try await audit.append(
                entry.record, input: entry.input, output: entry.output, durable: entry.isDurable)
            return HTTPReply.json(["sequence": number.map { .int(Int64(clamping: $0)) } ?? .null])
        } catch {
            return HTTPReply.json(["error": .string("\(error)")], status: 507)
        }
    }
}
