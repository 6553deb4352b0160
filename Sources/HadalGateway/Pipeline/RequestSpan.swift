import HTTPTypes
import Hummingbird
import Tracing

/// A request as a span, from its head to the end of its answer. Where nobody traces it is nothing.
struct RequestSpan: Sendable {
    private let span: any Span
    private let method: String

    init(_ request: Request) {
        var context = ServiceContext.topLevel
        InstrumentationSystem.instrument.extract(request.headers, into: &context, using: HeaderFields())
        method = request.method.rawValue
        span = InstrumentationSystem.tracer.startSpan(method, context: context, ofKind: .server)
        guard span.isRecording else { return }
        let path = request.uri.path
        span.updateAttributes {
            $0["http.request.method"] = request.method.rawValue
            $0["url.path"] = path
        }
    }

    /// In which all that is done for the request belongs to it.
    var context: ServiceContext { span.context }

    func end(_ labels: RequestLabels, status: Int) {
        if span.isRecording {
            span.operationName = method + " " + labels.route
            span.updateAttributes {
                $0["http.route"] = labels.route
                $0["http.response.status_code"] = status
                $0["hadal.tenant"] = labels.tenant
                $0["hadal.request_id"] = RequestIdentity.current
            }
            if status >= 500 { span.setStatus(.init(code: .error)) }
        }
        span.end()
    }
}

/// W3C's headers in a request's.
private struct HeaderFields: Extractor {
    func extract(key: String, from carrier: HTTPFields) -> String? { HTTPField.Name(key).flatMap { carrier[$0] } }
}
