import Foundation
import HadalText
import TestSupport
import Testing

@testable import HadalRules

@Suite struct ConditionTests {
    @Test func keywordsAreFoundInNormalisedTexts() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              when: {keywords: [project Neptune, 机密资料]}
              action: block
            """)
        #expect(set.outcome("about PROJECT neptune") == .block)
        #expect(set.outcome("ｐｒｏｊｅｃｔ　ｎｅｐｔｕｎｅ") == .block)
        #expect(set.outcome("这是机\u{200B}密资料") == .block)
        #expect(set.outcome("project") == .pass)
        #expect(set.outcome("机密") == .pass)
    }

    @Test func keywordsKnowCaseAndWords() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              when: {keywords: [IT], whole_word: true, case_sensitive: true}
              action: block
            """)
        #expect(set.outcome("the IT team") == .block)
        #expect(set.outcome("it is ITEM") == .pass)
    }

    @Test func keywordsComeFromFiles() throws {
        let directory = try TemporaryDirectory()
        try directory.write("# names\n\n  Alice Zhang \r\n张三\n\\#1\n".utf8, "names.txt")
        let text = "version: 1\nrules:\n- {id: a, when: {keywords: [x9], keywords_file: names.txt}, action: block}\n"
        let set = try RuleSet.load(directory.write(text.utf8, "rules.yaml"))
        for hit in ["alice zhang", "张三丰", "we are #1", "x9"] { #expect(set.outcome(hit) == .block, "\(hit)") }
        for other in ["names", "# x", "alice"] { #expect(set.outcome(other) == .pass, "\(other)") }
        #expect(set.keywordCount == 4)
    }

    @Test func matchesAreCountedOverAllTexts() throws {
        let set = try RuleFixtures.set(
            """
            - id: words
              when: {keywords: [cash, gold], at_least: 3}
              action: block
            - id: numbers
              when: {regex: '\\d{4}', at_least: 2}
              action: require_review
            """)
        #expect(set.outcome("cash gold") == .pass)
        #expect(set.outcome("cash gold cash") == .block)
        #expect(set.outcome("1234") == .pass)
        #expect(set.outcome("1234 5678") == .requireReview)
        #expect(set.outcome("12345678") == .requireReview)
        let parts = RuleInput(.input, texts: ["cash", "gold 1234", "gold 5678"].map { NormalisedText($0) })
        let verdict = set.evaluate(parts)
        #expect(verdict.decision.outcome == .block)
        #expect(verdict.hits.map(\.rule) == ["words", "numbers"])
        #expect(verdict.hits[0].findings[0].places.map(\.part) == [0, 1, 2])
        #expect(verdict.hits[1].findings[0].places.map(\.range) == [5..<9, 5..<9])
    }

    @Test func conditionsCombine() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              when:
                all:
                  - any:
                      - keywords: [alpha]
                      - regex: 'b\\d+'
                  - not: {keywords: [public]}
                  - length: {min: 6, max: 12}
              action: block
            """)
        #expect(set.outcome("alpha1") == .block)
        #expect(set.outcome("see b42") == .block)
        #expect(set.outcome("alpha") == .pass)
        #expect(set.outcome("alpha public") == .pass)
        #expect(set.outcome("alpha and more of it") == .pass)
        // Characters, not bytes.
        #expect(set.outcome("alpha中文中文中文中") == .block)
    }

    @Test func metadataIsCompared() throws {
        let set = try RuleFixtures.set(
            """
            - id: a
              when:
                metadata:
                  tenant: [retail, branch-*]
                  role: teller
                  headers: {X-Channel: app}
                  address: [10.0.0.0/8, '2001:db8::/32']
              action: block
            """)
        func outcome(_ change: (inout RuleMetadata) -> Void) -> RuleOutcome {
            set.outcome("x") {
                $0.tenant = "branch-7"
                $0.roles = ["auditor", "teller"]
                $0.headers = ["x-channel": "app"]
                $0.address = "10.2.3.4"
                change(&$0)
            }
        }
        #expect(outcome { _ in } == .block)
        #expect(outcome { $0.tenant = "retail" } == .block)
        #expect(outcome { $0.address = "2001:db8:1::2" } == .block)
        #expect(outcome { $0.address = "::ffff:10.9.9.9" } == .block)
        #expect(outcome { $0.tenant = "retail2" } == .pass)
        #expect(outcome { $0.tenant = nil } == .pass)
        #expect(outcome { $0.roles = ["auditor"] } == .pass)
        #expect(outcome { $0.headers = ["x-channel": "web"] } == .pass)
        #expect(outcome { $0.address = "11.0.0.1" } == .pass)
        #expect(outcome { $0.address = "2001:db9::1" } == .pass)
        #expect(outcome { $0.address = "nonsense" } == .pass)
    }

    @Test func namesMayHaveStars() {
        #expect(NamePattern("*").matches(""))
        #expect(NamePattern("a*").matches("a") && NamePattern("a*c").matches("abc"))
        #expect(!NamePattern("a*a").matches("a") && !NamePattern("a*c").matches("ab"))
        #expect(NamePattern("*b*d*").matches("abcd") && !NamePattern("*d*b*").matches("abcd"))
        #expect(NamePattern("a*b*b").matches("abab") && !NamePattern("a*bb*b").matches("abb"))
        #expect(!NamePattern("a").matches("A"))
    }

    @Test func timesAreThoseOfTheirZone() throws {
        let set = try RuleFixtures.set(
            """
            - id: night
              when: {time: {from: 22:00, to: 06:00, days: [fri]}}
              action: block
            - id: lunch
              when: {time: {from: 12:00, to: 13:30, zone: Europe/Berlin}}
              action: require_review
            """, header: "time_zone: Asia/Shanghai")
        func outcome(_ time: String) throws -> RuleOutcome {
            let time = try Date(time, strategy: .iso8601)
            return set.outcome("x") { $0.time = time }
        }
        // 2026-11-27 is a Friday; the night belongs to the day it began on.
        #expect(try outcome("2026-11-27T22:00:00+08:00") == .block)
        #expect(try outcome("2026-11-28T05:59:59+08:00") == .block)
        #expect(try outcome("2026-11-28T06:00:00+08:00") == .pass)
        #expect(try outcome("2026-11-27T05:00:00+08:00") == .pass)
        #expect(try outcome("2026-11-28T22:00:00+08:00") == .pass)
        #expect(try outcome("2026-11-25T12:00:00+01:00") == .requireReview)
        #expect(try outcome("2026-11-25T13:30:00+01:00") == .pass)
        #expect(try outcome("2026-07-25T11:00:00Z") == .requireReview)
        #expect(try outcome("1969-12-26T20:00:00Z") == .block)
    }

    @Test func scoresAreComparedByName() throws {
        let set = try RuleFixtures.set(
            """
            - id: attack
              when: {score: firewall, at_least: 0.8}
              action: block
            - id: pii
              when: {score: pii.CN_ID, above: 0, below: 3}
              action: require_review
            - id: no-classifier
              when: {score: classifier, at_most: 0, if_missing: true}
              action: tag
              tags: [unclassified]
            """)
        #expect(set.outcome("x", scores: ["firewall": 0.8, "classifier": 1]) == .block)
        #expect(set.outcome("x", scores: ["firewall": 0.79, "classifier": 1]) == .pass)
        #expect(set.outcome("x", scores: ["pii.CN_ID": 1, "classifier": 1]) == .requireReview)
        #expect(set.outcome("x", scores: ["pii.CN_ID": 3, "classifier": 1]) == .pass)
        #expect(set.outcome("x") == .tag)
    }

    @Test func theAnswersJSONIsCompared() throws {
        let set = try RuleFixtures.set(
            """
            - id: high
              when: {answer: $.risk.score, at_least: 70, if_missing: true}
              action: block
            - id: list
              when: {answer: 'alerts[*].level', is: [severe, '1', 'true']}
              action: require_review
            """)
        func outcome(_ text: String) -> RuleOutcome { set.outcome(text, .output) }
        #expect(outcome(#"{"risk":{"score":70}}"#) == .block)
        #expect(outcome(#"{"risk":{"score":"85.5"}}"#) == .block)
        #expect(outcome(#"{"risk":{"score":69.9}}"#) == .pass)
        #expect(outcome("Here it is:\n```json\n{\"risk\": {\"score\": 12}}\n```\n") == .pass)
        #expect(outcome("no JSON at all") == .block)
        #expect(outcome(#"{"risk":{}}"#) == .block)
        #expect(outcome(#"{"risk":{"score":1},"alerts":[{"level":"mild"},{"level":"severe"}]}"#) == .requireReview)
        #expect(outcome(#"{"risk":{"score":1},"alerts":[{"level":true}]}"#) == .requireReview)
        #expect(outcome(#"{"risk":{"score":1},"alerts":[{"level":1}]}"#) == .requireReview)
        #expect(outcome(#"{"risk":{"score":1},"alerts":[]}"#) == .pass)
        // What goes in is no answer.
        #expect(set.outcome(#"{"risk":{"score":99}}"#, .input) == .pass)
    }
}
