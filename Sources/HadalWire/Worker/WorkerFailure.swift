import HadalJSON

/// Why a worker refused or gave up a request. It answers with the code's status and `{"code", "field", "message"}`, or,
/// once a stream runs, sends the same as its last event.
public struct WorkerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable; the status a gateway's client gets follows from it.
    public enum Code: String, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case contextLengthExceeded = "context_length_exceeded"
        /// The model has no such ability: no chat template, not an encoder.
        case unsupported
        case notFound = "not_found"
        /// Who asks is no gateway.
        case forbidden
        case queueFull = "queue_full"
        /// It does already what it can do only once at a time.
        case busy
        /// The request waited longer than it may.
        case deadlineExceeded = "deadline_exceeded"
        /// The worker is going away and takes nothing new.
        case draining
        /// The generation was ended by the worker before it was done.
        case cancelled
        case `internal`

        public var status: Int {
            switch self {
            case .invalidRequest, .contextLengthExceeded, .unsupported: 400
            case .notFound: 404
            case .forbidden: 403
            case .busy: 409
            case .queueFull: 429
            case .draining, .cancelled, .deadlineExceeded: 503
            case .internal: 500
            }
        }
    }

    public var code: Code
    public var field: String?
    public var message: String
    /// After which it makes sense to try again, where that is known.
    public var retrySeconds: Int?

    public init(_ code: Code, _ message: String, field: String? = nil, retrySeconds: Int? = nil) {
        self.code = code
        self.field = field
        self.message = message
        self.retrySeconds = retrySeconds
    }

    public init(_ error: WireError) {
        self.init(.invalidRequest, error.description, field: error.field)
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        code = Code(rawValue: try fields.requiredString("code")) ?? .internal
        field = try fields.string("field")
        message = try fields.requiredString("message")
        retrySeconds = try fields.int("retry_seconds", in: 0...Int(Int32.max))
    }

    public var description: String { message }

    public var json: JSON {
        .compact([
            ("code", .string(code.rawValue)), ("field", field.map(JSON.string)), ("message", .string(message)),
            ("retry_seconds", retrySeconds.map { .int(Int64($0)) }),
        ])
    }
}

extension ErrorObject {
    /// What a gateway's client gets to read of a worker's failure.
    public init(_ failure: WorkerFailure) {
        let type =
            switch failure.code {
            case .invalidRequest, .contextLengthExceeded, .unsupported, .notFound, .busy: "invalid_request_error"
            case .queueFull: "rate_limit_error"
            case .draining, .cancelled, .deadlineExceeded: "service_unavailable_error"
            case .internal, .forbidden: "server_error"
            }
        guard failure.code != .forbidden else {
            // The client of a gateway did nothing that is forbidden.
            self.init(
                status: 502, type: type, code: "worker_refuses",
                message: "the model's worker refuses this server; the worker's log says why")
            return
        }
        self.init(
            status: failure.code.status, type: type, code: failure.code.rawValue, field: failure.field,
            message: failure.message, retrySeconds: failure.retrySeconds)
    }
}
