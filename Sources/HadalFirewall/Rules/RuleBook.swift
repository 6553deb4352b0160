/// The rules that come with the firewall.
enum RuleBook {
    /// All of them, compiled once.
    static let standard: RuleMatcher = {
        do {
            return RuleMatcher(try rules(english, chinese, forgery))
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Each book has its own lists of terms. `\n` in a term is a line end.
    static func rules(_ books: String...) throws(RuleError) -> [Rule] {
        var rules: [Rule] = []
        for book in books {
            var reader = RuleReader()
            try reader.read(book)
            rules += reader.rules
        }
        return rules
    }
}
