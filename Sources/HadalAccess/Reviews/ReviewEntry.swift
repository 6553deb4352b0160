import Foundation
import HadalJSON
import HadalState

/// What somebody asked that a person must allow first. Holds no part of its texts.
public struct ReviewQuestion: Sendable, Hashable {
    /// The request's: `chatcmpl-…`.
    public var id: String
    /// 32 bytes that tell what was asked and by whom.
    public var digest: Data
    public var tenant: String
    /// Who asked, as the audit names them, and their name for people.
    public var user: String
    public var userName: String
    public var model: String
    /// What was found, as `firewall=review;score=0.45`.
    public var verdicts: String
    public var time: Date

    public init(
        id: String, digest: Data, tenant: String, user: String, userName: String, model: String, verdicts: String,
        time: Date
    ) {
        self.id = id
        self.digest = digest
        self.tenant = tenant
        self.user = user
        self.userName = userName
        self.model = model
        self.verdicts = verdicts
        self.time = time
    }
}

/// A question in the store, and what became of it.
public struct ReviewEntry: Sendable, Hashable {
    /// Later ones have higher numbers.
    public var number: Int64
    public var question: ReviewQuestion
    /// nil: it waits.
    public var decision: Decision?

    public struct Decision: Sendable, Hashable {
        public var isAllowed: Bool
        /// `Principal.id` and `name`.
        public var by: String
        public var byName: String
        public var time: Date
        /// Until when it counts.
        public var expires: Date
    }

    init(_ row: StateRow) throws {
        number = try row.integer("number")
        question = ReviewQuestion(
            id: try row.text("id"), digest: try row.blob("digest"),
            tenant: try row.text("tenant"), user: try row.text("user"), userName: try row.text("user_name"),
            model: try row.text("model"), verdicts: try row.text("verdicts"), time: try row.time("time"))
        guard let isAllowed = try row.optionalBool("is_allowed") else { return }
        decision = Decision(
            isAllowed: isAllowed, by: try row.text("decided_by"), byName: try row.text("decided_by_name"),
            time: try row.time("decided"), expires: try row.time("expires"))
    }

    public var json: JSON {
        .compact([
            ("number", .int(number)), ("id", .string(question.id)), ("tenant", .string(question.tenant)),
            ("user", .string(question.user)), ("userName", .string(question.userName)),
            ("model", .string(question.model)), ("verdicts", .string(question.verdicts)),
            ("time", .time(question.time)),
            ("decision", decision.map { $0.isAllowed ? "allowed" : "refused" }),
            ("decidedBy", decision.map { .string($0.by) }), ("decidedByName", decision.map { .string($0.byName) }),
            ("decided", decision.map { .time($0.time) }), ("expires", decision.map { .time($0.expires) }),
        ])
    }
}
