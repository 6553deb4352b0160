import Foundation
import HadalState

/// What an authenticator is set up with: shown once.
public struct SecondFactorSetUp: Sendable {
    /// Base32, for typing.
    public var secret: String
    /// `otpauth://totp/…`, for a QR code.
    public var uri: String
}

extension AccessAdministration {
    /// Makes a secret for one's own authenticator. It counts from when `confirmSecondFactor` is given a first code.
    /// - Parameter password: one's own, where one has any: a session that was taken over must not be enough.
    /// The requester's `code` is needed where a second factor is set up already.
    public func beginSecondFactor(
        password: String?, issuer: String = "Hadal", by requester: Requester
    ) throws(AccessProblem) -> SecondFactorSetUp {
        let act = Act(action: "me.secondFactor.begin", target: requester.principal.userID ?? "")
        return try perform(requester, nil, act) { directory throws(AccessProblem) in
            _ = try directory.own(requester.principal)
            return Plan(act: act)
        } once: { directory throws(AccessProblem) in
            try checkSelf(try directory.own(requester.principal), password, requester)
        } change: { db, directory, _ in
            let user = try directory.own(requester.principal)
            let secret = try control.secondFactors.begin(user.id, db)
            return SecondFactorSetUp(
                secret: Base32.encode(secret), uri: TimeCode.uri(secret, account: user.name, issuer: issuer))
        }
    }

    /// - Parameter code: of the new secret.
    /// - Returns: ten recovery codes, which are shown this once.
    public func confirmSecondFactor(_ code: String, by requester: Requester) throws(AccessProblem) -> [String] {
        let act = Act(action: "me.secondFactor.confirm", target: requester.principal.userID ?? "")
        return try perform(requester, nil, act) { directory throws(AccessProblem) in
            _ = try directory.own(requester.principal)
            return Plan(act: act)
        } once: { directory throws(AccessProblem) in
            let user = try directory.own(requester.principal)
            try refusing { () throws(AccessError) in
                try control.lockOut.begin([.secondFactor(userID: user.id)], now: requester.now)
            }
        } change: { db, directory, _ in
            let user = try directory.own(requester.principal)
            guard try control.secondFactors.hasBegun(user.id, db) else {
                throw AccessProblem.conflict("no second factor is being set up; begin with a new secret")
            }
            guard try control.secondFactors.confirm(code, userID: user.id, db, now: requester.now) else {
                throw AccessError.secondFactorWrong
            }
            try control.lockOut.clear(.secondFactor(userID: user.id), db)
            return try control.secondFactors.renewRecoveryCodes(user.id, db)
        }
    }

    /// Ten new codes in place of the old ones. Needs the requester's `code`.
    public func renewRecoveryCodes(by requester: Requester) throws(AccessProblem) -> [String] {
        let act = Act(action: "me.secondFactor.recoveryCodes", target: requester.principal.userID ?? "")
        return try withOwnCode(act, requester) { db, user in
            try control.secondFactors.renewRecoveryCodes(user.id, db)
        }
    }

    /// Takes one's own second factor away; all sessions end, this one too. Needs the requester's `code`, also where one
    /// was shown in the session. What asks for a second factor goes on to ask for one.
    public func removeSecondFactor(by requester: Requester) throws(AccessProblem) {
        let act = Act(action: "me.secondFactor.remove", target: requester.principal.userID ?? "")
        try withOwnCode(act, requester) { db, user in
            try control.secondFactors.remove(user.id, db)
            try endSessions(of: user.id, db)
        }
    }

    /// Takes somebody's second factor away, who has lost it with all recovery codes; their sessions end.
    public func resetSecondFactor(ofUserNamed name: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, .manageUsers, Act(action: "user.secondFactor.reset", target: name.brief)) {
            directory throws(AccessProblem) in
            let user = try directory.user(named: name, for: requester.principal)
            // A session alone would else be enough to be rid of it.
            guard !directory.isSelf(user, requester.principal) else {
                throw .conflict("nobody can reset their own second factor; set up a new one instead")
            }
            let act = Act(
                action: "user.secondFactor.reset", target: user.id, tenant: user.tenant, details: ["name": user.name])
            return Plan(act: act, needsRolesChange: directory.exceed(directory.grants(of: user), requester.principal))
        } change: { db, directory in
            let user = try directory.user(named: name, for: requester.principal)
            try control.secondFactors.remove(user.id, db)
            try control.lockOut.clear(.secondFactor(userID: user.id), db)
            try endSessions(of: user.id, db)
        }
    }

    private func withOwnCode<Value>(
        _ act: Act, _ requester: Requester, _ change: (any StateTransaction, User) throws -> Value
    ) throws(AccessProblem) -> Value {
        try perform(requester, nil, act) { directory throws(AccessProblem) in
            let user = try directory.own(requester.principal)
            guard user.hasSecondFactor else { throw .conflict("you have set up no second factor") }
            return Plan(act: act)
        } once: { directory throws(AccessProblem) in
            try checkCode(try directory.own(requester.principal), requester)
        } change: { db, directory, _ in
            try change(db, try directory.own(requester.principal))
        }
    }

    private func checkSelf(_ user: User, _ password: String?, _ requester: Requester) throws(AccessProblem) {
        if user.hasPassword {
            guard let password else { throw .invalid(field: "password", problem: "is needed: your own") }
            try refusing { () throws(AccessError) in
                try control.checkPassword(password, of: user, now: requester.now)
            }
        } else if requester.principal.method == .key {
            // Whoever has found a key must not be able to go on to critical acts with an authenticator of their own.
            throw .conflict(
                "a key alone cannot set up a second factor; come by token or certificate, or have a password set")
        }
        if user.hasSecondFactor { try checkCode(user, requester) }
    }

    private func checkCode(_ user: User, _ requester: Requester) throws(AccessProblem) {
        guard let code = requester.code else {
            throw .invalid(field: "code", problem: "is needed: one of your second factor")
        }
        try refusing { () throws(AccessError) in
            try control.takeCode(code, userID: user.id, now: requester.now)
        }
    }
}
