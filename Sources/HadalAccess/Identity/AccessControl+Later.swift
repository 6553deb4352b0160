import Foundation

extension AccessControl {
    /// What somebody who asked for something earlier may do now, for work that goes on without them. What a token said counts
    /// as long as its tenant does.
    /// - Throws: where they may do nothing any more: disabled, revoked, expired, removed.
    public func current(_ earlier: Principal, now: Date = Date()) throws(AccessError) -> Principal {
        let directory = try directory()
        if let id = earlier.keyID {
            guard let key = directory.key(id: id)?.key else { throw .credentialsRefused(detail: "the key is no more") }
            return try directory.principal(of: key, now: now)
        }
        if let id = earlier.userID {
            guard let user = directory.users[id] else { throw .credentialsRefused(detail: "the user is no more") }
            return try directory.principal(of: user, method: earlier.method)
        }
        if earlier.method == .open, !opensWhenEmpty || !directory.isEmpty { throw .credentialsNeeded }
        _ = try directory.enabledTenant(earlier.tenant)
        return earlier
    }
}
