import HTTPTypes
import Logging

/// What a request is called, in its answer's `x-request-id` and in every event that is logged while it is answered.
public enum RequestIdentity {
    private static let lengthMax = 64

    @TaskLocal static var current: String?

    /// For `LoggingSystem.bootstrap`.
    public static let metadata = Logger.MetadataProvider { current.map { ["request_id": .string($0)] } ?? [:] }

    /// The client's own where it gives one that may stand in logs; else one of chance.
    static func make(_ headers: HTTPFields) -> String {
        if let given = headers[.requestID], (1...lengthMax).contains(given.utf8.count),
            given.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
        {
            return given
        }
        return RequestID.make("req")
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
}
