import Foundation
import HadalState

/// Authenticators and recovery codes of users. All of it runs within a transaction of the caller, so that a code
/// counts once even where two requests show it at the same moment.
struct SecondFactors: Sendable {
    private let key: SealingKey

    init(data: URL) { key = SealingKey(data: data) }

    /// Takes a code of the user's authenticator, or one of the recovery codes, and uses it up.
    /// - Returns: whether it was right and not used before.
    func take(_ code: String, userID: String, _ db: any StateTransaction, now: Date) throws -> Bool {
        if let hash = RecoveryCode.hash(code) {
            return try db.executeCounting("DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?", [userID, hash])
                == 1
        }
        return try takeTimeCode(code, "secret", userID, db, now: now)
    }

    /// A new secret, which counts once a first code of it was shown. One that is set up counts until then.
    func begin(_ userID: String, _ db: any StateTransaction) throws -> Data {
        let secret = TimeCode.makeSecret()
        let isFirst = try db.row("SELECT 1 FROM second_factors") == nil
        let sealed = try key.seal(secret, owner: userID, isFirst: isFirst)
        try db.execute(
            """
            INSERT INTO second_factors (user_id, pending) VALUES (?, ?)
            ON CONFLICT (user_id) DO UPDATE SET pending = excluded.pending
            """, [userID, sealed])
        return secret
    }

    func hasBegun(_ userID: String, _ db: any StateTransaction) throws -> Bool {
        try db.row("SELECT 1 FROM second_factors WHERE user_id = ? AND pending IS NOT NULL", [userID]) != nil
    }

    /// - Returns: whether the code was one of the new secret, which then counts.
    func confirm(_ code: String, userID: String, _ db: any StateTransaction, now: Date) throws -> Bool {
        guard try takeTimeCode(code, "pending", userID, db, now: now) else { return false }
        try db.execute(
            "UPDATE second_factors SET secret = pending, pending = NULL WHERE user_id = ?", [userID])
        return true
    }

    /// Ten new ones in place of those that are left.
    func renewRecoveryCodes(_ userID: String, _ db: any StateTransaction) throws -> [String] {
        try db.execute("DELETE FROM recovery_codes WHERE user_id = ?", [userID])
        return try (0..<RecoveryCode.count).map { _ in
            let code = RecoveryCode.make()
            try db.execute(
                "INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)",
                [userID, RecoveryCode.hash(code)])
            return code
        }
    }

    func remove(_ userID: String, _ db: any StateTransaction) throws {
        try db.execute("DELETE FROM second_factors WHERE user_id = ?", [userID])
        try db.execute("DELETE FROM recovery_codes WHERE user_id = ?", [userID])
    }

    private func takeTimeCode(
        _ code: String, _ column: String, _ userID: String, _ db: any StateTransaction, now: Date
    ) throws -> Bool {
        guard code.utf8.count == TimeCode.digits,
            let row = try db.row(
                "SELECT \(column) AS sealed, last_step FROM second_factors WHERE user_id = ?",
                [userID]),
            let sealed = try row.optionalBlob("sealed")
        else { return false }
        let secret = try key.open(sealed, owner: userID)
        // A new secret is another; its codes were never used.
        let last = column == "secret" ? try row.integer("last_step") : 0
        guard let step = TimeCode.matchingStep(code, secret, after: last, now: now) else { return false }
        try db.execute(
            "UPDATE second_factors SET last_step = ? WHERE user_id = ?", [step, userID])
        return true
    }
}
