/// How bad it is.
public enum AlertLevel: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable,
    Comparable
{
    case warning
    case serious
    case critical

    public static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// Where each level begins. Not every rule has every level.
public struct AlertThresholds: Sendable, Hashable {
    public enum Direction: String, Sendable, Hashable {
        case above = ">"
        case below = "<"
    }

    public let direction: Direction
    public let values: [AlertLevel: Double]

    public static func above(_ values: [AlertLevel: Double]) -> Self { Self(direction: .above, values: values) }
    public static func below(_ values: [AlertLevel: Double]) -> Self { Self(direction: .below, values: values) }

    /// Above 80 %, 90 % and 95 % of a limit.
    public static func of(limit: Double) -> Self {
        .above([.warning: limit * 0.8, .serious: limit * 0.9, .critical: limit * 0.95])
    }

    /// From the lowest level on.
    public var ordered: [(level: AlertLevel, value: Double)] {
        values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func isPassed(_ threshold: Double, by value: Double) -> Bool {
        direction == .above ? value > threshold : value < threshold
    }
}
