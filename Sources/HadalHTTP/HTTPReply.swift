import AsyncAlgorithms
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
    public static func events(
        _ events: AsyncThrowingChannel<ServerSentEvent, any Error>, headers: HTTPFields = [:]
    ) -> Response {
        stream(events, type: "text/event-stream; charset=utf-8", headers: headers) { $0.text }
    }

    /// A stream of JSON values, each on a line of its own.
    public static func lines(_ values: AsyncThrowingChannel<JSON, any Error>) -> Response {
        stream(values, type: "application/x-ndjson", headers: [:]) { $0.text + "\n" }
    }

    private static func stream<Element: Sendable>(
        _ elements: AsyncThrowingChannel<Element, any Error>, type: String, headers: HTTPFields,
        _ text: @escaping @Sendable (Element) -> String
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-cache"
        // nginx would gather the events before it passes them on.
        headers[.init("X-Accel-Buffering")!] = "no"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                // Who still sends is told that nobody takes it.
                defer { elements.finish() }
                for try await element in elements { try await writer.write(ByteBuffer(string: text(element))) }
                try await writer.finish(nil)
            })
    }
}
