import Foundation
import HadalState

extension AccessControl {
    static let passwordBytesMax = 1024

    /// Begins a session. Takes about 0.3 s of computing whether there is such a user or not: not for a thread that
    /// serves connections.
    /// - Parameter code: of the second factor; needed where the user has set it up and the policy wants it.
    public func logIn(
        name: String, password: String, code: String? = nil, address: String? = nil, now: Date = Date()
    ) throws(AccessError) -> NewSession {
        guard name.utf8.count <= FieldCheck.nameLengthMax, password.utf8.count <= AccessControl.passwordBytesMax else {
            throw .credentialsRefused(detail: "a name or password that is too long")
        }
        let subjects = [LockOut.Subject.name(name)] + (address.map { [.address($0)] } ?? [])
        try lockOut.begin(subjects, now: now)
        let directory = try directory()
        let user = directory.user(named: name)
        guard try hasPassword(password, user), let user else {
            throw .credentialsRefused(detail: user == nil ? "no user of that name" : "a wrong password")
        }
        var principal = try directory.principal(of: user, method: .session)
        if let code {
            try takeCode(code, userID: user.id, now: now)
            principal.secondFactorUntil = now.addingTimeInterval(policy.secondFactorLength)
        } else if policy.secondFactorAtLogIn, user.hasSecondFactor {
            try settle { db in try lockOut.takeBack(subjects, db) }
            throw .codeNeeded
        }
        let session = try makeSession(principal, address: address, now: now)
        try settle { db in
            try lockOut.clear(.name(name), db)
            // Not cleared: whoever has one name could otherwise try others without end.
            if let address { try lockOut.takeBack([.address(address)], db) }
        }
        return session
    }

    /// Begins a session for the user who is linked with the token's subject (`IdentityLink.external`). A second
    /// factor that was shown to the issuer counts as long as one that was shown to us; the policy's wish for one at
    /// each log-in is the issuer's to fulfil.
    public func logIn(
        token: VerifiedToken, address: String? = nil, now: Date = Date()
    ) throws(AccessError) -> NewSession {
        var principal = try authenticate(Credentials(token: token), now: now)
        guard principal.userID != nil else {
            throw .credentialsRefused(detail: "no user is linked with '\(token.subject)' of \(token.issuer)")
        }
        principal.method = .session
        return try makeSession(principal, address: address, now: now)
    }

    /// Checks a user's password again before an act that wants it; wrong ones count as in `logIn`.
    func checkPassword(_ password: String, of user: User, now: Date) throws(AccessError) {
        try lockOut.begin([.name(user.name)], now: now)
        guard password.utf8.count <= AccessControl.passwordBytesMax, try hasPassword(password, user) else {
            throw .credentialsRefused(detail: "a wrong password")
        }
        try settle { db in try lockOut.takeBack([.name(user.name)], db) }
    }

    /// Uses a code of the second factor up.
    func takeCode(_ code: String, userID: String, now: Date) throws(AccessError) {
        try lockOut.begin([.secondFactor(userID: userID)], now: now)
        try settle { db in
            guard try secondFactors.take(code, userID: userID, db, now: now) else {
                throw AccessError.secondFactorWrong
            }
            try lockOut.clear(.secondFactor(userID: userID), db)
        }
    }

    private func hasPassword(_ password: String, _ user: User?) throws(AccessError) -> Bool {
        let text = try unlessUnavailable { () throws(AccessStoreError) in
            try database.read { db in
                try db.row("SELECT password FROM users WHERE id = ?", [user?.id ?? ""])?.optionalText("password")
            }
        }
        let stored = text.flatMap(PasswordHash.init(text:))
        guard try passwords.matches(password, stored) else { return false }
        if let user, let text, let stored, passwords.isOutdated(stored) {
            // The cost was raised since it was stored. Where this cannot be written now, it will be another time.
            let dearer = try passwords.hash(password).text
            try? database.write { db in
                try db.execute(
                    "UPDATE users SET password = ? WHERE id = ? AND password = ?",
                    [dearer, user.id, text])
            }
        }
        return true
    }

    private func settle(_ change: (any StateTransaction) throws -> Void) throws(AccessError) {
        do {
            try database.state.write(change)
        } catch let error as AccessError {
            throw error
        } catch {
            throw .unavailable(detail: AccessStoreError(error, path: database.url.path).description)
        }
    }
}
