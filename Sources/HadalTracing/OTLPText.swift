import HadalJSON
import Tracing

/// Spans as OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): names of traces and spans in hexadecimal,
/// 64-bit numbers as texts.
enum OTLPText {
    static func request(_ spans: [OTLPSpan], service: String, version: String?) -> JSON {
        let resource =
            [("service.name", JSON.string(service))] + (version.map { [("service.version", .string($0))] } ?? [])
        return [
            "resourceSpans": [
                [
                    "resource": [
                        "attributes": .array(resource.map { ["key": .string($0.0), "value": ["stringValue": $0.1]] })
                    ],
                    "scopeSpans": [["scope": ["name": "hadal"], "spans": .array(spans.map(span))]],
                ]
            ]
        ]
    }

    private static func span(_ span: OTLPSpan) -> JSON {
        let state = span.ended
        return .compact([
            ("traceId", .string(span.trace.traceText)), ("spanId", .string(span.trace.spanText)),
            ("parentSpanId", span.parent.map { .string($0.spanText) }),
            ("traceState", span.trace.state.map(JSON.string)), ("name", .string(state.name)),
            ("kind", .int(kind(span.kind))), ("startTimeUnixNano", .string("\(span.start)")),
            ("endTimeUnixNano", .string("\(state.end ?? span.start)")), ("attributes", attributes(state.attributes)),
            (
                "events",
                .array(
                    state.events.map {
                        [
                            "timeUnixNano": .string("\($0.nanosecondsSinceEpoch)"), "name": .string($0.name),
                            "attributes": attributes($0.attributes),
                        ]
                    })
            ),
            ("links", .array(state.links.map { ["traceId": .string($0.traceText), "spanId": .string($0.spanText)] })),
            ("status", state.status.map(status)),
        ])
    }

    /// `SpanKind` of the protocol.
    private static func kind(_ kind: SpanKind) -> Int64 {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func status(_ status: SpanStatus) -> JSON {
        .compact([("code", .int(status.code == .ok ? 1 : 2)), ("message", status.message.map(JSON.string))])
    }

    private static func attributes(_ attributes: SpanAttributes) -> JSON {
        var list: [JSON] = []
        attributes.forEach { key, value in
            if let value = Self.value(value) { list.append(["key": .string(key), "value": value]) }
        }
        return .array(list)
    }

    private static func value(_ value: SpanAttribute) -> JSON? {
        func array(_ values: [JSON]) -> JSON { ["arrayValue": ["values": .array(values)]] }
        func number(_ value: Int64) -> JSON { ["intValue": .string("\(value)")] }
        return switch value {
        case .int32(let value): number(Int64(value))
        case .int64(let value): number(value)
        case .double(let value): value.isFinite ? ["doubleValue": .double(value)] : nil
        case .bool(let value): ["boolValue": .bool(value)]
        case .string(let value): ["stringValue": .string(value)]
        case .stringArray(let values): array(values.map { ["stringValue": .string($0)] })
        case .int64Array(let values): array(values.map(number))
        case .stringConvertible(let value): ["stringValue": .string("\(value)")]
        default: nil
        }
    }
}
