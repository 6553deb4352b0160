import AsyncHTTPClient
import HadalJSON
import HadalWire
import NIOCore

/// Asks one upstream what a worker is asked, and gives what a worker gives.
public final class UpstreamClient: Sendable {
    public typealias Events = AsyncThrowingStream<WorkerEvent, any Error>

    public var settings: UpstreamSettings { http.settings }
    public let capabilities: UpstreamCapabilities
    let http: UpstreamHTTP
    /// How long a connection may take to end after its answer has.
    private static let drainTime: Duration = .seconds(1)

    /// - Parameter key: as it was read from `settings.key`.
    public convenience init(
        _ settings: UpstreamSettings, key: UpstreamKey?, capabilities: UpstreamCapabilities
    ) throws(UpstreamError) {
        self.init(try UpstreamHTTP(settings, key: key), capabilities)
    }

    init(_ http: UpstreamHTTP, _ capabilities: UpstreamCapabilities) {
        self.http = http
        self.capabilities = capabilities
    }

    /// Ends its connections; to be called once, when nothing is running.
    public func shutdown() async throws { try await http.shutdown() }

    /// Requests that have not ended yet.
    public var runningCount: Int { http.places.taken }

    // MARK: generation

    /// Returns once the upstream has accepted the request. Dropping what is returned, or cancelling who waits for it,
    /// ends the request there.
    ///
    /// The stream's events are a worker's: `started`, deltas, and `finished` or `failed`. A stream that is cut off,
    /// falls silent or makes no sense throws `UpstreamError.lost`. Tokens that the upstream does not number have the id
    /// -1; where it says nothing of tokens, each piece counts as one.
    ///
    /// Texts of a plain prompt may become special tokens there, unlike in our workers.
    ///
    /// - Parameter hasOwnSeed: whether a client counts on the seed, so that an upstream without seeds must refuse.
    /// - Throws: `WorkerFailure` where it cannot be asked or refuses, `UpstreamError.lost` where it is not there.
    public func generate(_ request: WorkerRequest, hasOwnSeed: Bool = true) async throws -> Events {
        let call = try prepare(request, hasOwnSeed: hasOwnSeed)
        try http.places.enter()
        return try await start(call)
    }

    /// - Throws: what the upstream cannot do.
    func prepare(_ request: WorkerRequest, hasOwnSeed: Bool) throws(WorkerFailure) -> UpstreamCall {
        try UpstreamCall(
            request, model: settings.model, upstream: settings.name, capabilities, hasOwnSeed: hasOwnSeed)
    }

    /// For who has entered; it is left with the answer's end.
    func start(_ call: UpstreamCall) async throws -> Events {
        let (events, output) = Events.makeStream()
        let (acceptances, acceptance) = AsyncThrowingStream<Void, any Error>.makeStream()
        // Before anybody is told of the end: who asks again at once finds the place free.
        let end = AnswerEnd { [http] in http.places.leave() }
        let task = Task { [self] in
            do {
                try await pump(call, acceptance, output, end)
                output.finish()
            } catch {
                let loss = http.loss(error)
                end.reach()
                acceptance.finish(throwing: loss)
                output.finish(throwing: loss)
            }
        }
        output.onTermination = { if case .cancelled = $0, !end.isReached { task.cancel() } }
        try await withTaskCancellationHandler {
            var iterator = acceptances.makeAsyncIterator()
            guard try await iterator.next() != nil else { throw CancellationError() }
        } onCancel: {
            task.cancel()
        }
        return events
    }

    private func pump(
        _ call: UpstreamCall, _ acceptance: AsyncThrowingStream<Void, any Error>.Continuation,
        _ output: Events.Continuation, _ end: AnswerEnd
    ) async throws {
        let timeouts = settings.timeouts
        try await Watchdog.watch(timeouts.firstByte) { [self] watchdog in
            var clock = AnswerClock(start: .now)
            let response = try await http.open(call.path, .object(call.body), watchdog)
            acceptance.yield()
            acceptance.finish()
            var parser = ServerSentEventParser()
            var reader = UpstreamEventReader(call: call, failures: http.failures)
            var received = 0
            var isClosed = false
            var problem: (any Error)?
            do {
                for try await bytes in response.body {
                    // What comes after the end is read so that the connection can be used again.
                    if isClosed { continue }
                    watchdog.allow(timeouts.betweenEvents)
                    received += bytes.readableBytes
                    guard received <= UpstreamHTTP.bodyBytesMax else { throw http.lost("the answer does not end") }
                    for event in try parser.feed(bytes.readableBytesView) {
                        for event in try reader.read(event) {
                            clock.note(event)
                            if case .failed = event {
                                end.reach()
                                isClosed = true
                            }
                            output.yield(event)
                        }
                    }
                    guard reader.isDone else { continue }
                    end.reach()
                    if !isClosed { try Self.close(&reader, clock, output) }
                    isClosed = true
                    output.finish()
                    watchdog.allow(Self.drainTime)
                }
            } catch {
                // Where the text was complete only its accounts are missing.
                if !isClosed, reader.finish == nil { problem = error }
            }
            if received == 0, let refusal = try? await refusal(of: call, watchdog) {
                end.reach()
                output.yield(.failed(refusal))
                isClosed = true
            } else if let problem {
                throw problem
            }
            end.reach()
            if !isClosed { try Self.close(&reader, clock, output) }
            output.finish()
        }
    }

    private static func close(
        _ reader: inout UpstreamEventReader, _ clock: AnswerClock, _ output: Events.Continuation
    ) throws {
        let seconds = clock.seconds
        for event in try reader.close(firstTokenSeconds: seconds.first, decodeSeconds: seconds.decode) {
            output.yield(event)
        }
    }
}
