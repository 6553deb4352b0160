import HadalText

/// The rules of an organisation, compiled once and shared by all requests. It never changes and holds no locks.
///
/// ```swift
/// let rules = try RuleSet.load("/etc/hadal/rules")
/// let verdict = rules.evaluate(RuleInput(.input, "…", metadata: metadata, scores: ["firewall": 0.2]))
/// ```
public final class RuleSet: Sendable {
    /// As the file says it; of a directory `name version, name version`.
    public let version: String
    public let name: String?
    /// SHA-256 of all files with their keyword files, in hexadecimal.
    public let digest: String
    /// All, in the order in which they are looked at; those that are not enabled among them.
    public let rules: [Rule]
    public let tests: [RuleTest]
    public let thresholds: RuleThresholds
    /// In a stream no more characters are held back for a match of which no longest one exists.
    public let holdBack: Int
    /// What is right but worth knowing: expressions that cost much, or that streams may see too late.
    public let notes: [RuleProblem]
    /// Different keywords, the literals of expressions among them.
    public let keywordCount: Int

    /// Where nothing else is said.
    public static let standardHoldBack = 512
    /// For the user where a rule blocks without a message of its own.
    public static let standardMessage = "This was stopped by a rule of your organisation."

    let matcher: KeywordMatcher
    let keywords: [KeywordMatcher.Keyword]
    /// By keyword: numbers of text conditions.
    let targets: [[Int32]]
    let conditions: [TextCondition]
    /// By text condition: whether a rule replaces what it finds.
    let replaces: [Bool]
    /// By text condition: whether it is an expression of which no literal is known.
    let needsNoLiteral: [Bool]

    init(_ files: [(name: String, file: RuleReading.File)], _ draft: RuleSetDraft) {
        let versions = files.map { (name: $0.name, version: $0.file.header.version) }
        version =
            versions.count == 1
            ? versions[0].version : versions.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
        name = files.lazy.compactMap(\.file.header.name).first
        digest = draft.digest
        rules = files.flatMap(\.file.rules).enumerated()
            .sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }.map(\.element)
        tests = files.flatMap(\.file.tests)
        thresholds = files.lazy.compactMap(\.file.header.thresholds).first ?? RuleThresholds()
        holdBack = files.lazy.compactMap(\.file.header.holdBack).first ?? Self.standardHoldBack
        matcher = KeywordMatcher(draft.keywords)
        keywords = draft.keywords
        targets = draft.targets
        conditions = draft.conditions
        keywordCount = draft.keywords.count
        var replaces = [Bool](repeating: false, count: draft.conditions.count)
        for rule in rules where rule.isEnabled && rule.action?.kind == .replace {
            for leaf in rule.condition.positiveLeaves { if let number = leaf.textCondition { replaces[number] = true } }
        }
        self.replaces = replaces
        needsNoLiteral = draft.conditions.map { $0.pattern.map { $0.literals == nil } ?? false }
        notes = Self.notes(on: rules, draft.conditions, holdBack: holdBack)
    }

    /// What the rules say of these texts. Takes time linear in them.
    public func evaluate(_ input: RuleInput) -> RuleVerdict {
        var facts = TextFacts(self)
        for (part, text) in input.texts.enumerated() { facts.findKeywords(self, text, part: part) }
        var evaluation = RuleEvaluation(self, input, rules: active(input.metadata, input.direction), facts)
        return evaluation.verdict()
    }

    /// An answer that is still coming.
    public func stream(metadata: RuleMetadata = RuleMetadata(), scores: [String: Double] = [:]) -> RuleStream {
        RuleStream(self, metadata: metadata, scores: scores)
    }

    /// Whether a rule may block answers, or ask for their review, for what is known of them only at their end: a member of
    /// their JSON, a score, something that must not be missing. A gateway that is to obey it does not stream.
    public func needsWholeAnswer(_ metadata: RuleMetadata) -> Bool {
        active(metadata, .output).map { rules[$0] }.contains { rule in
            let isStrict = rule.action?.kind == .block || rule.action?.kind == .requireReview || rule.weight > 0
            return isStrict && !rule.isDryRun && rule.condition.isKnownLate
        }
    }

    /// Whether there is anything to look for.
    public func hasRules(for metadata: RuleMetadata, _ direction: RuleDirection) -> Bool {
        !active(metadata, direction).isEmpty
    }

    /// Numbers of the rules that are for it, in order.
    func active(_ metadata: RuleMetadata, _ direction: RuleDirection) -> [Int] {
        rules.indices.filter { rules[$0].isEnabled && rules[$0].scope.covers(metadata, direction) }
    }
}

extension RuleCondition {
    /// Whether it may become true with a text's end, rather than with something in it.
    fileprivate var isKnownLate: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.isKnownLate)
        case .not(let part): !part.leaves.allSatisfy { $0.kind.isKnownEarly }
        case .leaf(let leaf):
            switch leaf.kind {
            case .answer, .score: true
            case .length(_, let max): max != nil
            default: false
            }
        }
    }
}

extension RuleLeaf.Kind {
    fileprivate var isKnownEarly: Bool {
        switch self {
        case .metadata, .address, .time: true
        case .text, .length, .score, .answer: false
        }
    }
}
