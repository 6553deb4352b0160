import HadalJSON

extension ValueType<Int> {
    /// A whole number.
    static func count(_ range: ClosedRange<Int>, example: String = "8") -> ValueType {
        .scalar("whole number, \(limits(range) { "\($0)" })", example: example) { text, _ throws(WrongValue) in
            guard let number = Digits.number(text) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no whole number", advice: "write digits alone, such as \(example)")
            }
            return try inside(number, range) { "\($0)" }
        } json: {
            .int(Int64($0))
        }
    }

    /// Bytes.
    static func bytes(_ range: ClosedRange<Int>, example: String = "8GiB") -> ValueType {
        .scalar("bytes, \(limits(range, ByteText.text))", example: example) { text, _ throws(WrongValue) in
            guard let number = ByteText.parse(text) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no number of bytes",
                    advice: "write a whole number and KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as \(example)")
            }
            return try inside(number, range, ByteText.text)
        } json: {
            .string(ByteText.text($0))
        }
    }
}

extension ValueType<Duration> {
    static func duration(_ range: ClosedRange<Duration>, example: String = "30s") -> ValueType {
        .scalar("duration, \(limits(range, DurationText.text))", example: example) { text, _ throws(WrongValue) in
            guard let duration = DurationText.parse(text) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no duration",
                    advice: "write a whole number and ms, s, m, h or d, such as \(example)")
            }
            return try inside(duration, range, DurationText.text)
        } json: {
            .string(DurationText.text($0))
        }
    }
}

extension ValueType where Value: Comparable {
    private static func limits(_ range: ClosedRange<Value>, _ text: (Value) -> String) -> String {
        "\(text(range.lowerBound)) to \(text(range.upperBound))"
    }

    private static func inside(
        _ value: Value, _ range: ClosedRange<Value>, _ text: (Value) -> String
    ) throws(WrongValue) -> Value {
        guard range.contains(value) else {
            throw WrongValue(
                problem: "\(text(value)) is outside its range", advice: "write \(limits(range, text))")
        }
        return value
    }
}

/// Whole numbers without a sign, and without a leading zero, which YAML 1.1 takes for octal.
enum Digits {
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(text)
    }

    /// A number and one of the units, times the unit's size.
    static func number(_ text: String, units: [(name: String, size: Int)]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = number(digits), let size = units.first(where: { $0.name == unit })?.size else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: size)
        return overflows ? nil : product
    }

    /// With the largest unit of which it is a whole number; units from small to large.
    static func text(_ value: Int, units: [(name: String, size: Int)]) -> String {
        for (name, size) in units.reversed() where value % size == 0 && value > 0 { return "\(value / size)\(name)" }
        return "\(value)\(units[0].name)"
    }
}

/// Bytes as people write them: `512MiB`, `8GiB`, `100MB`, `1048576`.
enum ByteText {
    private static let binary = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]
    private static let decimal = [
        ("B", 1), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]

    static func parse(_ text: String) -> Int? { Digits.number(text, units: binary + decimal) }

    static func text(_ bytes: Int) -> String { Digits.text(bytes, units: binary) }
}

/// Durations as people write them: `250ms`, `30s`, `5m`, `12h`, `90d`.
enum DurationText {
    private static let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]

    static func parse(_ text: String) -> Duration? {
        Digits.number(text, units: units).map { .milliseconds($0) }
    }

    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if duration == .zero { return "0s" }
        return Digits.text(
            Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000), units: units)
    }
}
