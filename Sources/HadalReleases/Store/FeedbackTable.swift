import Foundation
import HadalState

enum FeedbackTable {
    /// Metrics of one rollout.
    static let metricMax = 50

    static func put(_ db: any StateTransaction, _ feedback: Feedback, rollout: Int64) throws {
        let row = try db.row(
            "SELECT is_binary FROM feedback WHERE rollout = ? AND metric = ? LIMIT 1", [rollout, feedback.metric])
        if let isBinary = try row?.bool("is_binary") {
            guard isBinary == feedback.value.isBinary else {
                throw ReleaseError.invalid(
                    field: "value",
                    problem: "\(feedback.metric) was \(isBinary ? "true or false" : "a number") until now; "
                        + "give such a value, or another metric's name")
            }
        } else {
            let row = try db.row(
                "SELECT count(DISTINCT metric) AS number FROM feedback WHERE rollout = ?", [rollout])
            guard try row?.int("number") ?? 0 < metricMax else {
                throw ReleaseError.tooMuch(
                    of: "metrics of a rollout", limit: metricMax, advice: "use one of those that are there")
            }
        }
        try db.execute(
            """
            INSERT INTO feedback (rollout, metric, request, version, subject, value, is_binary, time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (rollout, metric, request) DO UPDATE SET version = excluded.version,
                subject = excluded.subject, value = excluded.value, is_binary = excluded.is_binary,
                time = excluded.time
            """,
            [
                rollout, feedback.metric, feedback.request, feedback.version, feedback.subject,
                feedback.value.number, feedback.value.isBinary, feedback.time.timeIntervalSince1970,
            ])
    }

    static func metrics(_ db: any StateTransaction, _ rollout: Int64) throws -> [String] {
        try db.rows("SELECT DISTINCT metric FROM feedback WHERE rollout = ? ORDER BY metric", [rollout])
            .map { try $0.text("metric") }
    }

    /// - Parameter since: what was said before is left out.
    static func sample(
        _ db: any StateTransaction, _ rollout: Int64, metric: String, version: Int, since: Date = .distantPast
    ) throws -> MetricSample {
        var sample = MetricSample()
        var subject: String?
        var mine = Moments()
        try db.each(
            """
            SELECT value, is_binary, subject FROM feedback
            WHERE rollout = ? AND metric = ? AND version = ? AND time >= ? ORDER BY subject, request
            """,
            [rollout, metric, version, since.timeIntervalSince1970]
        ) { row in
            let value = try row.real("value")
            let next = try row.text("subject")
            if next != subject {
                if mine.count > 0 { sample.subjects.add(mine.mean) }
                (subject, mine) = (next, Moments())
            }
            mine.add(value)
            sample.values.add(value)
            sample.isBinary = try row.bool("is_binary")
        }
        if mine.count > 0 { sample.subjects.add(mine.mean) }
        return sample
    }
}
