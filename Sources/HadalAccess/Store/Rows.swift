import Foundation
import HadalJSON
import HadalState

extension Tenant {
    init(_ row: StateRow) throws {
        self.init(
            name: try row.text("name"), displayName: try row.text("display_name"), models: try row.models(),
            isEnabled: try row.bool("is_enabled"), created: try row.time("created"))
    }
}

extension Role {
    /// A permission that this version does not know counts for nothing.
    init(_ row: StateRow) throws {
        self.init(
            name: try row.text("name"), about: try row.text("about"),
            permissions: Set(try row.list("permissions").compactMap(Permission.init)), models: try row.models())
    }
}

extension User {
    init(_ row: StateRow, links: Set<IdentityLink>, hasSecondFactor: Bool) throws {
        self.init(
            id: try row.text("id"), name: try row.text("name"), tenant: try row.text("tenant"),
            displayName: try row.text("display_name"), roles: try row.list("roles"),
            isEnabled: try row.bool("is_enabled"),
            hasPassword: try row.optionalText("password") != nil, hasSecondFactor: hasSecondFactor, links: links,
            created: try row.time("created"), passwordChanged: try row.optionalTime("password_changed"))
    }
}

extension IdentityLink {
    init(_ row: StateRow) throws {
        let value = try row.text("value")
        switch try row.text("kind") {
        case "external": self = .external(issuer: try row.text("issuer"), subject: value)
        case "fingerprint": self = .certificateFingerprint(value)
        case "name": self = .certificateName(value)
        case "uri": self = .certificateURI(value)
        case "email": self = .certificateEmail(value)
        default: throw row.damaged("kind", "is not known")
        }
    }

    /// Kind, issuer and value, as its row has them.
    var columns: (kind: String, issuer: String, value: String) {
        switch self {
        case .external(let issuer, let subject): ("external", issuer, subject)
        case .certificateFingerprint(let fingerprint): ("fingerprint", "", fingerprint)
        case .certificateName(let name): ("name", "", name)
        case .certificateURI(let uri): ("uri", "", uri)
        case .certificateEmail(let email): ("email", "", email)
        }
    }
}

extension APIKey {
    /// A row of `keys` with `time` of `key_uses`.
    init(_ row: StateRow) throws {
        let owner: Owner =
            if let user = try row.optionalText("user_id") { .user(id: user) } else {
                .service(roles: try row.list("roles"))
            }
        self.init(
            id: try row.text("id"), prefix: try row.text("prefix"), name: try row.text("name"), owner: owner,
            tenant: try row.text("tenant"),
            scopes: try row.optionalList("scopes").map { Set($0.compactMap(Permission.init)) },
            models: try row.models(), created: try row.time("created"), createdBy: try row.text("created_by"),
            expires: try row.optionalTime("expires"), lastUsed: try row.optionalTime("time"),
            revoked: try row.optionalTime("revoked"), previousUntil: try row.optionalTime("previous_until"))
    }
}

extension Session {
    /// A row of `sessions` with `time` of `session_uses`.
    init(_ row: StateRow) throws {
        let created = try row.time("created")
        self.init(
            id: try row.text("id"), userID: try row.text("user_id"), created: created,
            lastSeen: try row.optionalTime("time") ?? created, expires: try row.time("expires"),
            address: try row.optionalText("address"), secondFactorUntil: try row.optionalTime("second_factor_until"))
    }
}

extension AuditEvent {
    init(_ row: StateRow) throws {
        let details = try? JSON(parsing: Data(try row.text("details").utf8)).object
        guard let details else { throw row.damaged("details", "holds no JSON object") }
        guard let outcome = Outcome(rawValue: try row.text("outcome")) else {
            throw row.damaged("outcome", "is not known")
        }
        self.init(
            time: try row.time("time"), actor: try row.text("actor"), actorName: try row.text("actor_name"),
            tenant: try row.text("tenant"), action: try row.text("action"), target: try row.text("target"),
            outcome: outcome,
            details: Dictionary(
                details.members.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 }),
            address: try row.optionalText("address"), requestID: try row.optionalText("request_id"))
    }
}
