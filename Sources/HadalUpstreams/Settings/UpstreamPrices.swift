import Foundation
import HadalJSON
import HadalWire

/// What a million tokens cost, in the organisation's currency. Decimal: money is counted exactly.
public struct UpstreamPrices: Sendable, Hashable {
    public var input: Decimal
    public var output: Decimal
    /// Of prompt tokens that the upstream had in its cache; else they cost as others do.
    public var cached: Decimal

    public init(input: Decimal, output: Decimal, cached: Decimal? = nil) {
        self.input = input
        self.output = output
        self.cached = cached ?? input
    }

    public func cost(of usage: Usage) -> Decimal {
        let cachedTokens = min(max(usage.cachedTokens, 0), usage.promptTokens)
        let sum =
            Decimal(usage.promptTokens - cachedTokens) * input + Decimal(cachedTokens) * cached
            + Decimal(usage.completionTokens) * output
        return sum / 1_000_000
    }
}

extension FieldReader {
    /// An amount that is not negative: a number, or its text, which is exact.
    mutating func money(_ name: String) throws(WireError) -> Decimal? {
        guard let value = value(name) else { return nil }
        // The shortest text that gives the same double is what was written.
        let text: String? =
            switch value {
            case .int(let int): String(int)
            case .double(let double): "\(double)"
            case .string(let text): text
            default: nil
            }
        guard let text, let amount = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")),
            !amount.isNaN
        else { throw .wrongType(field: field(name), expected: "an amount") }
        guard amount >= 0, amount <= 1_000_000_000_000 else {
            throw .outOfRange(field: field(name), expected: "between 0 and 10^12")
        }
        return amount
    }
}
