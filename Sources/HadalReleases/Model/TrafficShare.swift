/// A part of the requests, in hundredths of a percent: whole numbers, so that shares add up exactly.
public struct TrafficShare: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// 0 to 10 000.
    public let basisPoints: Int

    public static let none = TrafficShare(unchecked: 0)
    public static let half = TrafficShare(unchecked: 5000)
    public static let all = TrafficShare(unchecked: 10_000)

    /// - Returns: nil outside 0 to 10 000.
    public init?(basisPoints: Int) {
        guard (0...10_000).contains(basisPoints) else { return nil }
        self.basisPoints = basisPoints
    }

    /// - Parameter percent: rounded to hundredths.
    /// - Returns: nil outside 0 to 100.
    public init?(percent: Double) {
        guard percent.isFinite, (0...100).contains(percent) else { return nil }
        self.init(basisPoints: Int((percent * 100).rounded()))
    }

    init(unchecked basisPoints: Int) { self.basisPoints = basisPoints }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let share = TrafficShare(basisPoints: try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a share is 0 to 10 000")
        }
        self = share
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(basisPoints)
    }

    public var percent: Double { Double(basisPoints) / 100 }
    public var rest: TrafficShare { TrafficShare(unchecked: 10_000 - basisPoints) }

    public static func < (left: TrafficShare, right: TrafficShare) -> Bool { left.basisPoints < right.basisPoints }

    public var description: String {
        basisPoints % 100 == 0 ? "\(basisPoints / 100) %" : "\(percent) %"
    }
}
