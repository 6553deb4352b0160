import HadalAccess
import HadalHTTP

/// Who asks, what is theirs, and the connection they ask by.
struct Caller: Sendable {
    let principal: Principal
    let space: TenantSpace
    /// The models that they may use.
    let deployments: Deployments
    let connection: ClientConnection
    /// Whether nobody waits for the answer: a line of a batch.
    let isBackground: Bool

    /// The same by another connection.
    func over(_ connection: ClientConnection) -> Caller {
        Caller(
            principal: principal, space: space, deployments: deployments, connection: connection,
            isBackground: isBackground)
    }

    /// What keeps cached prefixes of different tenants apart in the engines.
    var engineTenant: String { principal.tenant == Principal.defaultTenant ? "" : principal.tenant }
}
