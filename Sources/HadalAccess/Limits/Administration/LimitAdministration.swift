import Foundation
import HadalState

/// Limits and lists of addresses that are set for single keys, users, tenants and models. They are the installation's:
/// whoever changes them has `limits.manage`, which only those of the tenant `default` can have.
extension AccessAdministration {
    /// In the order of scopes. Needs `operations.view`.
    public func limits(by requester: Requester) throws(AccessProblem) -> [LimitOverride] {
        _ = try look(requester, .viewOperations, "limit.list")
        return try stored { try LimitStore(control.database).all() }
    }

    /// Sets limits of one scope; its others stay.
    /// - Parameter limits: nil as a value: no limit, whatever the default is. Costs in billionths of a unit.
    public func setLimits(
        of scope: LimitScope, _ limits: [LimitKind: Int?], by requester: Requester
    ) throws(AccessProblem) {
        let sorted = limits.sorted { $0.key.rawValue < $1.key.rawValue }
        let facts = Dictionary(uniqueKeysWithValues: sorted.map { ($0.key.rawValue, $0.key.text($0.value)) })
        let act = Act(action: "limit.set", target: scope.id.brief, tenant: scope.tenant, details: facts)
        try perform(requester, .manageLimits, act) { directory throws(AccessProblem) in
            guard !limits.isEmpty else { throw .invalid(field: "limits", problem: "names no limit to set") }
            for (kind, value) in sorted {
                guard let value, !(0...kind.maximum).contains(value) else { continue }
                throw .invalid(field: kind.rawValue, problem: "must be \(kind.expected)")
            }
            try directory.check(scope)
            return Plan(act: act)
        } change: { db, _ in
            for (kind, value) in sorted {
                try LimitStore.set(LimitOverride(scope: scope, kind: kind, value: value), db)
            }
        }
    }

    /// From here on the defaults count again. Scopes that are no more can be cleared too.
    /// - Parameter kinds: empty: all of the scope's.
    public func removeLimits(
        of scope: LimitScope, _ kinds: Set<LimitKind> = [], by requester: Requester
    ) throws(AccessProblem) {
        let names = kinds.map(\.rawValue).sorted().joined(separator: ", ")
        let act = Act(
            action: "limit.remove", target: scope.id.brief, tenant: scope.tenant,
            details: ["kinds": names.isEmpty ? "all" : names])
        try perform(requester, .manageLimits, act) { _ throws(AccessProblem) in
            Plan(act: act)
        } change: { db, _ in
            var isFound = false
            if kinds.isEmpty { isFound = try LimitStore.remove(nil, of: scope, db) }
            for kind in kinds where try LimitStore.remove(kind, of: scope, db) { isFound = true }
            guard isFound else { throw AccessProblem.notFound("such limit") }
        }
    }

    /// Needs `operations.view`.
    public func addressRules(by requester: Requester) throws(AccessProblem) -> [AddressGuard.Subject: AddressRules] {
        _ = try look(requester, .viewOperations, "addresses.list")
        return try stored { try AddressRuleStore(control.database).all() }
    }

    /// Takes the place of the subject's earlier rules; `AddressRules.all` removes them.
    public func setAddressRules(
        _ rules: AddressRules, for subject: AddressGuard.Subject, by requester: Requester
    ) throws(AccessProblem) {
        let tenant: String? = if case .tenant(let name) = subject { name } else { nil }
        let details = ["allow": "\(rules.allow.count) ranges", "deny": "\(rules.deny.count) ranges"]
        let act = Act(action: "addresses.set", target: subject.id.brief, tenant: tenant, details: details)
        try perform(requester, .manageLimits, act) { directory throws(AccessProblem) in
            if rules != .all {
                switch subject {
                case .tenant(let name): try directory.check(.tenant(name))
                case .key(let id): try directory.check(.key(id))
                }
            }
            return Plan(act: act)
        } change: { db, _ in
            try AddressRuleStore.set(rules, for: subject, db)
        }
    }

    private func stored<Value>(_ read: () throws -> Value) throws(AccessProblem) -> Value {
        do { return try read() } catch { throw .store(AccessStoreError(error, path: control.database.url.path)) }
    }
}

extension Directory {
    /// Limits of somebody who is not there would wait for whoever gets the name. (Models need not be served yet.)
    fileprivate func check(_ scope: LimitScope) throws(AccessProblem) {
        switch scope {
        case .server, .model: return
        case .key(let id): guard key(id: id) != nil else { throw .notFound("key '\(id.brief)'") }
        case .user(let id): guard users[id] != nil else { throw .notFound("user '\(id.brief)'") }
        case .tenant(let name), .tenantModel(let name, _):
            guard tenants[name] != nil else { throw .notFound("tenant '\(name.brief)'") }
        }
    }
}

extension LimitScope {
    /// To whose trail acts on it belong, where that is not the requester's.
    fileprivate var tenant: String? {
        switch self {
        case .tenant(let name), .tenantModel(let name, _): name
        case .server, .key, .user, .model: nil
        }
    }
}
