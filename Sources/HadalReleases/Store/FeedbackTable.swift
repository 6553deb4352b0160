import Foundation
import GRDB

enum FeedbackTable {
    /// Metrics of one rollout.
    static let metricMax = 50

    static func put(_ db: Database, _ feedback: Feedback, rollout: Int64) throws {
        let kinds = try Bool.fetchAll(
            db, sql: "SELECT is_binary FROM feedback WHERE rollout = ? AND metric = ? LIMIT 1",
            arguments: [rollout, feedback.metric])
        if let isBinary = kinds.first {
            guard isBinary == feedback.value.isBinary else {
                throw ReleaseError.invalid(
                    field: "value",
                    problem: "\(feedback.metric) was \(isBinary ? "true or false" : "a number") until now; "
                        + "give such a value, or another metric's name")
            }
        } else {
            let metrics = try Int.fetchOne(
                db, sql: "SELECT count(DISTINCT metric) FROM feedback WHERE rollout = ?", arguments: [rollout])
            guard metrics ?? 0 < metricMax else {
                throw ReleaseError.tooMuch(
                    of: "metrics of a rollout", limit: metricMax, advice: "use one of those that are there")
            }
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                rollout, feedback.metric, feedback.request, feedback.version, feedback.subject,
                feedback.value.number, feedback.value.isBinary, feedback.time.timeIntervalSince1970,
            ])
    }

    static func metrics(_ db: Database, _ rollout: Int64) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT DISTINCT metric FROM feedback WHERE rollout = ? ORDER BY metric", arguments: [rollout])
    }

    /// - Parameter since: what was said before is left out.
    static func sample(
        _ db: Database, _ rollout: Int64, metric: String, version: Int, since: Date = .distantPast
    ) throws -> MetricSample {
        var sample = MetricSample()
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT value, is_binary, subject FROM feedback
                WHERE rollout = ? AND metric = ? AND version = ? AND time >= ? ORDER BY subject, request
                """,
            arguments: [rollout, metric, version, since.timeIntervalSince1970])
        var subject: String?
        var mine = Moments()
        while let row = try rows.next() {
            let value = try row.decode(Double.self, forColumn: "value")
            let next = try row.text("subject")
            if next != subject {
                if mine.count > 0 { sample.subjects.add(mine.mean) }
                (subject, mine) = (next, Moments())
            }
            mine.add(value)
            sample.values.add(value)
            sample.isBinary = try row.decode(Bool.self, forColumn: "is_binary")
        }
        if mine.count > 0 { sample.subjects.add(mine.mean) }
        return sample
    }
}
