import Foundation
import HadalState

extension AccessAdministration {
    /// In the order of their names; those of the requester's tenant, or all for `default`.
    public func users(by requester: Requester) throws(AccessProblem) -> [User] {
        try look(requester, .viewAccess, "user.list").users.values
            .filter { requester.principal.sees(tenant: $0.tenant) }.sorted { $0.name < $1.name }
    }

    public func user(named name: String, by requester: Requester) throws(AccessProblem) -> User {
        try look(requester, .viewAccess, "user.view").user(named: name, for: requester.principal)
    }

    @discardableResult
    public func createUser(_ new: NewUser, by requester: Requester) throws(AccessProblem) -> User {
        let id = "user:" + Secret.name(24)
        let act = Act(action: "user.create", target: id, tenant: nil, details: ["name": new.name.brief])
        return try perform(requester, .manageUsers, act) { directory throws(AccessProblem) in
            try check(new)
            try directory.checkRoles(new.roles)
            let tenant = try directory.tenant(new.tenant, for: requester.principal)
            guard directory.user(named: new.name) == nil else {
                throw .conflict("there is a user '\(new.name)' already")
            }
            try directory.checkFree(new.links, for: nil)
            let grants = directory.grants(of: new.roles, in: tenant.name)
            var act = act
            act.tenant = tenant.name
            act.details["roles"] = new.roles.sorted().joined(separator: ", ")
            act.note(granted: grants)
            return Plan(act: act, needsRolesChange: directory.exceed(grants, requester.principal))
        } once: { _ throws(AccessProblem) in
            try hash(new.password)
        } change: { db, directory, hash in
            let tenant = try directory.tenant(new.tenant, for: requester.principal)
            let time = requester.now.timeIntervalSince1970
            try db.execute(
                """
                INSERT INTO users
                (id, name, tenant, display_name, roles, is_enabled, password, created, password_changed)
                VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
                """,
                [
                    id, new.name, tenant.name, new.displayName, Columns.list(new.roles), hash, time,
                    hash == nil ? nil : time,
                ])
            try insert(new.links, id, db)
            return try fetchUser(id, db)
        }
    }

    @discardableResult
    public func changeUser(
        named name: String, _ change: UserChange, by requester: Requester
    ) throws(AccessProblem) -> User {
        let permission: Permission = change.roles == nil ? .manageUsers : .changeRoles
        return try perform(requester, permission, Act(action: "user.change", target: name.brief)) {
            directory throws(AccessProblem) in
            let user = try directory.user(named: name, for: requester.principal)
            return try plan(change, of: user, requester.principal, directory)
        } change: { db, directory in
            let user = try directory.user(named: name, for: requester.principal)
            try db.execute(
                "UPDATE users SET display_name = ?, roles = ?, is_enabled = ? WHERE id = ?",
                [
                    change.displayName ?? user.displayName, Columns.list(change.roles ?? user.roles),
                    change.isEnabled ?? user.isEnabled, user.id,
                ])
            if change.isEnabled == false { try endSessions(of: user.id, db) }
            if let links = change.links {
                try db.execute("DELETE FROM links WHERE user_id = ?", [user.id])
                try insert(links, user.id, db)
            }
            return try fetchUser(user.id, db)
        }
    }

    /// Its keys and sessions end with it.
    public func deleteUser(named name: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, .manageUsers, Act(action: "user.delete", target: name.brief)) {
            directory throws(AccessProblem) in
            let user = try directory.user(named: name, for: requester.principal)
            guard !directory.isSelf(user, requester.principal) else { throw .conflict("nobody can delete themselves") }
            try directory.checkNotLastAdministrator(user)
            try directory.checkStaysClosed(without: user, requester.principal)
            let act = Act(action: "user.delete", target: user.id, tenant: user.tenant, details: ["name": user.name])
            return Plan(act: act, needsRolesChange: directory.exceed(directory.grants(of: user), requester.principal))
        } change: { db, directory in
            let user = try directory.user(named: name, for: requester.principal)
            try db.execute("DELETE FROM users WHERE id = ?", [user.id])
        }
    }

    private func check(_ new: NewUser) throws(AccessProblem) {
        try FieldCheck.name(new.name)
        try FieldCheck.text(new.displayName, field: "displayName")
        if let password = new.password { try FieldCheck.password(password, user: new.name) }
        for link in new.links { try FieldCheck.link(link) }
    }

    private func plan(
        _ change: UserChange, of user: User, _ principal: Principal, _ directory: Directory
    ) throws(AccessProblem) -> Plan {
        var act = Act(action: "user.change", target: user.id, tenant: user.tenant, details: ["name": user.name])
        let before = directory.grants(of: user)
        var exceeds = directory.exceed(before, principal)
        if let displayName = change.displayName { try FieldCheck.text(displayName, field: "displayName") }
        if let roles = change.roles {
            guard !directory.isSelf(user, principal) else { throw .conflict("nobody can change their own roles") }
            guard change.onlyRoles || principal.permissions.contains(.manageUsers) else {
                throw .refused(.notAllowed(.manageUsers))
            }
            try directory.checkRoles(roles)
            if !roles.contains(RoleMatrix.administrator) { try directory.checkNotLastAdministrator(user) }
            let after = directory.grants(of: roles, in: user.tenant)
            act.details["roles"] = roles.sorted().joined(separator: ", ")
            act.details["rolesBefore"] = user.roles.sorted().joined(separator: ", ")
            act.note(granted: after, before: before)
            exceeds = true
        }
        if let isEnabled = change.isEnabled {
            if !isEnabled {
                guard !directory.isSelf(user, principal) else { throw .conflict("nobody can disable themselves") }
                try directory.checkNotLastAdministrator(user)
            }
            act.details["enabled"] = "\(isEnabled)"
        }
        if let links = change.links {
            for link in links { try FieldCheck.link(link) }
            try directory.checkFree(links, for: user)
            act.details["links"] = "\(links.count)"
        }
        return Plan(act: act, needsRolesChange: exceeds)
    }

    private func insert(_ links: Set<IdentityLink>, _ id: String, _ db: any StateTransaction) throws {
        for link in links {
            let (kind, issuer, value) = link.columns
            try db.execute(
                "INSERT INTO links (kind, issuer, value, user_id) VALUES (?, ?, ?, ?)",
                [kind, issuer, value, id])
        }
    }

    private func fetchUser(_ id: String, _ db: any StateTransaction) throws -> User {
        guard let user = try Directory(db).users[id] else { throw AccessProblem.notFound("user '\(id)'") }
        return user
    }

    func endSessions(of userID: String, _ db: any StateTransaction) throws {
        try db.execute("DELETE FROM sessions WHERE user_id = ?", [userID])
    }
}

extension Directory {
    fileprivate func checkFree(_ links: Set<IdentityLink>, for user: User?) throws(AccessProblem) {
        for link in links {
            if let owner = self.user(linked: link), owner.id != user?.id {
                throw .conflict("that certificate or identity is another user's already")
            }
        }
    }

    /// With neither users nor keys left, nobody would be asked who they are. Only who holds the files can bring that
    /// about.
    fileprivate func checkStaysClosed(without user: User, _ principal: Principal) throws(AccessProblem) {
        let othersKeys = keys.values.contains { $0.key.owner != .user(id: user.id) }
        guard users.count > 1 || othersKeys || principal.method == .local else {
            throw .conflict("'\(user.name)' is the last user, and there is no key: nobody would be asked who they are")
        }
    }
}
