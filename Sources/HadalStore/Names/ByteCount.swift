/// Numbers of bytes as people read them: `17 B`, `1.4 GB`, in powers of 1000.
public enum ByteCount {
    private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

    public static func text(_ count: Int64) -> String {
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        let isWhole = unit == 0 || tenths >= 100
        return (isWhole ? "\(Int(value.rounded()))" : "\(tenths / 10).\(tenths % 10)") + " " + units[unit]
    }

    /// A whole number with B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024) or nothing; large or small
    /// letters.
    /// - Returns: nil where it is none, or more than 64 bits hold.
    public static func bytes(_ text: String) -> Int64? {
        guard let match = text.lowercased().wholeMatch(of: /([0-9]+) *(?:([kmgt]?)(i?)b)?/), let number = Int64(match.1)
        else { return nil }
        let base: Int64 = match.3 == "i" ? 1024 : 1000
        guard let prefix = match.2, !prefix.isEmpty else { return match.3 == "i" ? nil : number }
        let power = ["k", "m", "g", "t"].firstIndex(of: String(prefix))! + 1
        let (bytes, overflows) = number.multipliedReportingOverflow(
            by: (0..<power).reduce(1) { size, _ in size * base })
        return overflows ? nil : bytes
    }
}
