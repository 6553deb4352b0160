import HadalAccess
import HadalHTTP

/// Who asks, what is theirs, and the connection they ask by.
struct Caller: Sendable {
    let principal: Principal
    let space: TenantSpace
    /// The models that they may use.
    let deployments: Deployments
    var connection: ClientConnection
    /// Whether nobody waits for the answer: a line of a batch.
    let isBackground: Bool
    /// For answers to requests that name none; nil: one is drawn.
    var seed: UInt64?

    /// The same by another connection.
    func over(_ connection: ClientConnection, seed: UInt64) -> Caller {
        var caller = self
        (caller.connection, caller.seed) = (connection, seed)
        return caller
    }

    /// What keeps cached prefixes of different tenants apart in the engines.
    var engineTenant: String { principal.tenant == Principal.defaultTenant ? "" : principal.tenant }
}
