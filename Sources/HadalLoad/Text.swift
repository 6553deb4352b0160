import Foundation

/// Numbers for people.
enum Text {
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        switch abs(value) {
        case 0: return "0"
        case ..<0.01: return String(format: "%.2g", value)
        case ..<10: return trimmed(String(format: "%.2f", value))
        case ..<100: return trimmed(String(format: "%.1f", value))
        default: return String(format: "%.0f", value)
        }
    }

    /// `p99.99`
    static func percentile(_ value: Double) -> String { "p" + String(format: "%g", value) }

    /// `0.25 s`, `12 ms`, `2 min`.
    static func seconds(_ value: Double) -> String {
        switch abs(value) {
        case ..<0.0000005: "0 s"
        case ..<0.001: number(value * 1e6) + " µs"
        case ..<1: number(value * 1e3) + " ms"
        case ..<300: number(value) + " s"
        default: number(value / 60) + " min"
        }
    }

    static func percent(_ share: Double) -> String { share.isFinite ? number(share * 100) + " %" : "–" }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
