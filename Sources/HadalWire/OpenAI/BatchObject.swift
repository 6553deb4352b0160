import HadalJSON

/// The body of `POST /v1/batches`.
public struct BatchRequest: Sendable, Hashable {
    public static let endpoints = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"]

    public var inputFile: String
    public var endpoint: String
    public var metadata: JSON?

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        inputFile = try fields.requiredString("input_file_id")
        endpoint = try fields.requiredString("endpoint")
        guard Self.endpoints.contains(endpoint) else {
            throw .outOfRange(field: "endpoint", expected: "one of \(Self.endpoints.joined(separator: ", "))")
        }
        guard try fields.requiredString("completion_window") == "24h" else {
            throw .outOfRange(field: "completion_window", expected: "\"24h\"")
        }
        metadata = fields.value("metadata")
        if let metadata, metadata.object == nil { throw .wrongType(field: "metadata", expected: "an object") }
        fields.ignore(["output_expires_after"])
        try fields.finish()
    }
}

/// A batch as `/v1/batches` tells of it, and as it is kept.
public struct BatchObject: Sendable, Hashable {
    public enum Status: String, Sendable, CaseIterable {
        case validating, failed, finalizing, completed, expired, cancelling, cancelled
        case inProgress = "in_progress"

        /// Whether something is still to be done.
        public var isOpen: Bool {
            switch self {
            case .validating, .inProgress, .finalizing, .cancelling: true
            case .failed, .completed, .expired, .cancelled: false
            }
        }
    }

    /// What is wrong with the input, and in which of its lines (from 1).
    public struct Problem: Sendable, Hashable {
        public var code: String
        public var message: String
        public var field: String?
        public var line: Int?

        public init(code: String, message: String, field: String? = nil, line: Int? = nil) {
            self.code = code
            self.message = message
            self.field = field
            self.line = line
        }
    }

    public static let secondsMax = 24 * 3600

    public var id: String
    public var endpoint: String
    public var inputFile: String
    public var metadata: JSON?
    public private(set) var status = Status.validating
    public var problems: [Problem] = []
    public var outputFile: String?
    public var errorFile: String?
    public var total = 0
    public var completed = 0
    public var failed = 0
    /// Seconds since 1970 at which each status came, and `expires_at`.
    private var times: [String: Int]

    public init(id: String, _ request: BatchRequest, now: Int) {
        self.id = id
        endpoint = request.endpoint
        inputFile = request.inputFile
        metadata = request.metadata
        times = ["created_at": now, "expires_at": now + Self.secondsMax]
    }

    public var created: Int { times["created_at"] ?? 0 }
    public var expires: Int { times["expires_at"] ?? Int.max }

    public mutating func enter(_ status: Status, now: Int) {
        self.status = status
        times[status.rawValue + "_at"] = now
    }

    private static let timeNames =
        ["created_at", "expires_at"] + Status.allCases.filter { $0 != .validating }.map { $0.rawValue + "_at" }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        id = try fields.requiredString("id")
        endpoint = try fields.requiredString("endpoint")
        inputFile = try fields.requiredString("input_file_id")
        metadata = fields.value("metadata")
        guard let status = Status(rawValue: try fields.requiredString("status")) else {
            throw .outOfRange(field: "status", expected: "a status of a batch")
        }
        self.status = status
        outputFile = try fields.string("output_file_id")
        errorFile = try fields.string("error_file_id")
        times = [:]
        for name in Self.timeNames { times[name] = try fields.int(name, in: 0...Int.max) }
        let counts = 0...Int.max
        var count = try FieldReader(fields.value("request_counts") ?? [:], at: "request_counts")
        total = try count.int("total", in: counts) ?? 0
        completed = try count.int("completed", in: counts) ?? 0
        failed = try count.int("failed", in: counts) ?? 0
        for (index, element) in (fields.value("errors")?["data"]?.array ?? []).enumerated() {
            var problem = try FieldReader(element, at: "errors.data[\(index)]")
            problems.append(
                Problem(
                    code: try problem.requiredString("code"), message: try problem.requiredString("message"),
                    field: try problem.string("param"), line: try problem.int("line", in: counts)))
        }
    }

    public var json: JSON {
        let errors = problems.map { problem -> JSON in
            [
                "code": .string(problem.code), "message": .string(problem.message),
                "param": problem.field.map(JSON.string) ?? .null, "line": problem.line.map { .int(Int64($0)) } ?? .null,
            ]
        }
        return .object(
            JSON.Object(
                [
                    ("id", .string(id)), ("object", "batch"), ("endpoint", .string(endpoint)),
                    ("errors", errors.isEmpty ? .null : ["object": "list", "data": .array(errors)]),
                    ("input_file_id", .string(inputFile)), ("completion_window", "24h"),
                    ("status", .string(status.rawValue)), ("output_file_id", outputFile.map(JSON.string) ?? .null),
                    ("error_file_id", errorFile.map(JSON.string) ?? .null),
                ] + Self.timeNames.map { ($0, times[$0].map { .int(Int64($0)) } ?? .null) } + [
                    (
                        "request_counts",
                        [
                            "total": .int(Int64(total)), "completed": .int(Int64(completed)),
                            "failed": .int(Int64(failed)),
                        ]
                    ), ("metadata", metadata ?? .null),
                ]))
    }
}

/// A line of a batch's input.
public struct BatchLine: Sendable, Hashable {
    public var customID: String
    public var body: JSON

    /// - Throws: where it is no request to `endpoint`, or would stream.
    public init(_ json: JSON, endpoint: String) throws(WireError) {
        var fields = try FieldReader(json)
        customID = try fields.requiredString("custom_id")
        guard try fields.requiredString("method") == "POST" else {
            throw .outOfRange(field: "method", expected: "\"POST\"")
        }
        guard try fields.requiredString("url") == endpoint else {
            throw .outOfRange(field: "url", expected: "the batch's endpoint, \(endpoint)")
        }
        body = try fields.required("body")
        guard body.object != nil else { throw .wrongType(field: "body", expected: "an object") }
        guard body["stream"]?.bool != true else {
            throw .unsupported(field: "body.stream", problem: "answers of a batch are not streamed")
        }
        try fields.finish()
    }

    /// What became of it, as a line of the output.
    public func result(id: String, status: Int, body: JSON) -> JSON {
        [
            "id": .string(id), "custom_id": .string(customID),
            "response": ["status_code": .int(Int64(status)), "request_id": .string(id), "body": body], "error": .null,
        ]
    }
}
