import ArgumentParser

/// A span of time as options have it: `90d`, `12h`, `30m`, `45s`.
struct Span: ExpressibleByArgument {
    let seconds: Double

    private static let units: [Character: Double] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]

    init?(argument: String) {
        guard let unit = argument.last.flatMap({ Span.units[$0] }), let count = UInt32(argument.dropLast()) else {
            return nil
        }
        seconds = Double(count) * unit
    }
}
