import Foundation

/// What a rule's values are, for people to read.
public enum AlertUnit: Sendable, Hashable {
    case number
    /// 1 is all.
    case share
    case seconds
    case bytes

    func text(_ value: Double) -> String {
        guard value.isFinite else { return PromQL.number(value) }
        return switch self {
        case .number: Self.rounded(value)
        case .share: Self.rounded(value * 100) + " %"
        case .seconds: Self.time(value)
        case .bytes: ByteCountFormatStyle(style: .binary, locale: Locale(identifier: "en_US")).format(Int64(value))
        }
    }

    /// Three figures that count.
    private static func rounded(_ value: Double) -> String {
        guard abs(value) < 1000 else { return String(format: "%.0f", value) }
        return String(format: "%.3g", value)
    }

    private static func time(_ seconds: Double) -> String {
        for (unit, length) in [("days", 86_400.0), ("hours", 3600), ("minutes", 60)] where abs(seconds) >= 2 * length {
            return rounded(seconds / length) + " " + unit
        }
        return rounded(seconds) + " seconds"
    }

    /// The function of Prometheus' templates that does the same.
    var prometheusFunction: String {
        switch self {
        case .number: "humanize"
        case .share: "humanizePercentage"
        case .seconds: "humanizeDuration"
        case .bytes: "humanize1024"
        }
    }
}
