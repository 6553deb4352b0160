import AsyncHTTPClient
import Foundation
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1
import NIOSSL
import Tracing

/// W3C's trace context, passed on.
private struct TraceHeaders: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPHeaders) {
        carrier.replaceOrAdd(name: key, value: value)
    }
}

/// The connections to one upstream.
final class UpstreamHTTP: Sendable {
    /// Of whole answers, and of a stream all together: a peer that never ends cannot fill the memory.
    static let bodyBytesMax = 256 << 20
    private static let errorBytesMax = 64 << 10

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        /// nil: the body is no JSON.
        var json: JSON?
    }

    let settings: UpstreamSettings
    let failures: UpstreamFailures
    private let key: UpstreamKey?
    private let base: String
    let places: UpstreamPlaces
    private let client: HTTPClient

    /// - Throws: `UpstreamError` where the certificates of `tls_authority` cannot be read.
    init(_ settings: UpstreamSettings, key: UpstreamKey?) throws(UpstreamError) {
        self.settings = settings
        self.key = key
        places = UpstreamPlaces(upstream: settings.name, limit: settings.concurrency)
        failures = UpstreamFailures(upstream: settings.name, secrets: [key?.text].compactMap { $0 })
        let text = settings.baseURL.absoluteString
        base = text.hasSuffix("/") ? String(text.dropLast()) : text
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // An upstream that points elsewhere would be sent the key there.
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
        configuration.connectionPool.retryConnectionEstablishment = false
        // Many servers close what is idle for five seconds; a request that is sent just then is lost.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.timeout.connect = .nanoseconds(Int64(settings.timeouts.connect / .nanoseconds(1)))
        configuration.tracing.tracer = nil
        if let path = settings.tlsAuthority {
            var tls = TLSConfiguration.makeClientConfiguration()
            do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path)) } catch {
                throw .unusable(upstream: settings.name, problem: "tls_authority: \(path) holds no certificates (PEM)")
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws { try await client.shutdown() }

    // MARK: requests

    /// - Parameter path: begins with `/`.
    private func request(_ path: String, _ body: JSON?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        if let context = ServiceContext.current {
            InstrumentationSystem.instrument.inject(context, into: &request.headers, using: TraceHeaders())
        }
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key.text)") }
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return request
    }

    /// A stream's response; the body is still to be read.
    /// - Throws: `WorkerFailure` for every status but 200.
    func open(_ path: String, _ body: JSON, _ watchdog: Watchdog) async throws -> HTTPClientResponse {
        var request = request(path, body)
        request.headers.add(name: "accept", value: "text/event-stream")
        let response = try await client.execute(request, deadline: .distantFuture)
        guard response.status == .ok else {
            watchdog.allow(settings.timeouts.betweenEvents)
            let bytes = try? await response.body.collect(upTo: Self.errorBytesMax)
            throw failure(
                Answer(
                    status: Int(response.status.code), headers: response.headers,
                    json: bytes.flatMap { try? JSON(parsing: $0.readableBytesView) }))
        }
        let type = response.headers.first(name: "content-type") ?? ""
        guard type.lowercased().hasPrefix("text/event-stream") else {
            throw lost("a stream was asked for, and \(failures.text(type.isEmpty ? "nothing" : type)) came")
        }
        return response
    }

    /// All events of a stream that is short.
    func events(_ path: String, _ body: JSON) async throws -> [ServerSentEvent] {
        do {
            return try await Watchdog.watch(settings.timeouts.firstByte) { [self] watchdog in
                var parser = ServerSentEventParser()
                var events: [ServerSentEvent] = []
                for try await bytes in try await open(path, body, watchdog).body {
                    events += try parser.feed(bytes.readableBytesView)
                    guard events.count < 10_000 else { throw lost("the answer does not end") }
                }
                return events
            }
        } catch {
            throw loss(error)
        }
    }

    /// An answer of any status.
    /// - Parameter limit: of the whole answer; nil: the timeout of the first byte.
    /// - Throws: `UpstreamError.lost` where none came.
    func exchange(_ path: String, _ body: JSON? = nil, limit: Duration? = nil) async throws -> Answer {
        do {
            return try await Watchdog.watch(limit ?? settings.timeouts.firstByte) { [self] _ in
                let response = try await client.execute(request(path, body), deadline: .distantFuture)
                let bytes = try await response.body.collect(upTo: Self.bodyBytesMax)
                return Answer(
                    status: Int(response.status.code), headers: response.headers,
                    json: try? JSON(parsing: bytes.readableBytesView))
            }
        } catch {
            throw loss(error)
        }
    }

    /// The body of an answer with status 200.
    /// - Throws: `WorkerFailure` for every other, `UpstreamError.lost` where the body is no JSON.
    func value(_ path: String, _ body: JSON? = nil, limit: Duration? = nil) async throws -> JSON {
        let answer = try await exchange(path, body, limit: limit)
        guard answer.status == 200 else { throw failure(answer) }
        guard let json = answer.json else { throw lost("the answer of \(path) is no JSON") }
        return json
    }

    func failure(_ answer: Answer) -> WorkerFailure {
        failures.failure(
            status: answer.status, body: answer.json, retryAfter: answer.headers.first(name: "retry-after"),
            now: Date())
    }

    // MARK: losses

    func lost(_ problem: String) -> UpstreamError { .lost(upstream: settings.name, problem: problem) }

    /// What any error on the way is: a failure the upstream told, a cancellation, or a loss.
    func loss(_ error: any Error) -> any Error {
        switch error {
        case is WorkerFailure, is UpstreamError: error
        case let silence as Watchdog.Silence: lost("nothing came for \(silence.limit)")
        case let problem as UpstreamEventReader.NotUnderstood: lost(problem.problem)
        case is CancellationError: error
        // An error of the network names addresses, not what was sent.
        default: Task.isCancelled ? CancellationError() : lost(failures.text("\(error)"))
        }
    }
}
