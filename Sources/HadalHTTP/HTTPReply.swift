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
            body: .init(byteBuffer: ByteBuffer(string: value.text + "\n")))
    }

    public static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A stream of events. Each is sent when it comes; an error of the sequence cuts the connection.
    public static func events(_ events: AsyncThrowingStream<ServerSentEvent, any Error>) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
                // nginx would gather the events before it passes them on.
                .init("X-Accel-Buffering")!: "no",
            ],
            body: ResponseBody { writer in
                for try await event in events { try await writer.write(ByteBuffer(string: event.text)) }
                try await writer.finish(nil)
            })
    }
}
