import Hummingbird
import Synchronization

/// Counts one request, when its answer has ended or nobody holds it any more: a client that goes away is counted too.
private final class RequestCount: Sendable {
    private let isCounted = Atomic(false)
    private let count: @Sendable () -> Void

    init(_ count: @escaping @Sendable () -> Void) { self.count = count }

    func end() { if !isCounted.exchange(true, ordering: .relaxed) { count() } }

    deinit { end() }
}

extension GatewayMetrics {
    /// Counts a request by its answer: at once where all of it is there, else when it has been written.
    /// - Returns: the response to give instead.
    func counted(
        _ response: Response, as labels: RequestLabels, since start: ContinuousClock.Instant
    ) -> Response {
        let status = response.status.code
        let count = RequestCount {
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
            try await body.write(writer)
        }
        return response
    }
}
