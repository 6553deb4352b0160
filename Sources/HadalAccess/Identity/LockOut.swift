import Foundation
import HadalState

/// Counts attempts on passwords and second factors and locks what was tried too often. An attempt counts before it is
/// checked and is taken back when it was right, so that many at once get no further than one after the other.
struct LockOut: Sendable {
    enum Subject: Sendable {
        /// Whether there is such a user or not.
        case name(String)
        case secondFactor(userID: String)
        case address(String)

        /// Hashed: people type passwords where names belong.
        var row: Data {
            switch self {
            case .name(let name): Secret.hash("name:\(name.lowercased())")
            case .secondFactor(let userID): Secret.hash("code:\(userID)")
            case .address(let address): Secret.hash("address:\(Subject.group(address))")
            }
        }

        /// Which addresses count as one: of IPv6 the network of 64 bits, all of whose addresses its owner can use as
        /// they like (RFC 6177).
        private static func group(_ address: String) -> String {
            guard let parsed = IPAddress(address) else { return address }
            return parsed.isIPv4 ? parsed.description : "\(String(parsed.high, radix: 16))/64"
        }
    }

    let database: AccessDatabase
    let policy: AccessPolicy

    /// Counts an attempt on all of them, or on none where one is locked.
    func begin(_ subjects: [Subject], now: Date) throws(AccessError) {
        let remaining = try unlessUnavailable { () throws(AccessStoreError) in
            try database.write { db in
                try forgetOld(db, now)
                for subject in subjects {
                    if let seconds = try secondsLocked(subject, db, now) { return seconds as Int? }
                }
                for subject in subjects { try count(subject, db, now) }
                return nil
            }
        }
        if let remaining { throw .lockedOut(seconds: remaining) }
    }

    /// Takes back one attempt, which was not wrong.
    func takeBack(_ subjects: [Subject], _ db: any StateTransaction) throws {
        for subject in subjects {
            try db.execute(
                """
                UPDATE attempts SET count = count - 1,
                    locked_until = CASE WHEN count <= ? THEN NULL ELSE locked_until END
                WHERE subject = ?
                """, [limit(subject), subject.row])
        }
    }

    /// All attempts are forgotten.
    func clear(_ subject: Subject, _ db: any StateTransaction) throws {
        try db.execute("DELETE FROM attempts WHERE subject = ?", [subject.row])
    }

    private func limit(_ subject: Subject) -> Int {
        switch subject {
        case .name, .secondFactor: policy.attemptsPerName
        case .address: policy.attemptsPerAddress
        }
    }

    private func forgetOld(_ db: any StateTransaction, _ now: Date) throws {
        let time = now.timeIntervalSince1970
        // Where the clock was set back, nobody stays locked for longer than if it had been now.
        try db.execute(
            """
            UPDATE attempts SET began = CASE WHEN began > ?1 THEN ?1 ELSE began END,
                locked_until = CASE WHEN locked_until > ?2 THEN ?2 ELSE locked_until END
            WHERE began > ?1 OR locked_until > ?2
            """, [time, time + policy.lockLength])
        try db.execute(
            "DELETE FROM attempts WHERE COALESCE(locked_until <= ?, began <= ?)",
            [time, time - policy.attemptWindow])
    }

    private func secondsLocked(_ subject: Subject, _ db: any StateTransaction, _ now: Date) throws -> Int? {
        let row = try db.row("SELECT locked_until FROM attempts WHERE subject = ?", [subject.row])
        guard let until = try row?.optionalReal("locked_until") else { return nil }
        return Int((until - now.timeIntervalSince1970).rounded(.up))
    }

    private func count(_ subject: Subject, _ db: any StateTransaction, _ now: Date) throws {
        let time = now.timeIntervalSince1970
        try db.execute(
            """
            INSERT INTO attempts (subject, count, began) VALUES (?, 1, ?)
            ON CONFLICT (subject) DO UPDATE SET count = attempts.count + 1
            """, [subject.row, time])
        try db.execute(
            "UPDATE attempts SET locked_until = ? WHERE subject = ? AND count >= ?",
            [time + policy.lockLength, subject.row, limit(subject)])
    }
}
