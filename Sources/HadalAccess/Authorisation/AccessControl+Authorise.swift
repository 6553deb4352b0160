import Foundation

extension AccessControl {
    /// Lets an act pass that `principal` may do, and nothing else.
    /// - Parameters:
    ///   - model: the one it is about, where it is about one.
    ///   - code: of the second factor, as it came with the request. It is used up only by an act that needs it.
    public func authorise(
        _ principal: Principal, _ permission: Permission, model: String? = nil, code: String? = nil, now: Date = Date()
    ) throws(AccessError) {
        guard principal.permissions.contains(permission) else { throw .notAllowed(permission) }
        if let model, !principal.mayUse(model: model, for: permission) { throw .modelNotAllowed(model) }
        guard permission.isCritical, !principal.isBeyondSecondFactor else { return }
        try demandSecondFactor(principal, permission, code, now)
    }

    private func demandSecondFactor(
        _ principal: Principal, _ permission: Permission, _ code: String?, _ now: Date
    ) throws(AccessError) {
        if let until = principal.secondFactorUntil, now < until { return }
        // A key of a service and a token of nobody we know have no second factor to show.
        guard let userID = principal.userID, let user = try directory().users[userID], user.hasSecondFactor else {
            throw .secondFactorNotSetUp(permission)
        }
        guard let code else { throw .secondFactorNeeded(permission) }
        try takeCode(code, userID: userID, now: now)
    }
}
