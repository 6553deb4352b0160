import Foundation

extension Value {
    static func power(of exponent: Int) -> Double { pow(10, Double(exponent)) }

    /// Python's `round`: correctly rounded in decimal, halves to even.
    static func rounded(_ value: Double, to digits: Int) -> Double {
        guard value.isFinite else { return value }
        if digits >= 0 { return Double(String(format: "%.\(min(digits, 320))f", value)) ?? value }
        let scale = power(of: -digits)
        return (value / scale).rounded(.toNearestOrEven) * scale
    }

    /// `float(text)`: white space around and single underscores between digits are allowed.
    static func number(parsing text: String) -> Double? {
        let trimmed = text.stripped(of: nil)
        guard !trimmed.utf8.contains(UInt8(ascii: "x")), !trimmed.utf8.contains(UInt8(ascii: "X")),
            !trimmed.utf8.contains(UInt8(ascii: "p"))
        else { return nil }
        return Double(trimmed.replacing("_", with: ""))
    }
}
