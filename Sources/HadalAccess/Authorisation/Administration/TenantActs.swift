import Foundation
import HadalState

extension AccessAdministration {
    /// The requester's own, or all for `default`.
    public func tenants(by requester: Requester) throws(AccessProblem) -> [Tenant] {
        try look(requester, .viewAccess, "tenant.list").tenants.values
            .filter { requester.principal.sees(tenant: $0.name) }.sorted { $0.name < $1.name }
    }

    public func createTenant(
        name: String, displayName: String = "", models: ModelScope = .all, by requester: Requester
    ) throws(AccessProblem) {
        try perform(requester, .manageTenants, Act(action: "tenant.create", target: name.brief)) {
            directory throws(AccessProblem) in
            try FieldCheck.name(name)
            try check(displayName, models)
            guard !directory.tenants.keys.contains(where: { $0.lowercased() == name.lowercased() }) else {
                throw .conflict("there is a tenant '\(name)' already")
            }
            return Plan(act: Act(action: "tenant.create", target: name))
        } change: { db, _ in
            try db.execute(
                "INSERT INTO tenants (name, display_name, models, is_enabled, created) VALUES (?, ?, ?, 1, ?)",
                [name, displayName, Columns.list(models), requester.now.timeIntervalSince1970])
        }
    }

    /// Where it is disabled, nobody of it is let in; what it has stays.
    public func changeTenant(
        name: String, displayName: String? = nil, models: ModelScope? = nil, isEnabled: Bool? = nil,
        by requester: Requester
    ) throws(AccessProblem) {
        try perform(requester, .manageTenants, Act(action: "tenant.change", target: name.brief)) {
            directory throws(AccessProblem) in
            let tenant = try directory.tenant(name, for: requester.principal)
            try check(displayName ?? "", models ?? .all)
            if isEnabled == false, name == Principal.defaultTenant {
                throw .conflict("the tenant '\(name)' cannot be disabled: those who run the installation are in it")
            }
            var act = Act(action: "tenant.change", target: name, tenant: name)
            if let isEnabled, isEnabled != tenant.isEnabled { act.details["enabled"] = "\(isEnabled)" }
            return Plan(act: act)
        } change: { db, directory in
            let tenant = try directory.tenant(name, for: requester.principal)
            try db.execute(
                "UPDATE tenants SET display_name = ?, models = ?, is_enabled = ? WHERE name = ?",
                [
                    displayName ?? tenant.displayName, Columns.list(models ?? tenant.models),
                    isEnabled ?? tenant.isEnabled, name,
                ])
        }
    }

    /// One that nobody is in any more.
    public func deleteTenant(name: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, .manageTenants, Act(action: "tenant.delete", target: name.brief)) {
            directory throws(AccessProblem) in
            _ = try directory.tenant(name, for: requester.principal)
            guard name != Principal.defaultTenant else { throw .conflict("the tenant '\(name)' is always there") }
            guard !directory.users.values.contains(where: { $0.tenant == name }),
                !directory.keys.values.contains(where: { $0.key.tenant == name && $0.key.revoked == nil })
            else { throw .conflict("the tenant '\(name)' still has users or keys; delete or disable it") }
            // Whoever gets the name next must not get what it has.
            let space = control.dataDirectory.appendingPathComponent("tenants").appendingPathComponent(name)
            guard !FileManager.default.fileExists(atPath: space.path) else {
                throw .conflict("the tenant '\(name)' still has files; disable it, or remove \(space.path) first")
            }
            return Plan(act: Act(action: "tenant.delete", target: name))
        } change: { db, _ in
            try db.execute("DELETE FROM keys WHERE tenant = ?", [name])
            try db.execute("DELETE FROM tenants WHERE name = ?", [name])
        }
    }

    private func check(_ displayName: String, _ models: ModelScope) throws(AccessProblem) {
        try FieldCheck.text(displayName, field: "displayName")
        try FieldCheck.models(models)
    }
}
