import AsyncHTTPClient
import HadalUpstreams
import HadalWire
import NIOCore

/// What is told of a generation that was accepted. Dropping it ends the generation.
struct WorkerStream: Sendable {
    enum Source: Sendable {
        case worker(HTTPClientResponse.Body)
        case upstream(UpstreamClient.Events)
    }

    let source: Source
    /// The deployment's name, for errors.
    let model: String

    /// Gives the events as they come; returns when told to, by false.
    /// - Throws: `GatewayError.workerLost` where they break off.
    func forEachEvent(_ take: (WorkerEvent) async throws -> Bool) async throws {
        switch source {
        case .worker(let body):
            var parser = ServerSentEventParser()
            var iterator = body.makeAsyncIterator()
            while let bytes = try await next(&iterator) {
                for event in try events(&parser, bytes) { guard try await take(event) else { return } }
            }
        case .upstream(let events):
            var iterator = events.makeAsyncIterator()
            while let event = try await next(&iterator) { guard try await take(event) else { return } }
        }
        throw lost
    }

    private func next<Iterator: AsyncIteratorProtocol>(_ iterator: inout Iterator) async throws -> Iterator.Element? {
        do { return try await iterator.next() } catch let failure as WorkerFailure { throw failure } catch {
            throw lost
        }
    }

    private func events(_ parser: inout ServerSentEventParser, _ bytes: ByteBuffer) throws -> [WorkerEvent] {
        do { return try parser.feed(bytes.readableBytesView).compactMap(WorkerEvent.init) } catch { throw lost }
    }

    private var lost: any Error { Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model) }
}
