import Foundation

/// When a rule holds: everything that is given must.
public struct RouteCondition: Sendable, Hashable {
    /// Any of them; empty for all.
    public var tenants: [NamePattern] = []
    /// Any of them; empty for all.
    public var users: [NamePattern] = []
    /// One of the caller's roles is among them; empty for all.
    public var roles: [NamePattern] = []
    public var promptTokens: Bounds<Int>?
    public var outputTokens: Bounds<Int>?
    public var cost: Bounds<Decimal>?
    /// Any of them; empty for always.
    public var windows: [TimeWindow] = []
    /// The request needs all of them, and maybe others.
    public var features: Set<RouteFeature> = []
    public var isBackground: Bool?
    /// The request has any of them; empty for all.
    public var tags: [NamePattern] = []

    public init() {}

    public var isAlwaysTrue: Bool { self == RouteCondition() }
}

/// How one condition came out, in words for people.
public struct ConditionCheck: Sendable, Hashable {
    /// As in the configuration: `prompt_tokens`.
    public var field: String
    public var holds: Bool
    /// `12000 is above 8000`.
    public var detail: String
}

extension RouteCondition {
    /// Each given condition in order, to the first that does not hold.
    public func check(_ request: RouteRequest, at time: Date) -> [ConditionCheck] {
        var checks: [ConditionCheck] = []
        for check in [
            { names("tenants", tenants, [request.tenant]) },
            { names("users", users, request.user.map { [$0] } ?? []) },
            { names("roles", roles, request.roles.sorted()) },
            { bounds("prompt_tokens", promptTokens, request.promptTokens) },
            { bounds("output_tokens", outputTokens, request.outputTokens) },
            { bounds("cost", cost, request.cost) },
            { window(time) }, { needs(request.features) }, { background(request.isBackground) },
            { names("tags", tags, request.tags.sorted()) },
        ] as [() -> ConditionCheck?] {
            guard let check = check() else { continue }
            checks.append(check)
            if !check.holds { break }
        }
        return checks
    }

    private func names(_ field: String, _ patterns: [NamePattern], _ names: [String]) -> ConditionCheck? {
        guard !patterns.isEmpty else { return nil }
        for name in names {
            if let pattern = patterns.first(where: { $0.matches(name) }) {
                return ConditionCheck(field: field, holds: true, detail: "\(name) is \(pattern)")
            }
        }
        let wanted = patterns.map(\.description).joined(separator: ", ")
        let given = names.isEmpty ? "none is" : "\(names.joined(separator: ", ")) is not"
        return ConditionCheck(field: field, holds: false, detail: "\(given) among \(wanted)")
    }

    private func bounds<Value>(_ field: String, _ bounds: Bounds<Value>?, _ value: Value?) -> ConditionCheck? {
        guard let bounds else { return nil }
        guard let value else { return ConditionCheck(field: field, holds: false, detail: "it is not known") }
        let holds = bounds.contains(value)
        return ConditionCheck(field: field, holds: holds, detail: "\(value) is \(holds ? "" : "not ")\(bounds)")
    }

    private func window(_ time: Date) -> ConditionCheck? {
        guard !windows.isEmpty else { return nil }
        if let window = windows.first(where: { $0.contains(time) }) {
            return ConditionCheck(field: "time", holds: true, detail: "it is within \(window)")
        }
        let all = windows.map(\.description).joined(separator: ", ")
        return ConditionCheck(field: "time", holds: false, detail: "it is not within \(all)")
    }

    private func needs(_ given: Set<RouteFeature>) -> ConditionCheck? {
        guard !features.isEmpty else { return nil }
        let missing = features.subtracting(given)
        let list = (missing.isEmpty ? features : missing).map(\.rawValue).sorted().joined(separator: ", ")
        return ConditionCheck(
            field: "requires", holds: missing.isEmpty,
            detail: "the request \(missing.isEmpty ? "needs" : "does not need") \(list)")
    }

    private func background(_ given: Bool) -> ConditionCheck? {
        guard let isBackground else { return nil }
        return ConditionCheck(
            field: "background", holds: isBackground == given, detail: "it is \(given ? "" : "not ")background work")
    }
}
