import Synchronization
import Tracing

/// A span that is exported when it has ended. One that is not sampled only passes its context on.
public final class OTLPSpan: Span {
    struct State: Sendable {
        var name: String
        var attributes = SpanAttributes()
        var events: [SpanEvent] = []
        var links: [TraceContext] = []
        var status: SpanStatus?
        /// Nanoseconds since 1970.
        var end: UInt64?
    }

    private static let eventsMax = 128

    public let context: ServiceContext
    let trace: TraceContext
    /// nil: of a new trace.
    let parent: TraceContext?
    let kind: SpanKind
    /// Nanoseconds since 1970.
    let start: UInt64
    private let state: Mutex<State>
    private let export: @Sendable (OTLPSpan) -> Void

    init(
        _ name: String, _ trace: TraceContext, parent: TraceContext?, _ context: ServiceContext, _ kind: SpanKind,
        start: UInt64, export: @escaping @Sendable (OTLPSpan) -> Void
    ) {
        (self.trace, self.parent, self.kind, self.start, self.export) = (trace, parent, kind, start, export)
        self.context = trace.placed(in: context)
        state = Mutex(State(name: name))
    }

    var ended: State { state.withLock { $0 } }

    public var isRecording: Bool { trace.isSampled && state.withLock { $0.end == nil } }

    public var operationName: String {
        get { state.withLock(\.name) }
        set { state.withLock { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { state.withLock(\.attributes) }
        set { if trace.isSampled { state.withLock { $0.attributes = newValue } } }
    }

    public func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

    public func addEvent(_ event: SpanEvent) {
        guard trace.isSampled else { return }
        state.withLock { if $0.events.count < Self.eventsMax { $0.events.append(event) } }
    }

    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var all = attributes
        all["exception.type"] = "\(type(of: error))"
        all["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
    }

    public func addLink(_ link: SpanLink) {
        guard let other = TraceContext.current(of: link.context) else { return }
        state.withLock { if $0.links.count < Self.eventsMax { $0.links.append(other) } }
    }

    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let time = instant().nanosecondsSinceEpoch
        let isFirst = state.withLock { state in
            guard state.end == nil else { return false }
            state.end = max(time, start)
            return true
        }
        if isFirst, trace.isSampled { export(self) }
    }
}
