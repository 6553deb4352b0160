import HadalJSON

extension LimitScope {
    /// The one scope's own name: `server`, a key's or user's id, `tenant:T`, `model:M`, `tenant:T model:M`.
    public var id: String {
        switch self {
        case .server: "server"
        case .key(let id), .user(let id): id
        case .tenant(let name): "tenant:\(name)"
        case .model(let name): "model:\(name)"
        case .tenantModel(let tenant, let model): "tenant:\(tenant) model:\(model)"
        }
    }

    /// As options name it.
    fileprivate func members(_ names: UserNames) -> [(String, JSON?)] {
        switch self {
        case .server: []
        case .key(let id): [("key", .string(id))]
        case .user(let id): [("user", .string(names[id] ?? id))]
        case .tenant(let name): [("tenant", .string(name))]
        case .model(let name): [("model", .string(name))]
        case .tenantModel(let tenant, let model): [("tenant", .string(tenant)), ("model", .string(model))]
        }
    }
}

/// All that is set for one scope.
public struct ScopeLimits: Sendable, Hashable {
    public var scope: LimitScope
    /// In the order of `LimitKind`; nil: none, whatever the default is.
    public var limits: [(kind: LimitKind, value: Int?)] {
        LimitKind.allCases.compactMap { kind in values[kind].map { (kind, $0) } }
    }
    private var values: [LimitKind: Int?]

    /// In the order of scopes.
    public static func grouped(_ overrides: [LimitOverride]) -> [ScopeLimits] {
        var groups: [ScopeLimits] = []
        for override in overrides {
            if groups.last?.scope != override.scope { groups.append(ScopeLimits(scope: override.scope, values: [:])) }
            groups[groups.count - 1].values[override.kind] = .some(override.value)
        }
        return groups
    }

    public func json(_ names: UserNames) -> JSON {
        let limits = limits.map { kind, value in (kind.rawValue, kind.json(value)) }
        return .compact(
            [("id", .string(scope.id)), ("scope", .string(scope.kind.rawValue))] + scope.members(names)
                + [("limits", .object(JSON.Object(limits)))])
    }
}

extension LimitKind {
    /// A number, or `none`; costs in units.
    func json(_ value: Int?) -> JSON {
        guard let value else { return "none" }
        return self == .costPerMonth ? .double(Cost(billionths: value).units) : .int(Int64(value))
    }

    /// As `json(_:)` writes it, or as `value(parsing:)` reads it.
    /// - Throws: `LimitError.badValue`.
    public func value(_ json: JSON) throws(LimitError) -> Int? {
        switch json {
        case .string(let text): return try value(parsing: text)
        case .int(let number): return try value(parsing: String(number))
        case .double(let number) where self == .costPerMonth: return try value(parsing: String(number))
        default: throw .badValue(self, json.text)
        }
    }
}

extension AddressGuard.Subject {
    public var id: String {
        switch self {
        case .tenant(let name): "tenant:\(name)"
        case .key(let id): id
        }
    }

    public func json(_ rules: AddressRules) -> JSON {
        let subject: (String, JSON?) =
            switch self {
            case .tenant(let name): ("tenant", .string(name))
            case .key(let id): ("key", .string(id))
            }
        return .compact([
            ("id", .string(id)), subject, ("allow", .list(rules.allow.map(\.description))),
            ("deny", .list(rules.deny.map(\.description))),
        ])
    }
}
