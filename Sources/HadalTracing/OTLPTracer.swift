import Tracing

/// Makes spans and passes their context on; what is sampled goes to an exporter.
public struct OTLPTracer: Tracer {
    public typealias Span = OTLPSpan

    private let exporter: SpanExporter
    /// Of traces that begin here, 0 to 1; whose caller has decided, that counts.
    private let share: Double

    public init(_ exporter: SpanExporter, share: Double) { (self.exporter, self.share) = (exporter, share) }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        let context = context()
        let parent = TraceContext.current(of: context)
        let trace = parent?.child ?? TraceContext.begin(isSampled: isSampled)
        return OTLPSpan(
            operationName, trace, parent: parent, context, kind, start: instant().nanosecondsSinceEpoch,
            export: exporter.add)
    }

    /// By the trace's name, so that all who use the same share agree (OpenTelemetry's `TraceIdRatioBased`).
    private func isSampled(_ trace: [UInt8]) -> Bool {
        let number = trace.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 11
        return Double(number) < share * Double(UInt64(1) << 53)
    }

    public func forceFlush() {}

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: TraceContext.parentHeader, from: carrier),
            let trace = TraceContext(
                header: header, state: extractor.extract(key: TraceContext.stateHeader, from: carrier))
        else { return }
        context = trace.placed(in: context)
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = TraceContext.current(of: context) else { return }
        injector.inject(trace.header, forKey: TraceContext.parentHeader, into: &carrier)
        if let state = trace.state { injector.inject(state, forKey: TraceContext.stateHeader, into: &carrier) }
    }
}
