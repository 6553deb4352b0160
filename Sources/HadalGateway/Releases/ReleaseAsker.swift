import HadalAccess
import HadalReleases

/// Whom a request is kept with a version for.
struct ReleaseAsker: Sendable, Hashable {
    private let user: String
    private let tenant: String

    /// Where nobody has to say who they are, each request is somebody else's.
    init(_ principal: Principal) {
        user = principal.userID ?? (principal.method == .open ? RequestID.make("asker") : principal.id)
        tenant = principal.tenant
    }

    func subject(_ stickiness: Stickiness) -> String {
        switch stickiness {
        case .user: user
        case .tenant: tenant
        }
    }
}
