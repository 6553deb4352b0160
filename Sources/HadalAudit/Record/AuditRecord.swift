import Foundation
import HadalJSON

/// One entry of the audit trail: what was done, by whom, from where, with what outcome. Texts of requests and answers
/// are not in it; it refers to them (`ContentReference`), so that they can be erased without it.
public struct AuditRecord: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A request to a model.
        case request
        /// An act of administration.
        case act
        case logIn = "log-in"
        /// What the server and the trail itself do: start, loss, retention, erasure.
        case system
    }

    public var kind: Kind
    /// Of its own, whatever the sequence number will be; a UUID where the caller gives none.
    public var id: String
    /// From 1 on without a gap; 0 until it was recorded.
    public internal(set) var sequence: UInt64 = 0
    /// UTC, nanoseconds since 1970.
    public var time: Int64
    public var requestID: String?
    public var tenant: String?
    public var user: String?
    /// The id of the API key, never the key.
    public var key: String?
    public var address: String?
    /// What was done, as `user.create`; of requests the route.
    public var action: String?
    /// To whom or what.
    public var target: String?
    public var model: String?
    /// SHA-256 of the model's files or what else pins it.
    public var modelDigest: String?
    /// As the model was asked: temperature, limits, format.
    public var parameters: JSON?
    public var seed: UInt64?
    public var tokens: AuditTokens?
    public var timings: AuditTimings?
    /// What filters and rules found.
    public var verdicts: JSON?
    /// What has no member of its own.
    public var details: JSON?
    public internal(set) var input: ContentReference?
    public internal(set) var output: ContentReference?
    /// `ok`, `refused`, `failed` or what the caller finds apt.
    public var outcome: String

    public init(
        _ kind: Kind, outcome: String, id: String = UUID().uuidString.lowercased(), time: Int64 = AuditTime.now()
    ) {
        self.kind = kind
        self.outcome = outcome
        self.id = id
        self.time = time
    }
}

/// Tokens of a request.
public struct AuditTokens: Sendable, Hashable {
    public var prompt: Int
    /// Of those, taken from the cache.
    public var cached: Int
    public var completion: Int
    /// Of those, reasoning.
    public var reasoning: Int

    public init(prompt: Int = 0, cached: Int = 0, completion: Int = 0, reasoning: Int = 0) {
        self.prompt = prompt
        self.cached = cached
        self.completion = completion
        self.reasoning = reasoning
    }
}

/// Nanoseconds.
public struct AuditTimings: Sendable, Hashable {
    /// Until it was begun.
    public var queued: Int64?
    /// Until the first token.
    public var firstToken: Int64?
    public var total: Int64?

    public init(queued: Int64? = nil, firstToken: Int64? = nil, total: Int64? = nil) {
        self.queued = queued
        self.firstToken = firstToken
        self.total = total
    }
}

public enum AuditTime {
    /// Nanoseconds since 1970, UTC.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// RFC 3339 in UTC with `digits` digits behind the point (0 to 9).
    public static func text(_ time: Int64, digits: Int = 9) -> String {
        var (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000_000) }
        let whole = Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
        guard digits > 0 else { return whole }
        let nanoseconds = String(1_000_000_000 + rest).dropFirst()
        return whole.dropLast() + "." + nanoseconds.prefix(digits) + "Z"
    }
}
