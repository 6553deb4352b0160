import Foundation

/// Where finished lines go. Used by one thread alone.
protocol LogPlace: AnyObject {
    /// - Throws: `LogError`; the lines are lost.
    func write(_ records: [LogRecord]) throws
}

/// An event as it is written.
struct LogRecord: Sendable {
    /// As syslog counts them (RFC 5424): 2 critical … 7 debug.
    var severity: Int
    /// Without a line feed.
    var line: String
    /// For places that keep members apart.
    var message: String
    var metadata: [(name: String, value: String)]
}

/// Why a log cannot be written.
public enum LogError: Error, Sendable, Hashable, CustomStringConvertible {
    case system(path: String, operation: String, code: Int32)

    public var description: String {
        switch self {
        case .system(let path, let operation, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code))); events go to standard error meanwhile"
        }
    }
}
