/// The text of a progress bar: label, bar, percentage, and for bytes how many, how fast and how long still.
package struct ProgressLine: Sendable {
    package var label: String
    /// 0…1
    package var fraction: Double
    package var bytesPerSecond: Double?
    package var totalBytes: Int64?

    package init(label: String, fraction: Double, bytesPerSecond: Double? = nil, totalBytes: Int64? = nil) {
        self.label = label
        self.fraction = fraction
        self.bytesPerSecond = bytesPerSecond
        self.totalBytes = totalBytes
    }

    private static let barWidthMax = 30
    private static let barWidthMin = 5

    /// The line in at most `width` cells. The bar gives way first, then the label.
    package func rendered(width: Int) -> String {
        guard width > 0 else { return "" }
        var figures = percentage
        if let totalBytes {
            let done = Int64((fraction * Double(totalBytes)).rounded())
            figures += "  \(ByteCount.text(done))/\(ByteCount.text(totalBytes))"
            if let bytesPerSecond, bytesPerSecond >= 1 {
                figures += "  \(ByteCount.text(Int64(min(bytesPerSecond, 1e18))))/s"
                let seconds = Double(totalBytes - done) / bytesPerSecond
                if done < totalBytes { figures += "  \(Self.time(seconds)) left" }
            }
        }
        let figuresWidth = figures.displayWidth
        let forBar = width - label.displayWidth - figuresWidth - 4
        if forBar >= Self.barWidthMin {
            let barWidth = min(forBar, Self.barWidthMax)
            let filled = Int(fraction * Double(barWidth))
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
            return label + "  " + bar + "  " + figures
        }
        let forLabel = width - figuresWidth - 2
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

/// Byte counts as people read them, in powers of 1024.
public enum ByteCount {
    /// `512 B`, `1.5 KiB`, `23.4 MiB`, `671.0 GiB`.
    public static func text(_ bytes: Int64) -> String {
        if bytes.magnitude < 1024 { return "\(bytes) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(bytes) / 1024
        var unit = 0
        // 1023.95 would be shown as 1024.0.
        while abs(value) >= 1023.95, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return "\(decimal(value, places: 1)) \(units[unit])"
    }
}

/// A number with a fixed count of decimals and a point, whatever the locale.
func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = "\(scaled / Int64(scale))"
    let fraction = "\(scaled % Int64(scale))"
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places == 0 { return sign + whole }
    return sign + whole + "." + String(repeating: "0", count: places - fraction.count) + fraction
}
