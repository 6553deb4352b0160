import HadalAccess
import HadalWire

extension ErrorObject {
    init(_ error: AccessError) {
        let (status, type, code): (Int, String, String) =
            switch error {
            case .credentialsNeeded, .credentialsRefused: (401, "authentication_error", "invalid_api_key")
            case .codeNeeded, .secondFactorNeeded: (401, "authentication_error", "second_factor_needed")
            case .secondFactorWrong: (401, "authentication_error", "second_factor_wrong")
            case .secondFactorNotSetUp: (403, "permission_error", "second_factor_not_set_up")
            case .notAllowed: (403, "permission_error", "permission_denied")
            case .modelNotAllowed: (403, "permission_error", "model_not_allowed")
            case .addressNotAllowed: (403, "permission_error", "address_not_allowed")
            case .forgeryTokenNeeded: (403, "permission_error", "csrf_token_needed")
            case .lockedOut: (429, "rate_limit_error", "locked_out")
            case .unavailable: (503, "service_unavailable_error", "access_unavailable")
            }
        self.init(status: status, type: type, code: code, message: error.description)
        if case .lockedOut(let seconds) = error { retrySeconds = seconds }
    }

    init(_ problem: AccessProblem) {
        switch problem {
        case .refused(let error): self.init(error)
        case .invalid(let field, _):
            self = .invalidRequest(problem.description, field: field, code: "invalid_value")
        case .notFound: self = .invalidRequest(problem.description, code: "not_found", status: 404)
        case .conflict: self = .invalidRequest(problem.description, code: "conflict", status: 409)
        case .store: self = .server("the data directory cannot be used; the server's log says more", code: "internal")
        }
    }

    init(_ refusal: LimitRefusal) {
        switch refusal.reason {
        case .usageUnknown, .crowded: self = .unavailable(refusal.description, code: "limits_unavailable")
        case .cancelled, .exceeded, .tooLarge, .queueFull, .waitedTooLong:
            let isQuota = refusal.limit.map { $0 == .tokensPerDay || $0 == .tokensPerMonth || $0 == .costPerMonth }
            self.init(
                status: 429, type: "rate_limit_error",
                code: isQuota == true ? "insufficient_quota" : "rate_limit_exceeded", message: refusal.description)
        }
        retrySeconds = refusal.retryAfterSeconds
    }
}
