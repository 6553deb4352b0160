/// An amount of money, or of whatever an organisation counts in: a unit without a name, in whole billionths, so that
/// sums are exact and do not depend on the order of requests.
public struct Cost: Sendable, Hashable, Comparable {
    static let unit = 1_000_000_000

    public var billionths: Int

    public init(billionths: Int) { self.billionths = billionths }

    /// - Returns: nil where it is negative, no number or more than 10⁹ units.
    public init?(units: Double) {
        guard units >= 0, units <= 1e9 else { return nil }
        billionths = Int((units * 1e9).rounded())
    }

    public var units: Double { Double(billionths) / 1e9 }

    public static func < (left: Cost, right: Cost) -> Bool { left.billionths < right.billionths }
}

extension Cost: CustomStringConvertible {
    /// `12`, `12.5`, `0.000000014`: digits without an exponent.
    public var description: String {
        let (whole, part) = billionths.magnitude.quotientAndRemainder(dividingBy: UInt(Cost.unit))
        var text = (billionths < 0 ? "-" : "") + String(whole)
        if part != 0 {
            text += "." + String(UInt(Cost.unit) + part).dropFirst()
            while text.hasSuffix("0") { text.removeLast() }
        }
        return text
    }
}

/// What a million tokens cost, in units of `Cost`, for the models of a pattern.
public struct ModelPrice: Sendable, Hashable {
    /// A name; one that ends in `*` stands for all that begin so.
    public let pattern: String
    /// In billionths per token.
    let prompt: Int
    let cached: Int
    let answer: Int

    /// - Parameters:
    ///   - promptPerMillion: from 0 to 10,000, rounded to thousandths, as are the others.
    ///   - cachedPerMillion: for tokens of prompts that were in the prefix cache; nil: as others.
    /// - Throws: `LimitError.badPrice`.
    public init(
        pattern: String, promptPerMillion: Double, cachedPerMillion: Double? = nil, answerPerMillion: Double
    ) throws(LimitError) {
        guard !pattern.isEmpty else { throw .badPrice(pattern: pattern, problem: "name a model, or '*' for all") }
        self.pattern = pattern
        prompt = try ModelPrice.perToken(promptPerMillion, pattern)
        cached = try ModelPrice.perToken(cachedPerMillion ?? promptPerMillion, pattern)
        answer = try ModelPrice.perToken(answerPerMillion, pattern)
    }

    private static func perToken(_ perMillion: Double, _ pattern: String) throws(LimitError) -> Int {
        guard perMillion >= 0, perMillion <= 10_000 else {
            throw .badPrice(pattern: pattern, problem: "\(perMillion) per million tokens is not between 0 and 10000")
        }
        return Int((perMillion * 1000).rounded())
    }

    func contains(_ model: String) -> Bool { ModelScope.only([pattern]).contains(model) }

    /// In billionths.
    func cost(_ usage: TokenUsage) -> Int {
        (usage.prompt - usage.cached) * prompt + usage.cached * cached + usage.answer * answer
    }
}

/// Tokens of one request, each count held within what a request can have.
struct TokenUsage: Sendable, Hashable {
    /// More than any model takes; keeps products with prices and sums far from overflow.
    static let maximum = 100_000_000

    var prompt: Int
    /// Part of `prompt`.
    var cached: Int
    var answer: Int

    init(prompt: Int, cached: Int = 0, answer: Int) {
        self.prompt = min(max(prompt, 0), TokenUsage.maximum)
        self.cached = min(max(cached, 0), self.prompt)
        self.answer = min(max(answer, 0), TokenUsage.maximum)
    }

    var tokens: Int { prompt + answer }
}
