import HadalJSON
import HadalText
import TestSupport
import Testing

@testable import HadalRules

@Suite struct DecisionTests {
    @Test func theMostSevereActionDecides() throws {
        let set = try RuleFixtures.set(
            """
            - {id: t, when: {keywords: [a]}, action: tag, tags: [one, two]}
            - {id: w, when: {keywords: [b]}, action: require_review, message: Wait.}
            - {id: r, when: {keywords: [c]}, action: route, model: strong}
            - {id: x, when: {keywords: [d]}, action: block, message: No.}
            - {id: y, when: {keywords: [e]}, action: block}
            """)
        func decide(_ text: String) -> RuleDecision { set.evaluate(RuleInput(.input, text)).decision }
        #expect(decide("-") == RuleDecision())
        #expect(decide("a") == RuleDecision(outcome: .tag, rule: "t", tags: ["one", "two"]))
        #expect(decide("abc").message == "Wait." && decide("abc").outcome == .requireReview)
        #expect(decide("abc").route == "strong" && decide("abc").tags == ["one", "two"])
        #expect(
            decide("abcde")
                == RuleDecision(
                    outcome: .block, rule: "x", message: "No.", route: "strong", tags: ["one", "two"]))
        #expect(decide("e").message == RuleSet.standardMessage)
        #expect(set.evaluate(RuleInput(.output, "c")).hits == [])
    }

    @Test func priorityStopAndAllowOrderTheRules() throws {
        let set = try RuleFixtures.set(
            """
            - {id: block, when: {keywords: [a]}, action: block}
            - {id: allow, priority: 10, when: {keywords: [b]}, action: allow}
            - {id: stop, priority: 5, when: {keywords: [c]}, action: tag, tags: [t], stop: true}
            - {id: off, priority: 99, enabled: false, when: {keywords: [a]}, action: allow}
            """)
        func hits(_ text: String) -> [String] { set.evaluate(RuleInput(.input, text)).hits.map(\.rule) }
        #expect(set.rules.map(\.id) == ["off", "allow", "stop", "block"])
        #expect(hits("a") == ["block"])
        #expect(hits("ab") == ["allow"] && set.outcome("ab") == .allow)
        #expect(hits("ac") == ["stop"] && set.outcome("ac") == .tag)
        #expect(hits("cb") == ["allow"])
    }

    @Test func rulesAreForWhatTheyApplyTo() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              applies:
                direction: output
                tenants: [bank-*]
                models: [deepseek-r1]
                roles: [teller, adviser]
                endpoints: [/v1/chat/*]
                users: ['*@bank.example']
              action: block
            """)
        func outcome(_ direction: RuleDirection, _ change: (inout RuleMetadata) -> Void) -> RuleOutcome {
            set.outcome("x", direction) {
                $0.tenant = "bank-1"
                $0.model = "deepseek-r1"
                $0.roles = ["adviser"]
                $0.endpoint = "/v1/chat/completions"
                $0.user = "li@bank.example"
                change(&$0)
            }
        }
        #expect(outcome(.output) { _ in } == .block)
        #expect(outcome(.input) { _ in } == .pass)
        #expect(outcome(.output) { $0.tenant = "shop" } == .pass)
        #expect(outcome(.output) { $0.model = "deepseek-v3" } == .pass)
        #expect(outcome(.output) { $0.roles = [] } == .pass)
        #expect(outcome(.output) { $0.endpoint = "/v1/embeddings" } == .pass)
        #expect(outcome(.output) { $0.user = nil } == .pass)
    }

    @Test func weightsAddUpToAScoreWithThresholds() throws {
        let set = try RuleFixtures.set(
            """
            - {id: cash, weight: 30, when: {keywords: [cash]}}
            - {id: border, weight: 40, when: {keywords: [offshore]}}
            - {id: known, weight: -25, when: {metadata: {role: known}}}
            - {id: staff, priority: 1, when: {metadata: {role: staff}}, action: allow}
            """, header: "thresholds: {review: 40, block: 70, message: Stopped.}")
        func decide(_ text: String, _ role: String = "") -> RuleDecision {
            var metadata = RuleMetadata()
            metadata.roles = [role]
            return set.evaluate(RuleInput(.input, text, metadata: metadata)).decision
        }
        #expect(decide("cash") == RuleDecision(outcome: .pass, score: 30))
        #expect(decide("offshore") == RuleDecision(outcome: .requireReview, score: 40))
        #expect(decide("cash offshore") == RuleDecision(outcome: .block, message: "Stopped.", score: 70))
        #expect(decide("cash offshore", "known") == RuleDecision(outcome: .requireReview, score: 45))
        #expect(decide("cash offshore", "staff").outcome == .allow)
    }

    @Test func aDryRunShowsWhatItWouldDo() throws {
        let rules = """
            - {id: live, when: {keywords: [a]}, action: tag, tags: [t], weight: 1}
            - {id: dry, dry_run: true, when: {keywords: [b]}, action: block, message: No., weight: 5}
            - {id: free, dry_run: true, priority: 1, when: {keywords: [c]}, action: allow}
            """
        let set = try RuleFixtures.set(rules)
        let verdict = set.evaluate(RuleInput(.input, "ab"))
        #expect(verdict.decision == RuleDecision(outcome: .tag, rule: "live", tags: ["t"], score: 1))
        #expect(
            verdict.dryRunDecision
                == RuleDecision(
                    outcome: .block, rule: "dry", message: "No.", tags: ["t"], score: 6))
        #expect(verdict.hits.map(\.isDryRun) == [false, true])
        // An allowance that only would have been one does not hide what is in force.
        let freed = set.evaluate(RuleInput(.input, "abc"))
        #expect(freed.decision.outcome == .tag && freed.dryRunDecision.outcome == .allow)
        #expect(freed.hits.map(\.rule) == ["free", "live"])
        let whole = try RuleFixtures.set(rules, header: "dry_run: true").evaluate(RuleInput(.input, "ab"))
        #expect(whole.decision == RuleDecision() && whole.dryRunDecision.outcome == .block)
    }

    @Test func whatMatchesIsReplacedInTheOriginalText() throws {
        let set = try RuleFixtures.set(
            """
            - {id: card, when: {regex: '\\d{4}-\\d{4}'}, action: replace, with: '[card]'}
            - {id: name, when: {any: [{keywords: [Neptune, 海王]}, {keywords: [plan 9]}]}, action: replace, with: ''}
            """)
        func replaced(_ texts: String...) -> [String]? {
            set.evaluate(RuleInput(.input, texts: texts.map { NormalisedText($0) })).replacedTexts
        }
        #expect(replaced("pay 1234-5678 now") == ["pay [card] now"])
        #expect(replaced("pay １２３４-\u{200B}5678!") == ["pay [card]!"])
        #expect(replaced("海王 and NEPTUNE", "plan 9 of 1234-5678") == [" and ", " of [card]"])
        #expect(replaced("nothing") == nil)
    }

    @Test func overlappingMatchesAreReplacedAsOne() throws {
        let set = try RuleFixtures.set(
            """
            - {id: one, when: {keywords: [bcd]}, action: replace, with: '1'}
            - {id: two, when: {keywords: [abc, bc, x]}, action: replace, with: '2'}
            """)
        func replaced(_ text: String) -> String? { set.evaluate(RuleInput(.input, text)).replacedTexts?.first }
        #expect(replaced("-abcd-") == "-2-")
        #expect(replaced("-bcd-") == "-1-")
        #expect(replaced("xx-xbc") == "22-22")
        let verdict = set.evaluate(RuleInput(.input, "-abcd-bc"))
        #expect(verdict.replacements.map(\.place.range) == [1..<5, 6..<8])
        #expect(verdict.replacements.map(\.rule) == ["two", "two"])
    }

    @Test func aVerdictSaysWhyAndHoldsNoText() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              when:
                all:
                  - metadata: {tenant: retail}
                  - any: [{regex: 'zebra\\d'}, {keywords: [tiger]}]
                  - not: {keywords: [zoo]}
                  - {score: firewall, at_least: 0.5}
              action: block
              weight: 2
            """)
        var metadata = RuleMetadata()
        metadata.tenant = "retail"
        let verdict = set.evaluate(RuleInput(.input, "one ｚebra7", metadata: metadata, scores: ["firewall": 0.75]))
        let findings = try #require(verdict.hits.first?.findings)
        let conditions = ["when.all[0].metadata.tenant", "when.all[3]", "when.all[1].any[0]", "when.all[2].not"]
        #expect(Set(findings.map(\.condition)) == Set(conditions))
        let match = try #require(findings.first { $0.condition == "when.all[1].any[0]" })
        #expect(match.places == [RulePlace(part: 0, range: 4..<12)] && match.count == 1)
        #expect(findings.contains { $0.detail == "score firewall is 0.75" })
        let json = try JSON(parsing: verdict.json.text)
        #expect(json["action"] == "block" && json["digest"] == .string(set.digest) && json["version"] == "1")
        #expect(json["hits"]?[0]?["rule"] == "a" && json["hits"]?[0]?["weight"]?.double == 2)
        #expect(!json.text.contains("ebra7"))
        #expect(
            set.evaluate(RuleInput(.input, "one ｚebra7", metadata: metadata, scores: ["firewall": 0.75])) == verdict)
    }
}
