/// The text of a progress bar: label, bar, percentage, how fast and how long still.
package struct ProgressLine: Sendable {
    private let label: String
    private let fraction: Double
    private let rate: String?
    private let secondsLeft: Double?

    private static let barWidthMax = 30
    private static let barWidthMin = 5

    /// - Parameters:
    ///   - fraction: 0…1
    ///   - rate: `12 MB/s`, shown where it is known, and `secondsLeft` too.
    package init(label: String, fraction: Double, rate: String? = nil, secondsLeft: Double? = nil) {
        self.label = label
        self.fraction = fraction
        self.rate = rate
        self.secondsLeft = secondsLeft
    }

    /// The line in at most `width` cells. The bar gives way first, then the label.
    package func rendered(width: Int) -> String {
        guard width > 0 else { return "" }
        let figures =
            percentage + (rate.map { "  " + $0 } ?? "") + (secondsLeft.map { "  \(Self.time($0)) left" } ?? "")
        let forBar = width - label.displayWidth - figures.displayWidth - 4
        if forBar >= Self.barWidthMin {
            let barWidth = min(forBar, Self.barWidthMax)
            let filled = Int(fraction * Double(barWidth))
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
            return label + "  " + bar + "  " + figures
        }
        let forLabel = width - figures.displayWidth - 2
        if forLabel >= 1 { return label.truncated(toDisplayWidth: forLabel) + "  " + figures }
        return percentage.truncated(toDisplayWidth: width)
    }

    /// Rounded down: 100 % means done.
    private var percentage: String {
        let percent = String(Int(fraction * 100))
        return String(repeating: " ", count: max(0, 3 - percent.count)) + percent + " %"
    }

    /// `42 s`, `3:05`, `1:02:03`.
    package static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return ">100 h" }
        let whole = Int(seconds.rounded(.up))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
        return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
