import HadalJSON

/// An error as OpenAI's clients read it: a status and `{"error": {"message", "type", "param", "code"}}`.
public struct ErrorObject: Error, Sendable, Hashable, CustomStringConvertible {
    public var status: Int
    public var type: String
    /// Stable, for programs.
    public var code: String?
    /// The request's field at fault.
    public var field: String?
    /// For people.
    public var message: String
    /// The header `Retry-After`, where it is known better than "a moment".
    public var retrySeconds: Int?

    public init(
        status: Int, type: String, code: String? = nil, field: String? = nil, message: String, retrySeconds: Int? = nil
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.field = field
        self.message = message
        self.retrySeconds = retrySeconds
    }

    public static func invalidRequest(
        _ message: String, field: String? = nil, code: String? = nil, status: Int = 400
    ) -> ErrorObject {
        ErrorObject(status: status, type: "invalid_request_error", code: code, field: field, message: message)
    }

    public static func unavailable(_ message: String, code: String, status: Int = 503) -> ErrorObject {
        ErrorObject(status: status, type: "service_unavailable_error", code: code, message: message)
    }

    public static func server(_ message: String, code: String, status: Int = 500) -> ErrorObject {
        ErrorObject(status: status, type: "server_error", code: code, message: message)
    }

    public init(_ error: WireError) {
        let code =
            switch error {
            case .notJSON: "invalid_json"
            case .missing: "missing_field"
            case .unknown: "unknown_field"
            case .unsupported: "unsupported_field"
            case .wrongType, .outOfRange, .stream: "invalid_value"
            }
        self = .invalidRequest(error.description, field: error.field, code: code)
    }

    public var description: String { message }

    public var json: JSON {
        [
            "error": [
                "message": .string(message), "type": .string(type), "param": field.map(JSON.string) ?? .null,
                "code": code.map(JSON.string) ?? .null,
            ]
        ]
    }
}
