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
}
