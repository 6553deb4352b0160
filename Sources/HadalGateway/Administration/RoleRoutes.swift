import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Roles, and the tenants in which they count.
extension AdministrationRoute {
    static let roles: [AdministrationRoute] = [
        get("roles") { _, call in
            try call.checkQuery()
            let roles = try call.administration.roles()
            // The rows of the matrix, and what cannot be read off the roles themselves.
            let permissions = Permission.allCases.map { permission -> JSON in
                [
                    "name": .string(permission.rawValue), "critical": .bool(permission.isCritical),
                    "installation": .bool(permission.isInstallationWide),
                    "roles": .array(roles.filter { $0.permissions.contains(permission) }.map { .string($0.name) }),
                ]
            }
            return AdministrationReply.list(
                roles.map(\.json), hasMore: false, [("permissions", .array(permissions))])
        },
        get("roles/*") { _, call in
            try call.checkQuery()
            return HTTPReply.json(try call.role().json)
        },
        change(.post, "roles") { requester, call in
            var fields = try call.fields()
            let name = try fields.requiredString("name")
            let about = try fields.string("about") ?? ""
            guard let permissions = try fields.permissions("permissions") else {
                throw WireError.missing(field: "permissions")
            }
            let models = try fields.models() ?? .all
            try fields.finish()
            try call.administration.createRole(
                name: name, about: about, permissions: permissions, models: models, by: requester)
            return AdministrationReply.created(try call.role(name).json)
        },
        change(.patch, "roles/*") { requester, call in
            var fields = try call.fields()
            let about = try fields.string("about")
            let permissions = try fields.permissions("permissions")
            let models = try fields.models()
            try fields.finish()
            try call.administration.changeRole(
                name: call.name(), about: about, permissions: permissions, models: models, by: requester)
            return HTTPReply.json(try call.role().json)
        },
        delete("roles/*") { requester, call in
            try call.administration.deleteRole(name: call.name(), by: requester)
            return AdministrationReply.done
        },
    ]

    static let tenants: [AdministrationRoute] = [
        get("tenants") { requester, call in
            try call.page(try call.administration.tenants(by: requester), id: \.name, json: \.json)
        },
        get("tenants/*") { requester, call in
            try call.checkQuery()
            return HTTPReply.json(try call.tenant(call.name(), requester).json)
        },
        change(.post, "tenants") { requester, call in
            var fields = try call.fields()
            let name = try fields.requiredString("name")
            let displayName = try fields.string("displayName") ?? ""
            let models = try fields.models() ?? .all
            try fields.finish()
            try call.administration.createTenant(name: name, displayName: displayName, models: models, by: requester)
            return AdministrationReply.created(["name": .string(name)])
        },
        change(.patch, "tenants/*") { requester, call in
            var fields = try call.fields()
            let displayName = try fields.string("displayName")
            let models = try fields.models()
            let isEnabled = try fields.bool("enabled")
            try fields.finish()
            try call.administration.changeTenant(
                name: call.name(), displayName: displayName, models: models, isEnabled: isEnabled, by: requester)
            return AdministrationReply.done
        },
        delete("tenants/*") { requester, call in
            try call.administration.deleteTenant(name: call.name(), by: requester)
            return AdministrationReply.done
        },
    ]
}

extension AdministrationCall {
    fileprivate func role(_ name: String? = nil) throws(AccessProblem) -> Role {
        let name = name ?? self.name()
        guard let role = try administration.roles().first(where: { $0.name == name }) else {
            throw .notFound("role '\(name.prefix(64))'")
        }
        return role
    }

    fileprivate func tenant(_ name: String, _ requester: Requester) throws(AccessProblem) -> Tenant {
        guard let tenant = try administration.tenants(by: requester).first(where: { $0.name == name }) else {
            throw .notFound("tenant '\(name.prefix(64))'")
        }
        return tenant
    }
}
