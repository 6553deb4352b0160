import HadalReleases
import HadalWire

extension ErrorObject {
    init(_ error: ReleaseError) {
        switch error {
        case .noDeployment, .noVersion, .noRollout:
            self = .invalidRequest(error.description, code: "not_found", status: 404)
        case .ownRequest:
            self.init(status: 403, type: "permission_error", code: "own_request", message: error.description)
        case .pruned, .underWay, .nothingUnderWay, .alreadyServing, .neverServed, .noPrevious, .wrongState, .noBaseline,
            .approvedAlready, .approvalExpired, .contentChanged, .approvalsWeakened, .tooMuch:
            self = .invalidRequest(error.description, code: "conflict", status: 409)
        case .invalid(let field, _): self = .invalidRequest(error.description, field: field, code: "invalid_value")
        case .state: self = .server("the releases' store cannot be used; the server's log says more", code: "internal")
        }
    }
}
