import AsyncHTTPClient
import HadalUpstreams
import HadalWire
import NIOCore

/// What is told of a generation that was accepted. Dropping it ends the generation.
///
/// Unchecked: it is read by one task at a time, by the one that waits for the first token, then by the one that has the
/// answer.
final class WorkerStream: @unchecked Sendable {
    enum Source: Sendable {
        case worker(HTTPClientResponse.Body)
        case upstream(UpstreamClient.Events)
    }

    /// The deployment's name, for errors.
    let model: String
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var events: UpstreamClient.Events.AsyncIterator?
    private var parser = ServerSentEventParser()
    /// Came already, and nobody has had it.
    private var waiting: ArraySlice<WorkerEvent> = []

    init(source: Source, model: String) {
        self.model = model
        switch source {
        case .worker(let body): self.body = body.makeAsyncIterator()
        case .upstream(let events): self.events = events.makeAsyncIterator()
        }
    }

    /// Returns with the first token, or with the end of an answer without any; `forEachEvent` gives all that came until then.
    /// - Throws: as `forEachEvent`; `WorkerFailure` where the worker gave up.
    func awaitToken() async throws {
        var seen: [WorkerEvent] = []
        while let event = try await next() {
            seen.append(event)
            switch event {
            case .started: continue
            case .failed(let failure): throw failure
            case .delta, .finished:
                waiting = seen + waiting
                return
            }
        }
        throw lost
    }

    /// Gives the events as they come; returns when told to, by false. To be called once.
    /// - Throws: `GatewayError.workerLost` where they break off.
    func forEachEvent(_ take: (WorkerEvent) async throws -> Bool) async throws {
        defer { end() }
        while let event = try await next() { guard try await take(event) else { return } }
        throw lost
    }

    /// Ends the generation where it goes on.
    func end() {
        body = nil
        events = nil
        waiting = []
    }

    private func next() async throws -> WorkerEvent? {
        do {
            while waiting.isEmpty {
                if var iterator = events {
                    defer { events = iterator }
                    return try await iterator.next()
                }
                guard var iterator = body else { return nil }
                defer { body = iterator }
                guard let bytes = try await iterator.next() else { return nil }
                waiting = ArraySlice(try parser.feed(bytes.readableBytesView).compactMap(WorkerEvent.init))
            }
            return waiting.popFirst()
        } catch let failure as WorkerFailure {
            throw failure
        } catch {
            throw lost
        }
    }

    private var lost: any Error { Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model) }
}
