import Foundation
import HadalJSON

// How administration shows what there is, in the admin API and in the commands' --json. Times are in ISO 8601, UTC.
// What there is none of is left out.

extension ModelScope {
    /// `["*"]`: all.
    public var json: JSON { .list(names) }

    /// Sorted; `*` alone: all.
    public var names: [String] {
        switch self {
        case .all: ["*"]
        case .only(let names): names.sorted()
        }
    }

    /// As `names` writes it.
    public init(names: [String]) { self = names.contains("*") ? .all : .only(Set(names)) }
}

extension User {
    public var json: JSON {
        .compact([
            ("id", .string(id)), ("name", .string(name)), ("displayName", .string(displayName)),
            ("tenant", .string(tenant)), ("roles", .list(roles.sorted())), ("enabled", .bool(isEnabled)),
            ("hasPassword", .bool(hasPassword)), ("hasSecondFactor", .bool(hasSecondFactor)),
            ("links", .array(links.map(\.json).sorted { $0.text < $1.text })), ("created", .time(created)),
            ("passwordChanged", passwordChanged.map(JSON.time)),
        ])
    }
}

extension APIKey {
    public func json(_ names: UserNames) -> JSON {
        var roles: JSON?
        if case .service(let names) = owner { roles = .list(names.sorted()) }
        return .compact([
            ("id", .string(id)), ("prefix", .string(prefix)), ("name", .string(name)), ("tenant", .string(tenant)),
            ("user", names.owner(of: self).map(JSON.string)), ("roles", roles),
            ("scopes", scopes.map { .list($0.map(\.rawValue).sorted()) }),
            ("models", models.json), ("created", .time(created)), ("createdBy", .string(createdBy)),
            ("expires", expires.map(JSON.time)), ("lastUsed", lastUsed.map(JSON.time)),
            ("revoked", revoked.map(JSON.time)), ("previousUntil", previousUntil.map(JSON.time)),
        ])
    }
}

extension Session {
    public var json: JSON {
        .compact([
            ("id", .string(id)), ("created", .time(created)), ("lastSeen", .time(lastSeen)),
            ("expires", .time(expires)),
            ("address", address.map(JSON.string)), ("secondFactorUntil", secondFactorUntil.map(JSON.time)),
        ])
    }
}

extension Role {
    public var json: JSON {
        .compact([
            ("name", .string(name)), ("about", .string(about)),
            ("permissions", .list(Permission.allCases.filter(permissions.contains).map(\.rawValue))),
            ("models", models.json), ("builtIn", .bool(isBuiltIn)),
        ])
    }
}

extension Tenant {
    public var json: JSON {
        .compact([
            ("name", .string(name)), ("displayName", .string(displayName)), ("models", models.json),
            ("enabled", .bool(isEnabled)), ("created", .time(created)),
        ])
    }
}

extension Principal {
    /// What somebody may know of themselves.
    public var json: JSON {
        .compact([
            ("id", .string(id)), ("name", .string(name)), ("tenant", .string(tenant)),
            ("method", .string(method.rawValue)),
            ("permissions", .list(Permission.allCases.filter(permissions.contains).map(\.rawValue))),
            ("secondFactorUntil", secondFactorUntil.map(JSON.time)),
        ])
    }
}

extension RecordedEvent {
    public var json: JSON {
        let details = event.details.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        return .compact([
            ("number", .int(number)), ("time", .time(event.time)), ("actor", .string(event.actor)),
            ("actorName", .string(event.actorName)), ("tenant", .string(event.tenant)),
            ("action", .string(event.action)), ("target", .string(event.target)),
            ("outcome", .string(event.outcome.rawValue)), ("details", .object(JSON.Object(details))),
            ("address", event.address.map(JSON.string)), ("requestId", event.requestID.map(JSON.string)),
        ])
    }
}

extension JSON {
    static func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

    public static func time(_ date: Date) -> JSON { .string(date.ISO8601Format()) }
}
