/// Where traces go (docs/traces.md).
public struct TraceSettings: SettingsSection {
    /// Of an OTLP/HTTP collector; nil: nobody traces.
    public var endpoint: String?
    /// Of the traces that begin here.
    public var percent = 10

    public init() {}

    static let entries: [Entry<TraceSettings>] = [
        .setting(
            "endpoint", \.endpoint, .optional(.text("address", example: "http://127.0.0.1:4318")), .restart,
            environment: "OTEL_EXPORTER_OTLP_ENDPOINT",
            "A collector that speaks OTLP over HTTP; without one nothing is traced. OTEL_EXPORTER_OTLP_HEADERS gives headers, such "
                + "as a key."),
        .setting(
            "percent", \.percent, .count(0...100, example: "10"), .restart,
            "How many of a hundred traces that begin here are recorded; a caller's own decision counts before it."),
    ]

    func check(_ findings: inout Findings) {
        guard let endpoint, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") else { return }
        findings.add("endpoint", "\(quoted(endpoint)) is no address", "write one such as http://127.0.0.1:4318")
    }
}
