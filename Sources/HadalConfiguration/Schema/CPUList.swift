import HadalJSON

/// Processors as Linux numbers and writes them: `0-7,16-23`.
public struct CPUList: Sendable, Hashable, CustomStringConvertible {
    /// Linux is built for at most so many.
    public static let numberMax = 8191

    /// At least one, sorted.
    public let numbers: [Int]

    /// - Returns: nil for what is no list, or has a number twice or above `numberMax`.
    public init?(parsing text: String) {
        var numbers: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Digits.number($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                last <= Self.numberMax
            else { return nil }
            for number in first...last { guard numbers.insert(number).inserted else { return nil } }
        }
        self.numbers = numbers.sorted()
    }

    /// The shortest list.
    public var description: String {
        var spans: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = spans.last, last.upperBound + 1 == number {
                spans[spans.count - 1] = last.lowerBound...number
            } else {
                spans.append(number...number)
            }
        }
        return spans.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}

extension ValueType<CPUList> {
    static var cpuList: ValueType {
        .scalar("list of processors", example: "\"0-7,16-23\"") { text, _ throws(WrongValue) in
            guard let list = CPUList(parsing: text) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no list of processors",
                    advice: "write numbers and ranges, each once, such as \"0-7,16-23\"")
            }
            return list
        } json: {
            .string($0.description)
        }
    }
}
