/// Sends a text on with its replacements. Of matches that overlap the one that begins first decides, so that what was sent need
/// never be taken back.
struct StreamWriter: Sendable {
    /// What was replaced, in order.
    private(set) var done: [RuleReplacement] = []
    /// Bytes of the original text that were sent or replaced.
    private var written = 0
    private var waiting: [(range: Range<Int>, rule: Int)] = []

    /// Bytes of the original text.
    mutating func replace(_ range: Range<Int>, by rule: Int) { waiting.append((range, rule)) }

    /// - Parameter limit: no replacement that is still to come begins before it.
    /// - Returns: what may be sent.
    mutating func write(_ text: [UInt8], upTo limit: Int, _ set: RuleSet) -> [UInt8] {
        var output: [UInt8] = []
        waiting.sort { ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule) }
        let certain = waiting.prefix { $0.range.lowerBound < limit }
        for (range, rule) in certain {
            if let last = done.last?.place.range, range.lowerBound < last.upperBound {
                done[done.count - 1].place.range = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else if case .replace(let replacement) = set.rules[rule].action {
                if written < range.lowerBound { output += text[written..<range.lowerBound] }
                output += Array(replacement.utf8)
                done.append(
                    RuleReplacement(
                        place: RulePlace(part: 0, range: range), text: replacement, rule: set.rules[rule].id))
            }
            written = max(written, range.upperBound)
        }
        waiting.removeFirst(certain.count)
        if written < limit {
            output += text[written..<limit]
            written = limit
        }
        return output
    }
}
