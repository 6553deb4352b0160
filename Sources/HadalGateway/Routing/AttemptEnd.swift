import HadalRouting
import HadalWire

/// What an attempt that failed says of its worker, and of the request.
enum AttemptEnd {
    /// Whether somebody else may be asked: it was the worker that failed, not the request.
    static func goesOn(after error: any Error) -> Bool { outcome(of: error) != .success }

    static func outcome(of error: any Error) -> Outcome {
        switch error {
        case GatewayError.workerLost, GatewayError.notReady, GatewayError.tooSlow: .failure
        case let failure as WorkerFailure:
            switch failure.code {
            case .queueFull, .deadlineExceeded: .overloaded
            case .draining, .cancelled, .internal, .forbidden, .busy: .failure
            case .invalidRequest, .contextLengthExceeded, .unsupported, .notFound: .success
            }
        case is CancellationError: .cancelled
        default: .failure
        }
    }

    /// Whether it is worth waiting for a worker that comes back.
    static func isAbsence(_ error: any Error) -> Bool {
        if case GatewayError.notReady = error { return true }
        return Deployment.isLoss(error)
    }

    /// What the client is told where nobody could be asked.
    static func error(_ exhaustion: Exhaustion, name: String) -> any Error {
        let reasons = exhaustion.skips.map(\.reason)
        let lacking = reasons.compactMap { reason -> [RouteFeature]? in
            if case .lacks(let features) = reason { features } else { nil }
        }
        if !reasons.isEmpty, lacking.count == reasons.count {
            let features = Set(lacking.joined()).map(\.rawValue).sorted().joined(separator: ", ")
            return ErrorObject.invalidRequest(
                "no model behind \"\(name)\" can do all that the request needs (\(features))", field: "model",
                code: "unsupported")
        }
        guard let wait = exhaustion.retryAfter else { return GatewayError.notReady(model: name) }
        return ErrorObject(
            status: 503, type: "service_unavailable_error", code: "model_not_ready",
            message: "the models behind \"\(name)\" have failed and are left alone for a while",
            retrySeconds: max(1, Int((wait / .seconds(1)).rounded(.up))))
    }
}
