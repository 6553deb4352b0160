import Crypto
import HadalText

/// What is looked for in texts, collected from all files of a set.
struct RuleSetDraft {
    static let keywordsLimit = 1_000_000

    private(set) var conditions: [TextCondition] = []
    private(set) var keywords: [KeywordMatcher.Keyword] = []
    /// By keyword: the conditions that it counts for, or whose expression it makes possible.
    private(set) var targets: [[Int32]] = []
    private var numbers: [KeywordMatcher.Keyword: Int] = [:]
    private var hash = SHA256()

    /// - Returns: the condition's number.
    mutating func add(_ keywords: [KeywordMatcher.Keyword], atLeast: Int) -> Int {
        conditions.append(TextCondition(kind: .keywords, atLeast: atLeast))
        for keyword in Set(keywords) { add(keyword) }
        return conditions.count - 1
    }

    mutating func add(_ pattern: Pattern, atLeast: Int) -> Int {
        conditions.append(TextCondition(kind: .pattern(pattern), atLeast: atLeast))
        for literal in pattern.literals ?? [] { add(KeywordMatcher.Keyword(literal)) }
        return conditions.count - 1
    }

    /// Makes the digest depend on a file.
    mutating func record(_ bytes: [UInt8], of file: String) {
        hash.update(data: Array("\(file.utf8.count):\(file):\(bytes.count):".utf8))
        hash.update(data: bytes)
    }

    /// SHA-256 over all files, in hexadecimal.
    var digest: String {
        hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// For the last condition.
    private mutating func add(_ keyword: KeywordMatcher.Keyword) {
        let number = numbers[keyword] ?? keywords.count
        if number == keywords.count {
            keywords.append(keyword)
            targets.append([])
            numbers[keyword] = number
        }
        targets[number].append(Int32(conditions.count - 1))
    }
}
