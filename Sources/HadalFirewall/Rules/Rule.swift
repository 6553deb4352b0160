/// A pattern: terms that follow each other, not too far apart. It is read from a line like
///
///     ignore-previous 4: {ignore} ~24 {previous} ~16 {instructions}
///
/// that is name, weight (added to the logit), then steps, each of terms divided by ` | ` (`{ignore}` stands for a list
/// of them), with the most scalars that may stand between two steps. Terms of Latin letters are whole words unless they
/// end with `*`. A name with `?` after it is a rule for untrusted text alone.
struct Rule: Sendable {
    struct Step: Sendable {
        let terms: [String]
        /// Between the end of the step before and the start of this one.
        let gap: Int
    }

    let name: String
    let family: AttackFamily
    let weight: Double
    let isForUntrustedText: Bool
    let steps: [Step]
}

/// A line of a rule book that cannot be read.
struct RuleError: Error, CustomStringConvertible {
    let line: String
    let reason: String

    var description: String { "rule “\(line)”: \(reason)" }
}
