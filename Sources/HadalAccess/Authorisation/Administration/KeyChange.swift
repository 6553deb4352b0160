import Foundation
import HadalState

/// What is to be changed of a key; nil stays. For whom it acts, and with which roles, never changes: that would be another
/// key.
public struct KeyChange: Sendable {
    public enum Scopes: Sendable {
        case only(Set<Permission>)
        /// All that its owner may.
        case all
    }

    public enum Expiry: Sendable {
        case at(Date)
        case never
    }

    public var name: String?
    public var scopes: Scopes?
    public var models: ModelScope?
    public var expires: Expiry?

    public init(name: String? = nil, scopes: Scopes? = nil, models: ModelScope? = nil, expires: Expiry? = nil) {
        self.name = name
        self.scopes = scopes
        self.models = models
        self.expires = expires
    }

    /// The key as it would be.
    func changed(_ key: APIKey) -> APIKey {
        var key = key
        if let name { key.name = name }
        switch scopes {
        case nil: break
        case .all: key.scopes = nil
        case .only(let permissions): key.scopes = permissions
        }
        if let models { key.models = models }
        switch expires {
        case nil: break
        case .never: key.expires = nil
        case .at(let date): key.expires = date
        }
        return key
    }
}

extension AccessAdministration {
    /// Changes what a key may and until when; its secret stays. Needs `keys.own` for one's own, `keys.manage` for others,
    /// and for giving it more than one has `roles.change`.
    @discardableResult
    public func changeKey(id: String, _ change: KeyChange, by requester: Requester) throws(AccessProblem) -> APIKey {
        try perform(requester, permission(id, requester.principal), Act(action: "key.change", target: id.brief)) {
            directory throws(AccessProblem) in
            let key = try directory.key(id: id, for: requester.principal)
            guard key.revoked == nil else { throw .conflict("the key '\(key.prefix)' was revoked; make a new one") }
            let changed = change.changed(key)
            try check(change, changed, requester, directory)
            let (before, after) = (directory.grants(of: key), directory.grants(of: changed))
            var act = act("key.change", changed)
            act.details["changed"] = change.summary
            act.note(granted: after, before: before)
            return Plan(
                act: act,
                needsRolesChange: changed.givesMore(than: key)
                    && directory.exceed(after.possibly(within: changed.models), requester.principal))
        } change: { db, directory in
            let key = change.changed(try directory.key(id: id, for: requester.principal))
            try db.execute(
                "UPDATE keys SET name = ?, scopes = ?, models = ?, expires = ? WHERE id = ?",
                [
                    key.name, key.scopes.map(Columns.list), Columns.list(key.models),
                    key.expires?.timeIntervalSince1970, id,
                ])
            return key
        }
    }

    private func check(
        _ change: KeyChange, _ changed: APIKey, _ requester: Requester, _ directory: Directory
    ) throws(AccessProblem) {
        if let name = change.name { try FieldCheck.text(name, field: "name") }
        if let models = change.models { try FieldCheck.models(models) }
        if case .only(let scopes) = change.scopes { try check(scopes, changed, directory) }
        if change.expires != nil { try directory.check(expiry: changed.expires, requester) }
    }
}

extension APIKey {
    /// Whether there is anything that it can do, or a time at which it can, and `old` could not.
    fileprivate func givesMore(than old: APIKey) -> Bool {
        let hasMoreScopes =
            if let scopes { old.scopes.map { !scopes.isSubset(of: $0) } ?? false } else { old.scopes != nil }
        let endsLater = (expires ?? .distantFuture) > (old.expires ?? .distantFuture)
        return hasMoreScopes || endsLater || !old.models.covers(models)
    }
}

extension KeyChange {
    /// For the audit.
    fileprivate var summary: String {
        var parts: [String] = []
        if name != nil { parts.append("name") }
        switch scopes {
        case nil: break
        case .all: parts.append("scopes: all")
        case .only(let scopes): parts.append("scopes: \(scopes.map(\.rawValue).sorted().joined(separator: ", "))")
        }
        if let models { parts.append("models: \(models.names.joined(separator: ", ").brief)") }
        switch expires {
        case nil: break
        case .never: parts.append("expires: never")
        case .at(let date): parts.append("expires: \(date.ISO8601Format())")
        }
        return parts.joined(separator: "; ")
    }
}
