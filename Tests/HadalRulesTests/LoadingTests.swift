import Foundation
import TestSupport
import Testing

@testable import HadalRules

@Suite struct LoadingTests {
    @Test func everythingThatIsWrongIsToldWithItsPlace() throws {
        let problems = try RuleFixtures.problems(
            """
            version: 1
            colour: red
            rules:
            - id: a b
              when: {keywords: [], whole_word: yes}
              action: forbid
            - id: two
              when:
                all:
                - {regex: '(a)\\1'}
                - {regex: 'x', keywords: [y]}
                - {length: {}}
                - {score: firewall}
                - {answer: '$..x', is: 1}
                - {time: {from: 25:00, to: 06:00}}
                - {metadata: {address: 300.1.1.1}}
              action: replace
            - {id: two, when: {keywords_file: gone.txt}, action: route}
            - {when: {keywords: [z]}}
            - {id: n, when: {not: {keywords: [z]}}, action: replace, with: x}
            - {id: m, when: {keywords: [z]}, action: tag, message: x}
            - {id: o, applies: {direction: input}, when: {answer: a, is: 1}, action: block}
            tests:
            - {text: x}
            - {expect: {action: stop}}
            """)
        func has(_ line: Int, _ field: String, _ part: String) -> Bool {
            problems.contains {
                $0.line == line && $0.field == field && $0.problem.contains(part) && !$0.advice.isEmpty
            }
        }
        #expect(has(2, "colour", "no such field"))
        #expect(has(4, "rules[0].id", "'a b' is no id"))
        #expect(has(5, "rules[0].when.keywords", "empty"))
        #expect(has(5, "rules[0].when.whole_word", "'yes' is neither true nor false"))
        #expect(has(6, "rules[0].action", "'forbid'"))
        #expect(has(10, "rules[1].when.all[0].regex", "back-references"))
        #expect(has(11, "rules[1].when.all[1]", "several conditions"))
        #expect(has(12, "rules[1].when.all[2].length", "no bound"))
        #expect(has(13, "rules[1].when.all[3]", "no bound"))
        #expect(has(14, "rules[1].when.all[4].answer", "no path"))
        #expect(has(15, "rules[1].when.all[5].time.from", "'25:00'"))
        #expect(has(16, "rules[1].when.all[6].metadata.address", "'300.1.1.1'"))
        #expect(has(7, "rules[1]", "what to replace with"))
        #expect(has(18, "id two", "twice"))
        #expect(has(18, "rules[2].when.keywords_file", "cannot be read"))
        #expect(has(18, "rules[2]", "where to route"))
        #expect(has(19, "rules[3]", "no id"))
        #expect(has(19, "rules[3]", "does nothing"))
        #expect(has(20, "rules[4]", "nothing to replace"))
        #expect(has(21, "rules[5].message", "has no 'message'"))
        #expect(has(21, "rules[5]", "no tags"))
        #expect(has(22, "rules[6]", "only for output"))
        #expect(has(24, "tests[0]", "expected"))
        #expect(has(25, "tests[1]", "no text"))
        #expect(has(25, "tests[1].expect.action", "'stop'"))
        #expect(problems.allSatisfy { $0.file.hasSuffix("rules.yaml") })
        #expect(problems.first?.description.contains("rules.yaml:2: colour: there is no such field; ") == true)
    }

    @Test func whatIsNoFileOfRulesIsTold() throws {
        func first(_ text: String) throws -> String { try RuleFixtures.problems(text).first?.description ?? "" }
        #expect(try first("").contains("says nothing"))
        #expect(try first("rules: []").contains("no version"))
        #expect(try first("version: 1\nrules:\n- id: a\n  id: b\n").contains("rules.yaml:3: 'id' is given twice"))
        #expect(try first("version: 1\nrules: [").contains("not YAML"))
        #expect(try first("version: 1\nrules: {}").contains("a list is expected"))
        #expect(try first("version: &v 1\n").contains("anchor"))
        #expect(try first("version: *v\n").contains("alias"))
        #expect(try first("version: !!int 1\n").contains("tag"))
        #expect(try first("version: 1\n---\nversion: 2\n").contains("second document"))
        #expect(throws: RuleSetError.self) { try RuleSet.load("/nowhere/rules.yaml") }
        let directory = try TemporaryDirectory()
        #expect(throws: RuleSetError.self) { try RuleSet.load(directory.path) }
        let path = try directory.write([0x76, 0xFF], "a.yaml")
        #expect { try RuleSet.load(path) } throws: { "\($0)".contains("UTF-8") }
    }

