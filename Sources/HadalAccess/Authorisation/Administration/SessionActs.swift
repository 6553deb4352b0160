import Foundation
import HadalState

extension AccessAdministration {
    /// Of one user; everybody sees their own, those of others need `access.view`. Newest first.
    public func sessions(
        ofUserNamed name: String, by requester: Requester
    ) throws(AccessProblem) -> [Session] {
        let directory = try refusing { () throws(AccessError) in try control.directory() }
        if directory.user(named: name)?.id != requester.principal.userID || requester.principal.userID == nil {
            _ = try look(requester, .viewAccess, "session.list")
        }
        let user = try directory.user(named: name, for: requester.principal)
        do {
            return try control.database.read { db in
                try db.rows(
                    """
                    SELECT sessions.*, time FROM sessions LEFT JOIN session_uses ON session_id = id
                    WHERE user_id = ? AND expires > ? ORDER BY created DESC
                    """, [user.id, requester.now.timeIntervalSince1970]
                ).map { try Session($0) }
            }
        } catch {
            throw .store(error)
        }
    }

    /// - Parameter id: nil: all of the user's. Everybody may end their own; those of others need `users.manage`.
    public func endSessions(
        ofUserNamed name: String, id: String? = nil, by requester: Requester
    ) throws(AccessProblem) {
        let directory = try refusing { () throws(AccessError) in try control.directory() }
        let named = directory.user(named: name)
        let isOwn = named.map { directory.isSelf($0, requester.principal) } ?? false
        try perform(requester, isOwn ? nil : .manageUsers, Act(action: "session.end", target: name.brief)) {
            directory throws(AccessProblem) in
            let user =
                isOwn
                ? try directory.own(requester.principal) : try directory.user(named: name, for: requester.principal)
            let details = ["name": user.name, "session": id?.brief ?? "all"]
            return Plan(act: Act(action: "session.end", target: user.id, tenant: user.tenant, details: details))
        } change: { db, directory in
            let user =
                isOwn
                ? try directory.own(requester.principal) : try directory.user(named: name, for: requester.principal)
            guard let id else { return try endSessions(of: user.id, db) }
            let count = try db.executeCounting("DELETE FROM sessions WHERE id = ? AND user_id = ?", [id, user.id])
            guard count == 1 else { throw AccessProblem.notFound("session '\(id.brief)' of '\(user.name)'") }
        }
    }
}
