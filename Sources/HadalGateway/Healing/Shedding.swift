import HadalAccess
import HadalWire
import Synchronization

/// Refuses requests of low priority while an alert wants it.
///
/// Of low priority are lines of batches; requests that say so themselves (`"service_tier": "flex"`); and, where
/// `limits.tenant_weights` names tenants, requests of all others.
final class Shedding: Sendable {
    private let refused = Mutex<Set<String>>([])

    /// For which it is so, by the names that they are served as; an empty one stands for all.
    var models: Set<String> {
        get { refused.withLock { $0 } }
        set { refused.withLock { $0 = newValue } }
    }

    /// - Throws: `GatewayError.shed`.
    func check(
        _ call: Call, _ caller: Caller, _ deployment: Deployment, _ limits: LimitConfiguration
    ) throws(GatewayError) {
        let refused = models
        guard !refused.isEmpty, refused.contains("") || refused.contains(deployment.served),
            call.ability != nil, isLow(call, caller, limits)
        else { return }
        throw .shed(model: deployment.served)
    }

    private func isLow(_ call: Call, _ caller: Caller, _ limits: LimitConfiguration) -> Bool {
        if caller.isBackground || call.isFlexible { return true }
        return !limits.tenantWeights.isEmpty && limits.tenantWeights[caller.principal.tenant] == nil
    }
}

extension Call {
    /// Whether its client says that it can wait.
    fileprivate var isFlexible: Bool {
        switch self {
        case .chat(let request): request.isFlexible
        case .responses(let request): request.isFlexible
        default: false
        }
    }
}
