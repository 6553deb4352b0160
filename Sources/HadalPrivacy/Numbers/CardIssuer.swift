/// The ranges of issuers' numbers that tell a card even where no word says so.
enum CardIssuer {
    private struct Issue {
        /// First and last value of the leading digits.
        let prefixes: ClosedRange<Int>
        let digits: Int
        let lengths: ClosedRange<Int>
    }

    private static let issues: [Issue] = [
        Issue(prefixes: 62...62, digits: 2, lengths: 16...19),  // UnionPay
        Issue(prefixes: 9558...9558, digits: 4, lengths: 19...19),  // ICBC, before UnionPay
        Issue(prefixes: 4367...4367, digits: 4, lengths: 19...19),  // China Construction Bank, before UnionPay
        Issue(prefixes: 4...4, digits: 1, lengths: 16...16),  // Visa
        Issue(prefixes: 51...55, digits: 2, lengths: 16...16),  // Mastercard
        Issue(prefixes: 2221...2720, digits: 4, lengths: 16...16),  // Mastercard
        Issue(prefixes: 34...34, digits: 2, lengths: 15...15),  // American Express
        Issue(prefixes: 37...37, digits: 2, lengths: 15...15),  // American Express
        Issue(prefixes: 3528...3589, digits: 4, lengths: 16...16),  // JCB
        Issue(prefixes: 300...305, digits: 3, lengths: 14...14),  // Diners
        Issue(prefixes: 36...36, digits: 2, lengths: 14...14),  // Diners
        Issue(prefixes: 38...39, digits: 2, lengths: 14...14),  // Diners
        Issue(prefixes: 6011...6011, digits: 4, lengths: 16...16),  // Discover
        Issue(prefixes: 644...659, digits: 3, lengths: 16...16),  // Discover
        Issue(prefixes: 5018...5020, digits: 4, lengths: 16...19),  // Maestro, Dankort
        Issue(prefixes: 5038...5038, digits: 4, lengths: 16...19),  // Maestro
        Issue(prefixes: 6304...6304, digits: 4, lengths: 16...19),  // Maestro
        Issue(prefixes: 6759...6763, digits: 4, lengths: 16...19),  // Maestro
        Issue(prefixes: 2200...2204, digits: 4, lengths: 16...16),  // Mir
        Issue(prefixes: 9792...9792, digits: 4, lengths: 16...16),  // Troy
    ]

    /// - Parameter digits: at least four; `count` of them are the number.
    static func isKnown(_ digits: [UInt8], count: Int) -> Bool {
        let four = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        let prefixes = [0, four / 1000, four / 100, four / 10, four]
        return issues.contains { $0.lengths.contains(count) && $0.prefixes.contains(prefixes[$0.digits]) }
    }
}
