/// How much is left of the limits per minute, for the headers that OpenAI's clients read: of all scopes of a request
/// the one of which least is left.
public struct RateLimitStatus: Sendable, Hashable {
    public struct Window: Sendable, Hashable {
        public var limit: Int
        public var remaining: Int
        /// Until all of it is there again.
        public var reset: Duration
    }

    /// nil: no scope has such a limit.
    public var requests: Window?
    public var tokens: Window?

    static func tighter(_ left: Window?, _ right: Window) -> Window {
        guard let left, (left.remaining, left.limit) <= (right.remaining, right.limit) else { return right }
        return left
    }

    /// Names in lower case and values. Nothing for what has no limit.
    public var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (name, window) in [("requests", requests), ("tokens", tokens)] {
            guard let window else { continue }
            headers.append(("x-ratelimit-limit-\(name)", String(window.limit)))
            headers.append(("x-ratelimit-remaining-\(name)", String(window.remaining)))
            headers.append(("x-ratelimit-reset-\(name)", RateLimitStatus.text(window.reset)))
        }
        return headers
    }

    /// As OpenAI writes times, which is Go's way: `0s`, `20ms`, `1.5s`, `6m0s`, `1h0m3s`. Rounded up to ms.
    public static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = max(
            0, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
        if milliseconds == 0 { return "0s" }
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let (whole, part) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let (minutes, second) = whole.quotientAndRemainder(dividingBy: 60)
        var text = String(second)
        if part > 0 {
            text += "." + String(1000 + part).dropFirst()
            while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        }
        text += "s"
        if minutes > 0 { text = "\(minutes % 60)m" + text }
        if minutes >= 60 { text = "\(minutes / 60)h" + text }
        return text
    }
}
