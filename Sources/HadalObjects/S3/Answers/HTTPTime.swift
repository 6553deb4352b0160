import Foundation

/// Times as servers write them.
enum HTTPTime {
    /// `Wed, 12 Oct 2009 17:50:00 GMT` (RFC 9110, 5.6.7).
    static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)
    }

    /// `2009-10-12T17:50:30.000Z`
    static func iso8601(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    /// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
    static func wait(_ text: String?, now: Date) -> Duration? {
        guard let text else { return nil }
        if let seconds = Int(text) { return .seconds(max(0, min(86_400, seconds))) }
        return date(text).map { .seconds(max(0, min(86_400, $0.timeIntervalSince(now)))) }
    }
}
