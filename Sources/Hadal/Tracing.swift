import Foundation
import HadalConfiguration
import HadalTracing
import Logging
import Tracing

/// Has spans made from here on, where a collector is configured.
/// - Returns: what sends them.
func startTracing(_ settings: TraceSettings, _ logger: Logger) -> SpanExporter? {
    guard let endpoint = settings.endpoint else { return nil }
    // As OpenTelemetry's exporters read it: `name=value,name=value`.
    let headers = (ProcessInfo.processInfo.environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? "").split(separator: ",")
        .compactMap {
            pair -> (name: String, value: String)? in
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 ? (parts[0], parts[1].removingPercentEncoding ?? parts[1]) : nil
        }
    let exporter = SpanExporter(endpoint, headers: headers, version: Version.current, logger: logger)
    InstrumentationSystem.bootstrap(OTLPTracer(exporter, share: Double(settings.percent) / 100))
    return exporter
}
