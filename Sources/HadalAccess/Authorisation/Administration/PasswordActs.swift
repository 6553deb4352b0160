import Foundation
import HadalState

extension AccessAdministration {
    /// Sets somebody's password and ends their sessions; nil takes it away, so that they come by key, certificate or
    /// token alone. One's own is changed with `changeOwnPassword`, which asks for the old one.
    public func setPassword(
        ofUserNamed name: String, to password: String?, by requester: Requester
    ) throws(AccessProblem) {
        try perform(requester, .manageUsers, Act(action: "user.password", target: name.brief)) {
            directory throws(AccessProblem) in
            let user = try directory.user(named: name, for: requester.principal)
            guard !directory.isSelf(user, requester.principal) else {
                throw .conflict("to change your own password, give the old one as well")
            }
            if let password { try FieldCheck.password(password, user: user.name) }
            let act = Act(action: "user.password", target: user.id, tenant: user.tenant, details: ["name": user.name])
            return Plan(act: act, needsRolesChange: directory.exceed(directory.grants(of: user), requester.principal))
        } once: { _ throws(AccessProblem) in
            try hash(password)
        } change: { db, directory, hash in
            let user = try directory.user(named: name, for: requester.principal)
            try store(hash, user, requester, db)
        }
    }

    /// Everybody may who has a user and knows the old password. All sessions end, this one too.
    public func changeOwnPassword(
        from old: String, to new: String, by requester: Requester
    ) throws(AccessProblem) {
        let act = Act(action: "me.password", target: requester.principal.userID ?? "")
        try perform(requester, nil, act) { directory throws(AccessProblem) in
            let user = try directory.own(requester.principal)
            try FieldCheck.password(new, user: user.name)
            return Plan(act: act)
        } once: { directory throws(AccessProblem) in
            let user = try directory.own(requester.principal)
            try refusing { () throws(AccessError) in
                try control.checkPassword(old, of: user, now: requester.now)
            }
            return try hash(new)
        } change: { db, directory, hash in
            try store(hash, try directory.own(requester.principal), requester, db)
        }
    }

    /// Forgets wrong attempts, and with them a lock, on a user's name and second factor.
    public func unlock(userNamed name: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, .manageUsers, Act(action: "user.unlock", target: name.brief)) {
            directory throws(AccessProblem) in
            let user = try directory.user(named: name, for: requester.principal)
            return Plan(
                act: Act(action: "user.unlock", target: user.id, tenant: user.tenant, details: ["name": user.name]))
        } change: { db, directory in
            let user = try directory.user(named: name, for: requester.principal)
            try control.lockOut.clear(.name(user.name), db)
            try control.lockOut.clear(.secondFactor(userID: user.id), db)
        }
    }

    func hash(_ password: String?) throws(AccessProblem) -> String? {
        guard let password else { return nil }
        return try refusing { () throws(AccessError) in try control.passwords.hash(password).text }
    }

    func refusing<Value>(_ body: () throws(AccessError) -> Value) throws(AccessProblem) -> Value {
        do { return try body() } catch { throw .refused(error) }
    }

    private func store(_ hash: String?, _ user: User, _ requester: Requester, _ db: any StateTransaction) throws {
        try db.execute(
            "UPDATE users SET password = ?, password_changed = ? WHERE id = ?",
            [hash, requester.now.timeIntervalSince1970, user.id])
        try endSessions(of: user.id, db)
        try control.lockOut.clear(.name(user.name), db)
    }
}

extension Directory {
    /// The user that a requester is.
    func own(_ principal: Principal) throws(AccessProblem) -> User {
        guard let id = principal.userID, let user = users[id] else {
            throw .conflict("you are here without a user of this system, so there is nothing of your own to change")
        }
        return user
    }
}
