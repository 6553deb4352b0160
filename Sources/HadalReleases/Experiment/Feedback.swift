import Foundation

/// What somebody said, or a business system measured, of one answer.
public struct Feedback: Sendable, Hashable {
    public enum Value: Sendable, Hashable {
        case binary(Bool)
        case numeric(Double)

        var number: Double {
            switch self {
            case .binary(let value): value ? 1 : 0
            case .numeric(let value): value
            }
        }

        var isBinary: Bool {
            if case .binary = self { true } else { false }
        }
    }

    /// The request's identifier: a later value of the same metric takes the earlier one's place.
    public var request: String
    /// Which version answered it.
    public var version: Int
    /// The user or tenant, by whom the test is sticky.
    public var subject: String
    /// As `score` or `case_solved`.
    public var metric: String
    public var value: Value
    public var time: Date

    public init(request: String, version: Int, subject: String, metric: String, value: Value, time: Date) {
        self.request = request
        self.version = version
        self.subject = subject
        self.metric = metric
        self.value = value
        self.time = time
    }

    func check() throws(ReleaseError) {
        for (field, text) in [("request", request), ("subject", subject), ("metric", metric)] {
            guard !text.isEmpty, text.utf8.count <= 200 else {
                throw .invalid(field: field, problem: "must have 1 to 200 bytes")
            }
        }
        guard value.number.isFinite, abs(value.number) <= 1e12 else {
            throw .invalid(field: "value", problem: "must be a number of at most 10¹² in size")
        }
    }
}
