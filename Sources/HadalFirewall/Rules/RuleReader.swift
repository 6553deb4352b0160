/// Reads rule books: `== family`, `NAME = term | term` for a list of terms, rules (`Rule`), `#` for comments.
struct RuleReader {
    private var lists: [String: [String]] = [:]
    private var family = AttackFamily.override
    private(set) var rules: [Rule] = []

    mutating func read(_ book: String) throws(RuleError) {
        for line in book.split(separator: "\n").map({ String($0).trimmed }) where !line.isEmpty && line.first != "#" {
            if line.hasPrefix("== ") {
                guard let next = AttackFamily(rawValue: String(line.dropFirst(3))) else {
                    throw RuleError(line: line, reason: "no such family")
                }
                family = next
            } else if let (name, terms) = line.divided(at: " = "), name.allSatisfy({ $0.isLetter || $0 == "-" }) {
                lists[name] = terms.parts(between: " | ")
            } else {
                rules.append(try rule(line))
            }
        }
    }

    private func rule(_ line: String) throws(RuleError) -> Rule {
        guard let (head, pattern) = line.divided(at: ": "), let (name, number) = head.divided(at: " "),
            let weight = Double(number)
        else { throw RuleError(line: line, reason: "needs “name weight: pattern”") }
        var steps: [Rule.Step] = []
        var gap = 0
        for part in try parts(pattern, line) {
            if part.first == "~" {
                guard let most = Int(part.dropFirst()) else { throw RuleError(line: line, reason: "bad gap \(part)") }
                gap = most
            } else {
                steps.append(Rule.Step(terms: try terms(part, line), gap: gap))
                gap = 0
            }
        }
        guard !steps.isEmpty else { throw RuleError(line: line, reason: "no steps") }
        return Rule(
            name: family.rawValue + "/" + (name.hasSuffix("?") ? String(name.dropLast()) : name), family: family,
            weight: weight, isForUntrustedText: name.hasSuffix("?"), steps: steps)
    }

    /// Steps and gaps of a pattern: what stands between two gaps is one step.
    private func parts(_ pattern: String, _ line: String) throws(RuleError) -> [String] {
        var parts: [String] = []
        var step: [String] = []
        for word in pattern.split(separator: " ").map(String.init) {
            if word.first == "~", word.count > 1, word.dropFirst().allSatisfy(\.isNumber) {
                guard !step.isEmpty else { throw RuleError(line: line, reason: "no step before \(word)") }
                parts += [step.joined(separator: " "), word]
                step = []
            } else {
                step.append(word)
            }
        }
        guard !step.isEmpty else { throw RuleError(line: line, reason: "ends with a gap") }
        return parts + [step.joined(separator: " ")]
    }

    private func terms(_ step: String, _ line: String) throws(RuleError) -> [String] {
        var terms: [String] = []
        for part in step.parts(between: " | ") {
            let term = part.replacing("\\n", with: "\n")
            guard term.first == "{", term.last == "}" else {
                terms.append(term)
                continue
            }
            guard let list = lists[String(term.dropFirst().dropLast())] else {
                throw RuleError(line: line, reason: "no list \(term)")
            }
            terms += list
        }
        return terms
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }

    fileprivate func divided(at mark: String) -> (String, String)? {
        guard let range = firstRange(of: mark) else { return nil }
        return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
    }

    fileprivate func parts(between mark: String) -> [String] {
        split(separator: mark).map { String($0).trimmed }.filter { !$0.isEmpty }
    }
}
