import Foundation
import HadalState

extension AccessAdministration {
    /// Seconds for which the old secret may count at most after a rotation: 30 days.
    static let overlapMax: Double = 30 * 86_400

    /// Those of the requester's tenant, or all for `default`; who may not see access sees their own.
    public func keys(by requester: Requester) throws(AccessProblem) -> [APIKey] {
        let principal = requester.principal
        let seesAll = principal.permissions.contains(.viewAccess)
        let directory = try look(requester, seesAll ? .viewAccess : .manageOwnKeys, "key.list")
        return directory.keys.values.map(\.key)
            .filter { principal.sees(tenant: $0.tenant) && (seesAll || isOwn($0, principal)) }
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// Needs `keys.own` for a key that acts for oneself, `keys.manage` for others.
    public func createKey(_ request: KeyRequest, by requester: Requester) throws(AccessProblem) -> NewKey {
        let id = "key:" + Secret.name(24)
        let text = KeyText(prefix: Secret.name(KeyText.prefixLength))
        let name = ["name": request.name.brief]
        return try perform(requester, permission(request.owner), Act(action: "key.create", target: id, details: name)) {
            directory throws(AccessProblem) in
            try FieldCheck.text(request.name, field: "name")
            try FieldCheck.models(request.models)
            let key = try request.key(id: id, prefix: text.prefix, requester, directory)
            try check(request.scopes, key, directory)
            let grants = directory.grants(of: key).possibly(within: key.models)
            var act = Act(action: "key.create", target: id, tenant: key.tenant, details: name)
            act.details["prefix"] = key.prefix
            act.note(granted: grants)
            return Plan(act: act, needsRolesChange: directory.exceed(grants, requester.principal))
        } change: { db, directory in
            let key = try request.key(id: id, prefix: text.prefix, requester, directory)
            try insert(key, Secret.hash(text.text), db)
            return NewKey(key: key, secret: text.text)
        }
    }

    /// Gives a key a new secret.
    /// - Parameter overlap: seconds for which the old one still counts, so that those who use it can be changed one
    ///   after the other; 0 to 30 days.
    public func rotateKey(
        id: String, overlap: Double, by requester: Requester
    ) throws(AccessProblem) -> NewKey {
        try perform(requester, permission(id, requester.principal), Act(action: "key.rotate", target: id.brief)) {
            directory throws(AccessProblem) in
            let key = try directory.key(id: id, for: requester.principal)
            guard key.revoked == nil else { throw .conflict("the key '\(key.prefix)' was revoked; make a new one") }
            guard (0...AccessAdministration.overlapMax).contains(overlap) else {
                throw .invalid(
                    field: "overlap", problem: "must be 0 to \(Int(AccessAdministration.overlapMax)) seconds")
            }
            var act = act("key.rotate", key)
            act.details["overlap"] = "\(Int(overlap)) s"
            return Plan(act: act, needsRolesChange: exceeds(key, requester.principal, directory))
        } change: { db, directory in
            let secret = KeyText(prefix: try directory.key(id: id, for: requester.principal).prefix).text
            // With none, an older secret that still counts ends too.
            let until = overlap > 0 ? requester.now.addingTimeInterval(overlap).timeIntervalSince1970 : nil
            try db.execute(
                """
                UPDATE keys SET previous_hash = CASE WHEN ?1 IS NULL THEN NULL ELSE hash END, previous_until = ?1,
                    hash = ?2 WHERE id = ?3
                """, [until, Secret.hash(secret), id])
            guard let key = try Directory(db).key(id: id)?.key else { throw AccessProblem.notFound("key") }
            return NewKey(key: key, secret: secret)
        }
    }

    /// At once and for good. Its row stays, for the audit.
    public func revokeKey(id: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, permission(id, requester.principal), Act(action: "key.revoke", target: id.brief)) {
            directory throws(AccessProblem) in
            Plan(act: act("key.revoke", try directory.key(id: id, for: requester.principal)))
        } change: { db, _ in
            try db.execute(
                "UPDATE keys SET revoked = COALESCE(revoked, ?) WHERE id = ?",
                [requester.now.timeIntervalSince1970, id])
        }
    }

    private func isOwn(_ key: APIKey, _ principal: Principal) -> Bool {
        if key.id == principal.keyID { return true }
        guard let userID = principal.userID else { return false }
        return key.owner == .user(id: userID)
    }

    private func permission(_ owner: KeyRequest.Owner) -> Permission {
        if case .oneself = owner { .manageOwnKeys } else { .manageKeys }
    }

    func permission(_ id: String, _ principal: Principal) throws(AccessProblem) -> Permission {
        let directory = try refusing { () throws(AccessError) in try control.directory() }
        guard let key = directory.key(id: id)?.key else { return .manageKeys }
        return isOwn(key, principal) ? .manageOwnKeys : .manageKeys
    }

    /// Whoever learns the new secret can do all that the key can.
    private func exceeds(_ key: APIKey, _ principal: Principal, _ directory: Directory) -> Bool {
        key.id != principal.keyID && directory.exceed(directory.grants(of: key).possibly(within: key.models), principal)
    }

    func check(_ scopes: Set<Permission>?, _ key: APIKey, _ directory: Directory) throws(AccessProblem) {
        guard let scopes else { return }
        var whole = key
        whole.scopes = nil
        let missing = scopes.subtracting(directory.grants(of: whole).permissions)
        if let first = missing.map(\.rawValue).min() {
            throw .invalid(field: "scopes", problem: "names '\(first)', which the key's owner does not have")
        }
    }

    func act(_ action: String, _ key: APIKey) -> Act {
        Act(action: action, target: key.id, tenant: key.tenant, details: ["name": key.name, "prefix": key.prefix])
    }

    private func insert(_ key: APIKey, _ hash: Data, _ db: any StateTransaction) throws {
        var userID: String?
        var roles: String?
        switch key.owner {
        case .user(let id): userID = id
        case .service(let names): roles = Columns.list(names)
        }
        try db.execute(
            """
            INSERT INTO keys
            (id, prefix, name, user_id, roles, tenant, scopes, models, hash, created, created_by, expires)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key.id, key.prefix, key.name, userID, roles, key.tenant, key.scopes.map(Columns.list),
                Columns.list(key.models), hash, key.created.timeIntervalSince1970, key.createdBy,
                key.expires?.timeIntervalSince1970,
            ])
    }
}

extension String {
    /// What somebody named, as far as it is worth recording.
    var brief: String { String(prefix(64)) }
}
