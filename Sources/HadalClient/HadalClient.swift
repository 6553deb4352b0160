import AsyncHTTPClient
import Foundation
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1

/// A client of Hadal, and of any server that speaks OpenAI's protocol.
///
/// ```swift
/// let client = HadalClient(URL(string: "http://127.0.0.1:8000")!)
/// var chat = ChatCall(model: "guide")
/// chat.messages = [ChatMessage(role: .user, content: "How do I change the port?")]
/// print(try await client.answer(chat).content)
/// for try await event in client.events(chat) {
///     if case .content(let text) = event { print(text, terminator: "") }
/// }
/// ```
///
/// A stream's request is ended when its iteration is.
public struct HadalClient: Sendable {
    /// Of whole answers.
    private static let bodyBytesMax = 256 << 20

    /// Where nobody listens a call fails at once, not after tries that take minutes.
    private static let connections: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let base: String
    private let key: String?
    private let http: HTTPClient
    private let timeout: Duration

    /// - Parameters:
    ///   - base: the server, without `/v1`.
    ///   - key: sent as `Authorization: Bearer`.
    ///   - http: nil: one that all clients share.
    ///   - timeout: of a whole answer, or until a stream begins.
    public init(_ base: URL, key: String? = nil, http: HTTPClient? = nil, timeout: Duration = .seconds(600)) {
        let text = base.absoluteString
        self.base = text.hasSuffix("/") ? String(text.dropLast()) : text
        self.key = key
        self.http = http ?? Self.connections
        self.timeout = timeout
    }

    // MARK: calls

    /// The names of the models that are served.
    public func models() async throws -> [String] {
        let list = try await exchange(request("/v1/models"))
        return (list["data"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    /// What the server says at a path that no other call is for, such as `/admin/v1/workers`.
    /// - Parameters:
    ///   - body: nil: it is asked with GET, else with POST.
    ///   - headers: beside those of each request.
    public func answer(
        at path: String, _ body: JSON? = nil, headers: [(String, String)] = []
    ) async throws -> JSON {
        var request = request(path, body)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await exchange(request)
    }

    /// An answer as a whole.
    public func answer(_ chat: ChatCall) async throws -> ChatAnswer {
        try ChatAnswer(try await exchange(request("/v1/chat/completions", chat.json(streams: false))))
    }

    /// An answer as it comes; its last event is `finished`.
    /// - Throws: within the iteration, as `answer` does.
    public func events(_ chat: ChatCall) -> AsyncThrowingStream<ChatEvent, any Error> {
        stream { continuation in
            let response = try await open(request("/v1/chat/completions", chat.json(streams: true)))
            var parser = ServerSentEventParser()
            var reader = ChatEventReader()
            for try await bytes in response.body {
                for event in try parser.feed(bytes.readableBytesView) {
                    if event.data == "[DONE]" {
                        continuation.yield(reader.finish())
                        return
                    }
                    for event in try reader.read(event.data) { continuation.yield(event) }
                }
            }
            throw HadalClientError.brokenOff
        }
    }

    /// The text that a model goes on with, or fills between `prompt` and `suffix`.
    public func completion(
        model: String, prompt: String, suffix: String? = nil, maximumTokens: Int = 256, temperature: Double? = nil
    ) async throws -> String {
        let body = JSON.compact([
            ("model", .string(model)), ("prompt", .string(prompt)), ("suffix", suffix.map(JSON.string)),
            ("max_tokens", .int(Int64(maximumTokens))), ("temperature", temperature.map(JSON.double)),
        ])
        let reply = try await exchange(request("/v1/completions", body))
        guard let text = reply["choices"]?[0]?["text"]?.string else { throw HadalClientError.notUnderstood("no text") }
        return text
    }

    /// A vector for each text.
    public func embeddings(model: String, _ texts: [String]) async throws -> [[Float]] {
        let body: JSON = [
            "model": .string(model), "input": .array(texts.map(JSON.string)), "encoding_format": "base64",
        ]
        let reply = try await exchange(request("/v1/embeddings", body))
        return try (reply["data"]?.array ?? []).map { element in
            guard let text = element["embedding"]?.string else { throw HadalClientError.notUnderstood("no vector") }
            return Embeddings.Vector(base64: text).floats
        }
    }

    // MARK: HTTP

    private func stream<Element: Sendable>(
        _ produce: @escaping @Sendable (AsyncThrowingStream<Element, any Error>.Continuation) async throws -> Void
    ) -> AsyncThrowingStream<Element, any Error> {
        let (stream, continuation) = AsyncThrowingStream<Element, any Error>.makeStream()
        let task = Task {
            do {
                try await produce(continuation)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func request(_ path: String, _ body: JSON? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.text))
        }
        return request
    }

    /// - Throws: `HadalClientError.refused` for every status but those of success.
    private func open(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw HadalClientError.notReached(base, problem: "\(error)")
        }
        guard (200..<300).contains(response.status.code) else {
            let body = try? await response.body.collect(upTo: 1 << 20)
            let error = body.flatMap { try? JSON(parsing: $0.readableBytesView) }?["error"]
            throw HadalClientError.refused(
                status: Int(response.status.code),
                message: error?["message"]?.string ?? response.status.reasonPhrase, code: error?["code"]?.string)
        }
        return response
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> JSON {
        let bytes = try await open(request).body.collect(upTo: Self.bodyBytesMax)
        do throws(JSONError) { return try JSON(parsing: bytes.readableBytesView) } catch {
            throw HadalClientError.notUnderstood("\(error)")
        }
    }
}

/// Why a call came to nothing.
public enum HadalClientError: Error, Sendable, CustomStringConvertible {
    case notReached(String, problem: String)
    /// - code: stable, for programs.
    case refused(status: Int, message: String, code: String?)
    /// The stream ended before the answer did.
    case brokenOff
    case notUnderstood(String)

    public var description: String {
        switch self {
        case .notReached(let base, let problem): "\(base) is not reached: \(problem)"
        case .refused(let status, let message, _): "\(message) (status \(status))"
        case .brokenOff: "the answer was broken off"
        case .notUnderstood(let problem): "the server's answer is not understood: \(problem)"
        }
    }
}
