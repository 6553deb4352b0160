import AsyncHTTPClient
import Foundation
import HadalJSON
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// Sends spans that have ended to a collector, some at a time. What the collector does not take in time is given up: traces must
/// neither hold up requests nor fill memory.
public final class SpanExporter: Service {
    static let waitingMax = 8192
    private static let batchMax = 512
    private static let pause = Duration.seconds(1)
    private static let tries = 4

    private struct State {
        var waiting: [OTLPSpan] = []
        var given = 0
        var isFailing = false
    }

    private let endpoint: String
    private let headers: [(name: String, value: String)]
    private let service: String
    private let version: String?
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - endpoint: of a collector, such as `http://127.0.0.1:4318`; `/v1/traces` is added.
    ///   - headers: of each request, such as a key.
    public init(
        _ endpoint: String, headers: [(name: String, value: String)] = [], service: String = "hadal", version: String?,
        logger: Logger
    ) {
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        self.endpoint = base.hasSuffix("/v1/traces") ? base : base + "/v1/traces"
        (self.headers, self.service, self.version, self.logger) = (headers, service, version, logger)
    }

    /// Spans that were given up since the start.
    public var givenUp: Int { state.withLock(\.given) }

    @Sendable func add(_ span: OTLPSpan) {
        state.withLock { state in
            guard state.waiting.count < Self.waitingMax else { return state.given += 1 }
            state.waiting.append(span)
        }
    }

    public func run() async throws {
        var configuration = HTTPClient.Configuration()
        // Or each export would be a span to export.
        configuration.tracing.tracer = nil
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.pause)) != nil { await self.exportAll(http) }
        }
        // What has ended until now, once.
        await Task { await self.exportAll(http, tries: 1) }.value
        try await http.shutdown()
    }

    private func exportAll(_ http: HTTPClient, tries: Int = tries) async {
        while true {
            let batch = state.withLock { state in
                defer { state.waiting.removeFirst(min(Self.batchMax, state.waiting.count)) }
                return Array(state.waiting.prefix(Self.batchMax))
            }
            if batch.isEmpty { return }
            await export(batch, http, tries)
        }
    }

    private func export(_ spans: [OTLPSpan], _ http: HTTPClient, _ tries: Int) async {
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(string: OTLPText.request(spans, service: service, version: version).text))
        var problem = ""
        for attempt in 0..<tries {
            if attempt > 0, (try? await Task.sleep(for: .milliseconds(500 << attempt))) == nil { break }
            do {
                let response = try await http.execute(request, timeout: .seconds(10))
                _ = try? await response.body.collect(upTo: 1 << 20)
                if (200..<300).contains(response.status.code) { return tell(nil) }
                problem = "status \(response.status.code)"
                // Others would not help.
                guard [429, 502, 503, 504].contains(response.status.code) else { break }
            } catch { problem = "\(error)" }
        }
        state.withLock { $0.given += spans.count }
        tell(problem)
    }

    /// Once for each change.
    private func tell(_ problem: String?) {
        let isChange = state.withLock { state in
            defer { state.isFailing = problem != nil }
            return state.isFailing != (problem != nil)
        }
        guard isChange else { return }
        if let problem {
            logger.warning("traces cannot be sent to \(endpoint): \(problem)")
        } else {
            logger.notice("traces are sent to \(endpoint) again")
        }
    }
}
