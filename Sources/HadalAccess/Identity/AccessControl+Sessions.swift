import Crypto
import Foundation
import HadalState

extension AccessControl {
    /// Ends the session at once. A token that is none's changes nothing.
    public func logOut(sessionToken: String) throws(AccessError) {
        try unlessUnavailable { () throws(AccessStoreError) in
            try database.write { db in try endSession(sessionToken, db) }
        }
    }

    func endSession(_ token: String, _ db: any StateTransaction) throws {
        try db.execute("DELETE FROM sessions WHERE hash = ?", [Secret.hash(token)])
    }

    /// Takes a code of the second factor, which then counts for critical acts in this session for `secondFactorLength`.
    /// - Returns: until when.
    public func showSecondFactor(
        sessionToken: String, code: String, now: Date = Date()
    ) throws(AccessError) -> Date {
        let (directory, sessions) = try unlessUnavailable { () throws(AccessStoreError) in try cache.current() }
        let session = try openSession(sessionToken, sessions, now)
        let principal = try principal(of: session, directory)
        try takeCode(code, userID: principal.userID ?? "", now: now)
        let until = now.addingTimeInterval(policy.secondFactorLength)
        try unlessUnavailable { () throws(AccessStoreError) in
            try database.write { db in
                try db.execute(
                    "UPDATE sessions SET second_factor_until = ? WHERE id = ?",
                    [until.timeIntervalSince1970, session.id])
            }
        }
        return until
    }

    /// What pages of ours send back as `X-CSRF-Token`: only who knows the cookie's secret can compute it, and it
    /// tells nothing of the secret.
    public func forgeryToken(sessionToken: String) -> String {
        Base64URL.encode(AccessControl.forgeryCode(sessionToken))
    }

    func principal(of session: Session, _ directory: Directory) throws(AccessError) -> Principal {
        guard let user = directory.users[session.userID] else {
            throw .credentialsRefused(detail: "the session's user is no more")
        }
        return try directory.principal(of: user, method: .session, until: session.secondFactorUntil)
    }

    func openSession(_ token: String, _ sessions: SessionTable, _ now: Date) throws(AccessError) -> Session {
        // Found by its hash: what is looked up tells nothing of the secret.
        guard token.utf8.count == Secret.length, let session = sessions[Secret.hash(token)] else {
            throw .credentialsRefused(detail: "no session has this token")
        }
        guard now < session.expires else { throw .credentialsRefused(detail: "the session has ended") }
        // What we have seen ourselves counts before what is written: that may be of before the clock was set back.
        var lastSeen = uses.lastSeen(session.id) ?? session.lastSeen
        if now.timeIntervalSince(lastSeen) >= policy.sessionIdle {
            // Another process may have seen it since.
            lastSeen = max(lastSeen, try writtenUse(session) ?? lastSeen)
        }
        guard now.timeIntervalSince(lastSeen) < policy.sessionIdle else {
            throw .credentialsRefused(detail: "the session was not used for too long")
        }
        return session
    }

    func checkForgeryToken(_ token: String?, of sessionToken: String) throws(AccessError) {
        guard let token, let bytes = Base64URL.decode(token),
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes, authenticating: AccessControl.forgeryPurpose, using: AccessControl.key(sessionToken))
        else { throw .forgeryTokenNeeded }
    }

    /// Makes the session that a log-in gives.
    func makeSession(_ principal: Principal, address: String?, now: Date) throws(AccessError) -> NewSession {
        let token = Secret.make()
        let session = Session(
            id: "session:" + Secret.name(24), userID: principal.userID ?? "", created: now, lastSeen: now,
            expires: now.addingTimeInterval(policy.sessionLength), address: address,
            secondFactorUntil: principal.secondFactorUntil)
        try unlessUnavailable { () throws(AccessStoreError) in
            try database.write { db in
                let time = now.timeIntervalSince1970
                try db.execute("DELETE FROM sessions WHERE expires <= ?", [time])
                try db.execute(
                    """
                    INSERT INTO sessions (id, hash, user_id, created, expires, address, second_factor_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        session.id, Secret.hash(token), session.userID, time, session.expires.timeIntervalSince1970,
                        address, session.secondFactorUntil?.timeIntervalSince1970,
                    ])
            }
        }
        return NewSession(
            session: session, token: token, forgeryToken: forgeryToken(sessionToken: token), principal: principal)
    }

    private func writtenUse(_ session: Session) throws(AccessError) -> Date? {
        try unlessUnavailable { () throws(AccessStoreError) in
            try database.read { db in
                try db.row("SELECT time FROM session_uses WHERE session_id = ?", [session.id])?.time("time")
            }
        }
    }

    private static let forgeryPurpose = Data("hadal: token against forged requests".utf8)

    private static func key(_ sessionToken: String) -> SymmetricKey { SymmetricKey(data: Data(sessionToken.utf8)) }

    private static func forgeryCode(_ sessionToken: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: forgeryPurpose, using: key(sessionToken))
    }
}
