import Foundation
import HadalState

extension AccessAdministration {
    /// All may see what the roles are.
    public func roles() throws(AccessProblem) -> [Role] {
        let roles = try refusing { () throws(AccessError) in try control.directory() }.roles
        return RoleMatrix.roles + roles.values.filter { !$0.isBuiltIn }.sorted { $0.name < $1.name }
    }

    public func createRole(
        name: String, about: String = "", permissions: Set<Permission>, models: ModelScope = .all,
        by requester: Requester
    ) throws(AccessProblem) {
        let role = Role(name: name, about: about, permissions: permissions, models: models)
        try perform(requester, .changeRoles, Act(action: "role.create", target: name.brief)) {
            directory throws(AccessProblem) in
            try checkInstallation(requester)
            try check(role)
            // Names of roles differ in more than their case.
            guard !directory.roles.keys.contains(where: { $0.lowercased() == name.lowercased() }) else {
                throw .conflict("there is a role '\(name)' already")
            }
            return Plan(act: act("role.create", role, before: nil))
        } change: { db, _ in
            try db.execute(
                "INSERT INTO roles (name, about, permissions, models) VALUES (?, ?, ?, ?)",
                [name, about, Columns.list(permissions), Columns.list(models)])
        }
    }

    /// All who have the role have the new permissions at once.
    public func changeRole(
        name: String, about: String? = nil, permissions: Set<Permission>? = nil, models: ModelScope? = nil,
        by requester: Requester
    ) throws(AccessProblem) {
        func changed(_ directory: Directory) throws(AccessProblem) -> (old: Role, new: Role) {
            let old = try custom(name, requester.principal, directory)
            let new = Role(
                name: old.name, about: about ?? old.about, permissions: permissions ?? old.permissions,
                models: models ?? old.models)
            return (old, new)
        }
        try perform(requester, .changeRoles, Act(action: "role.change", target: name.brief)) {
            directory throws(AccessProblem) in
            try checkInstallation(requester)
            let (old, new) = try changed(directory)
            try check(new)
            return Plan(act: act("role.change", new, before: old))
        } change: { db, directory in
            let (_, new) = try changed(directory)
            try db.execute(
                "UPDATE roles SET about = ?, permissions = ?, models = ? WHERE name = ?",
                [new.about, Columns.list(new.permissions), Columns.list(new.models), new.name])
        }
    }

    /// One that nobody has.
    public func deleteRole(name: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, .changeRoles, Act(action: "role.delete", target: name.brief)) {
            directory throws(AccessProblem) in
            try checkInstallation(requester)
            let role = try custom(name, requester.principal, directory)
            guard !directory.isInUse(role) else { throw .conflict("somebody still has the role '\(role.name)'") }
            return Plan(act: Act(action: "role.delete", target: role.name))
        } change: { db, _ in
            try db.execute("DELETE FROM roles WHERE name = ?", [name])
        }
    }

    private func check(_ role: Role) throws(AccessProblem) {
        try FieldCheck.name(role.name)
        try FieldCheck.text(role.about, field: "about")
        try FieldCheck.models(role.models)
    }

    private func act(_ action: String, _ role: Role, before: Role?) -> Act {
        var act = Act(action: action, target: role.name)
        act.details["permissions"] = role.permissions.map(\.rawValue).sorted().joined(separator: ", ")
        let tenant = Principal.defaultTenant
        act.note(
            granted: Grants(roles: [role], tenant: tenant),
            before: before.map { Grants(roles: [$0], tenant: tenant) } ?? .none)
        return act
    }

    /// A role that can be changed, and that is not the requester's own.
    private func custom(
        _ name: String, _ principal: Principal, _ directory: Directory
    ) throws(AccessProblem) -> Role {
        guard let role = directory.roles[name] else { throw .notFound("role '\(name.brief)'") }
        guard !role.isBuiltIn else { throw .conflict("the role '\(name)' is built in; make one of your own") }
        guard !directory.roles(of: principal).contains(name) else {
            throw .conflict("nobody can change their own roles, and '\(name)' is one of yours")
        }
        return role
    }

    /// Roles and tenants are the installation's, whatever somebody may do within a tenant.
    func checkInstallation(_ requester: Requester) throws(AccessProblem) {
        guard requester.principal.isOfInstallation else {
            throw .conflict("only users of the tenant '\(Principal.defaultTenant)' can change what all tenants share")
        }
    }
}

extension Directory {
    fileprivate func isInUse(_ role: Role) -> Bool {
        users.values.contains { $0.roles.contains(role.name) }
            || keys.values.contains { entry in
                if case .service(let roles) = entry.key.owner { roles.contains(role.name) } else { false }
            }
    }

    /// Those of the requester's user or service key.
    fileprivate func roles(of principal: Principal) -> Set<String> {
        if let user = principal.userID.flatMap({ users[$0] }) { return user.roles }
        if let key = principal.keyID.flatMap({ key(id: $0) }), case .service(let roles) = key.key.owner { return roles }
        return []
    }
}
