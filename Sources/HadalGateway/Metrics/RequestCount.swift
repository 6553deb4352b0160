import Hummingbird
import Synchronization
import Tracing

/// Counts one request, when its answer has ended or nobody holds it any more: a client that goes away is counted too.
private final class RequestCount: Sendable {
    private let isCounted = Atomic(false)
    private let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    func end() { if !isCounted.exchange(true, ordering: .relaxed) { count() } }

    deinit { end() }
}

extension GatewayMetrics {
    /// Counts a request by its answer, and ends its span: at once where all of it is there, else when it has been written.
    /// - Parameter isBatched: lines of batches are no requests.
    /// - Returns: the response to give instead.
    func counted(
        _ response: Response, as labels: RequestLabels, since start: ContinuousClock.Instant, _ span: RequestSpan,
        isBatched: Bool
    ) -> Response {
        let status = response.status.code
        let identity = RequestIdentity.current
        let count = RequestCount {
            RequestIdentity.$current.withValue(identity) { span.end(labels, status: status) }
            if isBatched { return }
            self.count(
                request: labels.route, tenant: labels.tenant, status: status,
                seconds: (ContinuousClock.now - start) / .seconds(1))
        }
        guard response.body.contentLength == nil else {
            count.end()
            return response
        }
        var response = response
        let body = response.body
        response.body = ResponseBody { writer in
            defer { count.end() }
            try await ServiceContext.withValue(span.context) {
                try await RequestIdentity.$current.withValue(identity) { try await body.write(writer) }
            }
        }
        return response
    }
}
