/// The places 0 to 9999 and whose they are. When shares change, only as many places change hands as must.
public struct Allocation: Sendable, Hashable, Codable {
    public struct Range: Sendable, Hashable, Codable {
        public var from: Int
        /// After the last.
        public var to: Int
        public var version: Int
    }

    /// In order, without gaps, from 0 to 10 000; empty where no version serves.
    public private(set) var ranges: [Range]

    public static let none = Allocation(ranges: [])

    public static func all(_ version: Int) -> Allocation {
        Allocation(ranges: [Range(from: 0, to: TrafficShare.all.basisPoints, version: version)])
    }

    private init(ranges: [Range]) { self.ranges = ranges }

    private enum CodingKeys: String, CodingKey { case ranges }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ranges = try container.decode([Range].self, forKey: .ranges)
        var end = 0
        for range in ranges {
            guard range.from == end, range.to > range.from, range.to <= TrafficShare.all.basisPoints else {
                throw DecodingError.dataCorruptedError(
                    forKey: .ranges, in: container, debugDescription: "the ranges have gaps")
            }
            end = range.to
        }
        guard ranges.isEmpty || end == TrafficShare.all.basisPoints else {
            throw DecodingError.dataCorruptedError(
                forKey: .ranges, in: container, debugDescription: "the ranges end early")
        }
    }

    public func version(at place: Int) -> Int? {
        ranges.first { $0.from <= place && place < $0.to }?.version
    }

    public var shares: [Int: TrafficShare] {
        Dictionary(ranges.map { ($0.version, $0.to - $0.from) }, uniquingKeysWith: +)
            .mapValues { TrafficShare(unchecked: $0) }
    }

    /// Those who are with a version stay there as far as its share allows.
    /// - Parameter shares: must add up to 100 %.
    /// - Returns: nil where they do not.
    public func adjusted(to shares: [Int: TrafficShare]) -> Allocation? {
        guard shares.values.reduce(0, { $0 + $1.basisPoints }) == TrafficShare.all.basisPoints else { return nil }
        var places = [Int?](repeating: nil, count: TrafficShare.all.basisPoints)
        var open = shares.mapValues(\.basisPoints)
        for range in ranges {
            let kept = min(open[range.version] ?? 0, range.to - range.from)
            for place in range.from..<range.from + kept { places[place] = range.version }
            if kept > 0 { open[range.version, default: 0] -= kept }
        }
        var wanting = open.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        for place in places.indices where places[place] == nil {
            places[place] = wanting[0].key
            wanting[0].value -= 1
            if wanting[0].value == 0 { wanting.removeFirst() }
        }
        var made: [Range] = []
        for (place, version) in places.enumerated() {
            guard let version else { return nil }
            if made.last?.version == version {
                made[made.count - 1].to = place + 1
            } else {
                made.append(Range(from: place, to: place + 1, version: version))
            }
        }
        return Allocation(ranges: made)
    }
}
