import Foundation
import HadalState

/// One item of a labelled set, as a version answered it.
public struct LabelledAnswer: Sendable, Hashable {
    public var version: Int
    /// The item's identifier in the set: a later answer takes the earlier one's place.
    public var item: String
    public var actual: String
    public var predicted: String

    public init(version: Int, item: String, actual: String, predicted: String) {
        self.version = version
        self.item = item
        self.actual = actual
        self.predicted = predicted
    }
}

enum LabelTable {
    static let classMax = 200

    static func put(_ db: any StateTransaction, _ answers: [LabelledAnswer], rollout: Int64) throws {
        for answer in answers {
            for (field, text) in [("item", answer.item), ("actual", answer.actual), ("predicted", answer.predicted)] {
                guard !text.isEmpty, text.utf8.count <= 200 else {
                    throw ReleaseError.invalid(field: field, problem: "must have 1 to 200 bytes")
                }
            }
            try db.execute(
                """
                INSERT INTO labels VALUES (?, ?, ?, ?, ?) ON CONFLICT (rollout, version, item)
                DO UPDATE SET actual = excluded.actual, predicted = excluded.predicted
                """,
                [rollout, answer.version, answer.item, answer.actual, answer.predicted])
        }
        let row = try db.row(
            """
            SELECT count(*) AS number FROM (SELECT actual FROM labels WHERE rollout = ?1
            UNION SELECT predicted FROM labels WHERE rollout = ?1) AS classes
            """, [rollout])
        guard try row?.int("number") ?? 0 <= classMax else {
            throw ReleaseError.tooMuch(
                of: "classes", limit: classMax, advice: "name one class for all answers that are none")
        }
    }

    static func matrix(_ db: any StateTransaction, _ rollout: Int64, version: Int) throws -> ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for row in try db.rows(
            """
            SELECT actual, predicted, count(*) AS number FROM labels WHERE rollout = ? AND version = ?
            GROUP BY actual, predicted
            """, [rollout, version])
        {
            matrix.add(
                actual: try row.text("actual"), predicted: try row.text("predicted"), count: try row.int("number"))
        }
        return matrix
    }
}
