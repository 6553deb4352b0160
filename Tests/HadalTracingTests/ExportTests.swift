import Foundation
import HadalJSON
import Hummingbird
import Logging
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Tracing

@testable import HadalTracing

/// What a real collector's parser gets over real HTTP.
@Suite(.timeLimit(.minutes(15)))
struct ExportTests {
    private final class Collector: Sendable {
        let bodies = Mutex<[String]>([])
        let headers = Mutex<[String?]>([])
        /// Given before 200.
        let statuses: Mutex<[HTTPResponse.Status]>

        init(_ statuses: [HTTPResponse.Status] = []) { self.statuses = Mutex(statuses) }

        var router: Router<BasicRequestContext> {
            let router = Router()
            router.post("/v1/traces") { request, _ in
                let text = String(buffer: try await request.body.collect(upTo: 1 << 24))
                let status = self.statuses.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
                if status == .ok { self.bodies.withLock { $0.append(text) } }
                self.headers.withLock { $0.append(request.headers[.init("x-key")!]) }
                return Response(status: status, body: .init(byteBuffer: ByteBuffer(string: "{}")))
            }
            return router
        }
    }

    /// Runs an exporter beside a collector; what has ended when `body` returns is exported before it is over.
    private func exporting(_ collector: Collector, _ body: (SpanExporter) async throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: collector.router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress!.port!) }, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let number = try #require(await ports.first { _ in true })
            let exporter = SpanExporter(
                "http://127.0.0.1:\(number)", headers: [("x-key", "k")], version: "1.2", logger: Logger(label: "test"))
            let running = Task { try await exporter.run() }
            try await body(exporter)
            running.cancel()
            try await running.value
            group.cancelAll()
        }
    }

    private func parsed(_ bodies: [String]) async throws -> [JSON] {
        let interpreter = SharedData.repository.appendingPathComponent(".venv/bin/python").path
        try #require(FileManager.default.isExecutableFile(atPath: interpreter), "run `make setup` first")
        let script = SharedData.repository.appendingPathComponent("Tests/HadalTracingTests/otlp_parser.py").path
        var spans: [JSON] = []
        for body in bodies {
            let result = try await Subprocess.run(
                .path(.init(interpreter)), arguments: .init([script]), input: .string(body),
                output: .string(limit: 1 << 22),
                error: .string(limit: 1 << 16))
            try #require(result.terminationStatus == .exited(0), "\(result.standardError)\n\(body)")
            spans += try result.standardOutput.split(separator: "\n").map { try JSON(parsing: String($0)) }
        }
        return spans
    }

    @Test func spansArriveAsTheyWere() async throws {
        let collector = Collector()
        try await exporting(collector) { exporter in
            let tracer = OTLPTracer(exporter, share: 1)
            let parent = TraceContext(header: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")!
            let server = tracer.startSpan("POST", context: parent.placed(in: .topLevel), ofKind: .server)
            server.operationName = "POST chat"
            server.updateAttributes {
                $0["http.response.status_code"] = 200
                $0["gen_ai.response.finish_reasons"] = ["stop"]
                $0["text"] = "a \"b\" 租户"
                $0["share"] = 0.5
                $0["yes"] = true
            }
            let inner = tracer.startSpan("decode", context: server.context)
            inner.addEvent("first token")
            inner.recordError(CancellationError())
            inner.setStatus(.init(code: .error, message: "it broke"))
            inner.end()
            server.end()
            // Only the first end counts.
            server.end()
        }
        let spans = try await parsed(collector.bodies.withLock { $0 })
        try #require(spans.count == 2)
        let (inner, server) = (spans[0], spans[1])
        #expect(server["name"] == "POST chat" && server["service"] == "hadal" && server["kind"] == 2)
        #expect(server["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736" && server["parent"] == "00f067aa0ba902b7")
        #expect(inner["parent"] == server["span"] && inner["trace"] == server["trace"] && inner["status"] == 2)
        #expect(inner["events"] == ["first token", "exception"])
        let attributes = server["attributes"]
        #expect(attributes?["http.response.status_code"] == 200 && attributes?["text"] == "a \"b\" 租户")
        #expect(attributes?["share"] == 0.5 && attributes?["yes"] == true)
        #expect(collector.headers.withLock { $0 } == ["k"])
    }

    /// As many as are to be, of traces that begin here; a caller's decision counts, whatever the share.
    @Test func sampling() {
        let exporter = SpanExporter("http://127.0.0.1:1", version: nil, logger: Logger(label: "test"))
        let tracer = OTLPTracer(exporter, share: 0.25)
        let count = (0..<4000).count { _ in tracer.startSpan("a", context: .topLevel).isRecording }
        #expect(count > 850 && count < 1150, "\(count)")
        for (flags, isSampled) in [("01", true), ("00", false)] {
            let parent = TraceContext(header: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(flags)")!
            for _ in 0..<50 {
                let span = tracer.startSpan("a", context: parent.placed(in: .topLevel))
                #expect(span.isRecording == isSampled)
                var headers: [String: String] = [:]
                tracer.inject(span.context, into: &headers, using: Headers())
                #expect(headers["traceparent"] == span.trace.header && headers["traceparent"]?.hasSuffix(flags) == true)
            }
        }
    }

    private struct Headers: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    @Test func whatACollectorRefusesForAMomentIsSentAgain() async throws {
        let collector = Collector([.serviceUnavailable, .tooManyRequests])
        try await exporting(collector) { exporter in
            OTLPTracer(exporter, share: 1).startSpan("a", context: .topLevel).end()
            while collector.bodies.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
            #expect(exporter.givenUp == 0)
        }
        #expect(try await parsed(collector.bodies.withLock { $0 }).count == 1)
    }

    /// Nobody is held up, and memory is bounded.
    @Test func whatNobodyTakesIsGivenUp() {
        let exporter = SpanExporter("http://127.0.0.1:1", version: nil, logger: Logger(label: "test"))
        let tracer = OTLPTracer(exporter, share: 1)
        for _ in 0..<SpanExporter.waitingMax + 100 { tracer.startSpan("a", context: .topLevel).end() }
        #expect(exporter.givenUp == 100)
    }
}