    /// Aliases of aliases would grow to 2^60 values.
    @Test func aliasesThatMultiplyAreRefusedAtOnce() throws {
        var text = "version: 1\na0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) {? [*a\(level - 1), *a\(level - 1)] : y}\n" }
        #expect(try RuleFixtures.problems(text).first?.problem.contains("alias") == true)
    }

    @Test func textsMayHaveAmpersandsAndStars() throws {
        let set = try RuleFixtures.set("- {id: a, when: {keywords: ['R&D', '*secret*', \"a!&b\"]}, action: block}")
        #expect(set.outcome("our r&d") == .block && set.outcome("*secret*") == .block && set.outcome("a!&b") == .block)
        #expect(set.outcome("r!&d") == .pass && set.outcome("secret") == .pass && set.outcome("a&b") == .pass)
    }

    @Test func aDirectoryIsOneSet() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "version: 3\nthresholds: {block: 5}\nrules: [{id: a, when: {keywords: [x]}, weight: 3}]".utf8, "a.yaml")
        try directory.write(
            "version: b2\ndry_run: true\nrules: [{id: b, when: {keywords: [x]}, weight: 3}]".utf8, "b.yml")
        try directory.write("not rules: [".utf8, "notes.txt")
        let set = try RuleSet.load(directory.path)
        #expect(set.version == "a.yaml 3, b.yml b2")
        #expect(set.rules.map(\.id) == ["a", "b"] && set.rules.map(\.isDryRun) == [false, true])
        let verdict = set.evaluate(RuleInput(.input, "x"))
        #expect(verdict.decision.outcome == .pass && verdict.dryRunDecision.outcome == .block)
        try directory.write("version: 1\nthresholds: {block: 5}\nrules: [{id: a, weight: 1}]".utf8, "c.yaml")
        #expect { try RuleSet.load(directory.path) } throws: { error in
            let text = "\(error)"
            return text.contains("c.yaml:3: id a: it is given twice, first in \(directory.path)/a.yaml:3")
                && text.contains("c.yaml:2: thresholds: it is given twice")
        }
    }

    @Test func theDigestIsThatOfAllThatIsLoaded() throws {
        func digest(_ rules: String, _ words: String) throws -> String {
            let directory = try TemporaryDirectory()
            try directory.write(words.utf8, "words.txt")
            return try RuleSet.load(directory.write(rules.utf8, "rules.yaml")).digest
        }
        let rules = "version: 1\nrules: [{id: a, when: {keywords_file: words.txt}, action: block}]\n"
        let first = try digest(rules, "one\n")
        #expect(first.count == 64)
        #expect(try digest(rules, "one\n") == first)
        #expect(try digest(rules, "two\n") != first)
        #expect(try digest(rules + "# changed\n", "one\n") != first)
    }

    @Test func aRuleThatIsOffIsCheckedAndCostsNothing() throws {
        let set = try RuleFixtures.set("- {id: a, enabled: false, when: {keywords: [a, b]}, action: block}")
        #expect(set.keywordCount == 0 && set.rules.count == 1 && set.outcome("a") == .pass)
        #expect(
            try !RuleFixtures.problems(
                RuleFixtures.text("- {id: a, enabled: false, when: {regex: '('}, action: block}")
            ).isEmpty)
    }

    @Test func expressionsThatCostMuchAreNoted() throws {
        let set = try RuleFixtures.set(
            """
            - {id: slow, when: {regex: '\\d.{0,40}\\d{4}x'}, action: tag, tags: [t]}
            - {id: long, when: {regex: 'a.*b'}, action: block}
            - {id: fine, when: {regex: 'a.{0,9}b'}, action: block}
            """)
        #expect(set.notes.map { $0.field.prefix(4) } == ["slow", "long"])
        #expect(set.notes[0].problem.contains("tables") && set.notes[1].problem.contains("any length"))
    }

    @Test func casesOfAFileAreCompared() throws {
        let directory = try TemporaryDirectory()
        let text = """
            version: 1
            rules:
            - {id: a, when: {all: [{keywords: [x]}, {metadata: {user: li}}]}, action: replace, with: '?', weight: 2, tags: [t]}
            tests:
            - {text: x, metadata: {user: li}, expect: {action: replace, rules: [a], text: '?', tags: [t], score: 2}}
            - {text: x, expect: {action: pass, rules: [], text: x, tags: [], score: 0, dry_run: pass}}
            - {texts: [x], expect: {action: block, rules: [b], text: '?', tags: [t], score: 1, route: m, dry_run: tag}}
            """
        let set = try RuleSet.load(directory.write(text.utf8, "rules.yaml"))
        let failures = set.tests.map { $0.failures(of: set.evaluate($0.input)) }
        #expect(failures[0] == [] && failures[1] == [])
        #expect(failures[2].count == 7, "\(failures[2])")
        #expect(failures[2].first == "action: expected block, found pass")
    }

    @Test func damagedFilesAreSetsOrProblems() throws {
        let directory = try TemporaryDirectory()
        let file = SharedData.repository.appending(path: "Deploy/rules.example.yaml")
        let example = try Array(Data(contentsOf: file))
        var random = SplitMix(state: 9)
        var accepted = 0
        for _ in 0..<400 {
            var bytes = example
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = Array("*&!|>%@`\"'{}[],:?-#\t\n ~\u{0}".utf8).randomElement(using: &random)!
                case 1: bytes.removeSubrange(at..<end)
                case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
                default: bytes[at] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let path = try directory.write(bytes, "rules.yaml")
            do throws(RuleSetError) {
                _ = try RuleSet.load(path)
                accepted += 1
            } catch {
                #expect(
                    !error.problems.isEmpty && error.problems.allSatisfy { !$0.problem.isEmpty && !$0.advice.isEmpty })
            }
        }
        #expect((10...390).contains(accepted), "the damage is too small or too large: \(accepted)")
    }
}
