import HTTPTypes
import HadalJSON
import HadalWire
import Hummingbird
import NIOCore

/// Makes responses.
public enum HTTPReply {
    public static func json(_ value: JSON, status: Int = 200, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: .init(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: value.bytes + CollectionOfOne(UInt8(ascii: "\n")))))
    }

    public static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A stream of events that `produce` sends, in a task that is cancelled when the client goes away.
    public static func events(
        to connection: ClientConnection, headers: HTTPFields = [:], keepAlive: ReplyStream.KeepAlive? = nil,
        _ produce: @escaping @Sendable (ReplyStream) async throws -> Void
    ) -> Response {
        stream(to: connection, "text/event-stream; charset=utf-8", headers, keepAlive, produce)
    }

    /// A stream of JSON values, each on a line of its own.
    public static func lines(
        to connection: ClientConnection, _ produce: @escaping @Sendable (ReplyStream) async throws -> Void
    ) -> Response {
        stream(to: connection, "application/x-ndjson", [:], nil, produce)
    }

    /// An error that `produce` throws cuts the connection.
    private static func stream(
        to connection: ClientConnection, _ type: String, _ headers: HTTPFields, _ keepAlive: ReplyStream.KeepAlive?,
        _ produce: @escaping @Sendable (ReplyStream) async throws -> Void
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-cache"
        // nginx would gather the events before it passes them on.
        headers[.init("X-Accel-Buffering")!] = "no"
        return pieces(to: connection, headers: headers, keepAlive: keepAlive, produce)
    }

    /// Another server's answer, as it comes.
    /// - Parameter parts: an error ends the connection.
    public static func passOn<Parts: AsyncSequence & Sendable>(
        _ parts: Parts, status: Int, headers: HTTPFields, to connection: ClientConnection
    ) -> Response where Parts.Element == ByteBuffer {
        var response = pieces(to: connection, headers: headers) { reply in
            for try await part in parts { await reply.send(piece: part) }
        }
        response.status = .init(code: status)
        return response
    }

    /// Whatever `produce` sends, as it comes.
    public static func pieces(
        to connection: ClientConnection, headers: HTTPFields, keepAlive: ReplyStream.KeepAlive? = nil,
        _ produce: @escaping @Sendable (ReplyStream) async throws -> Void
    ) -> Response {
        Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let reply = ReplyStream(writer, connection, keepAlive)
                try await connection.whileOpen { try await produce(reply) }
                try await reply.finish()
            })
    }
}
