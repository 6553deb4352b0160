import Foundation

/// Sizes as disks and memory are sold.
enum Bytes {
    static func text(_ bytes: Int) -> String {
        let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        let (size, name) = units.first { Double(bytes) >= $0.0 } ?? (1, "B")
        return String(Double(bytes) / size, decimals: size == 1 ? 0 : 2) + " " + name
    }
}

extension String {
    init(_ number: Double, decimals: Int) { self = String(format: "%.\(decimals)f", number) }
}
