import TestSupport
import Testing

@testable import HadalRules

@Suite struct StreamTests {
    private struct Sent: Equatable {
        var text = ""
        var verdict: RuleVerdict?
        /// Bytes that were held back at most.
        var held = 0

        static func == (left: Sent, right: Sent) -> Bool { left.text == right.text && left.verdict == right.verdict }
    }

    private func send(_ pieces: [String], through set: RuleSet, scores: [String: Double] = [:]) -> Sent {
        var stream = set.stream(scores: scores)
        var sent = Sent()
        var given = 0
        for piece in pieces {
            let output = stream.append(piece)
            given += piece.utf8.count
            sent.text += output.text
            sent.verdict = output.verdict
            if output.verdict != nil { return sent }
            sent.held = max(sent.held, given - sent.text.utf8.count)
        }
        let output = stream.finish()
        sent.text += output.text
        sent.verdict = output.verdict
        return sent
    }

    private func characters(_ text: String) -> [String] { text.unicodeScalars.map { String($0) } }

    @Test func matchesAreReplacedWhereverTheTextIsCut() throws {
        let set = try RuleFixtures.set(
            """
            - {id: card, when: {regex: '\\b\\d{4}-?\\d{4}\\b'}, action: replace, with: '[card]'}
            - {id: name, when: {keywords: [Neptune, 海王星计划]}, action: replace, with: '[name]'}
            - {id: word, when: {keywords: [it], whole_word: true}, action: replace, with: '[it]'}
            - {id: over, when: {keywords: [tune in]}, action: replace, with: '[over]'}
            """)
        let text = "It: ｎeptune in 12345678, 1234-56789 海王\u{200B}星计划 item it 海王星 9999-9999 neptun it"
        let expected = "[it]: [name] [card], 1234-56789 [name] item [it] 海王星 [card] neptun [it]"
        #expect(set.evaluate(RuleInput(.output, text)).replacedTexts == [expected])
        let whole = send([text], through: set)
        #expect(whole.text == expected)
        #expect(whole.verdict?.decision.outcome == .replace && whole.verdict?.replacements.count == 7)
        #expect(send(characters(text), through: set) == whole)
        let scalars = characters(text)
        for first in 0...scalars.count {
            let second = (first * 7) % (scalars.count + 1)
            let cuts = [0, min(first, second), max(first, second), scalars.count]
            let pieces = zip(cuts, cuts.dropFirst()).map { scalars[$0..<$1].joined() }
            #expect(send(pieces, through: set) == whole, "cut at \(cuts)")
        }
    }

    @Test func nothingOfABlockedMatchIsSent() throws {
        let set = try RuleFixtures.set(
            """
            - {id: secret, when: {keywords: [top secret]}, action: block, message: No.}
            - {id: key, when: {regex: 'sk-[a-z0-9]{8}'}, action: block}
            - {id: name, when: {keywords: [bob]}, action: replace, with: X}
            - {id: seen, when: {keywords: [tea]}, action: tag, tags: [tea]}
            """)
        for (text, sent) in [
            ("bob is top secret and more", "X is "), ("tea: sk-1234567 sk-12345678 bob", "tea: sk-1234567 "),
        ] {
            let whole = send([text], through: set)
            #expect(whole.text == sent && whole.verdict?.decision.outcome == .block)
            #expect(send(characters(text), through: set) == whole)
        }
        let verdict = try #require(send(["tea: sk-12345678"], through: set).verdict)
        #expect(verdict.decision.rule == "key" && verdict.decision.tags == ["tea"])
        #expect(send(["top secre"], through: set).text == "top secre")
        var stream = set.stream()
        _ = stream.append("top secret")
        #expect(stream.append("more").text == "" && stream.finish().verdict?.decision.rule == "secret")
    }

    @Test func noMoreIsHeldBackThanTheLongestMatch() throws {
        let set = try RuleFixtures.set(
            """
            - {id: a, when: {keywords: [abcdefgh]}, action: block}
            - {id: b, when: {regex: '\\d{6}x'}, action: replace, with: '-'}
            - {id: c, when: {keywords: [abcdefghijklmnopqrstuvwxyz]}, action: tag, tags: [t]}
            """)
        let text = String(repeating: "abcdefg 1234567890 abcdefg", count: 20)
        let sent = send(characters(text), through: set)
        #expect(sent.text == text)
        // A number of seven digits and the character that ends it.
        #expect(sent.held <= 8, "\(sent.held)")
        let plain = send(characters("nothing of it stands here"), through: set)
        #expect(plain.held <= 1, "\(plain.held)")
    }

    @Test func matchesWithoutBoundHoldBackSoMuchAndNoMore() throws {
        let set = try RuleFixtures.set(
            "- {id: a, when: {regex: '<.*>'}, action: replace, with: '-'}", header: "hold_back: 16")
        #expect(send(characters("x <short> y"), through: set).text == "x - y")
        let long = "x <" + String(repeating: "a", count: 100)
        let sent = send(characters(long), through: set)
        #expect(sent.text == long && sent.held == 16, "\(sent.held)")
    }

    @Test func conditionsThatNeedTheWholeAnswerAreDecidedAtItsEnd() throws {
        let set = try RuleFixtures.set(
            """
            - {id: notice, when: {not: {keywords: [no advice]}}, action: block}
            - {id: long, when: {length: {min: 30}}, action: block}
            - {id: risk, when: {score: risk, at_least: 1}, action: block}
            - {id: json, when: {answer: $.risk, above: 5}, action: block}
            """)
        #expect(send(["all is well"], through: set).verdict?.decision.rule == "notice")
        #expect(send(["This is no advice."], through: set).verdict?.decision.outcome == .pass)
        let long = send(characters("This is no advice, and it is long."), through: set)
        #expect(long.verdict?.decision.rule == "long" && long.text.count == 29)
        #expect(send(["This is no advice, and it is long."], through: set).verdict == long.verdict)
        #expect(send(["{\"risk\":7,\"x\":\"no advice\"}"], through: set).verdict?.decision.rule == "json")
        var stream = set.stream()
        #expect(stream.append("no advice").verdict == nil)
        #expect(stream.finish(scores: ["risk": 2]).verdict?.decision.rule == "risk")
        #expect(send(["x"], through: set, scores: ["risk": 2]).verdict?.decision.rule == "risk")
        #expect(set.needsWholeAnswer(RuleMetadata()))
        let early = try RuleFixtures.set("- {id: a, when: {keywords: [x]}, action: block}")
        #expect(!early.needsWholeAnswer(RuleMetadata()))
    }

    @Test func countsAndScoresAddUpWhileTheTextComes() throws {
        let set = try RuleFixtures.set(
            """
            - {id: three, when: {keywords: [no], at_least: 3}, action: replace, with: yes}
            - {id: cash, when: {keywords: [cash]}, weight: 30}
            - {id: gold, when: {regex: 'gold\\d'}, weight: 40}
            """, header: "thresholds: {block: 70, message: Stopped.}")
        // A rule replaces from the match on with which it hits.
        #expect(send(["no no no no"], through: set).text == "no no yes yes")
        #expect(send(characters("no no no no"), through: set).text == "no no yes yes")
        for pieces in [["some cash and gold7 here"], characters("some cash and gold7 here")] {
            let sent = send(pieces, through: set)
            #expect(sent.text == "some cash and " && sent.verdict?.decision.message == "Stopped.")
            #expect(sent.verdict?.decision.score == 70)
        }
    }

    @Test func dryRunsHoldNothingBack() throws {
        let set = try RuleFixtures.set(
            """
            - {id: a, dry_run: true, when: {keywords: [secret]}, action: block}
            - {id: b, dry_run: true, when: {regex: '\\d{30}'}, action: replace, with: '-'}
            """)
        let sent = send(characters("a secret 123"), through: set)
        #expect(sent.text == "a secret 123" && sent.held == 0)
        #expect(sent.verdict?.decision.outcome == .pass && sent.verdict?.dryRunDecision.outcome == .block)
    }

    /// Random rules over few letters: what comes out, and the verdict, is the same however the text is cut, and without counts
    /// and blocks the same as of the whole text.
    @Test func randomRulesDoNotDependOnTheCuts() throws {
        var random = SplitMix(state: 77)
        let patterns = ["a[bc]{1,3}d?", "\\bb+\\b", "c.c", "(ab|bc)+$", "d{2,}?", "中.?", "[^a]b中", "^b"]
        for _ in 0..<150 {
            var rules: [String] = []
            for index in 0..<Int.random(in: 1...5, using: &random) {
                let pattern = patterns.randomElement(using: &random)!
                let words = ["ab", "bca", "d中", "cc", "b"].shuffled(using: &random).prefix(2).joined(separator: ", ")
                let count = Int.random(in: 1...2, using: &random)
                let when =
                    [
                        "{regex: '\(pattern)', at_least: \(count)}", "{keywords: [\(words)], whole_word: true}",
                        "{keywords: [\(words)], at_least: \(count)}",
                        "{all: [{keywords: [\(words)]}, {regex: '\(pattern)'}]}",
                        "{any: [{not: {keywords: [\(words)]}}, {regex: '\(pattern)'}]}",
                    ].randomElement(using: &random)!
                let action =
                    [
                        "action: replace, with: '<\(index)>'", "action: replace, with: ''", "action: block",
                        "action: allow",
                    ]
                    .randomElement(using: &random)!
                rules.append(
                    "- {id: r\(index), priority: \(Int.random(in: 0...2, using: &random)), when: \(when), \(action)}")
            }
            let set = try RuleFixtures.set(rules.joined(separator: "\n"))
            for _ in 0..<4 {
                let letters = Array("aabbccd中 \u{200B}ａ")
                let text = String(
                    (0..<Int.random(in: 0...30, using: &random)).map { _ in letters.randomElement(using: &random)! })
                let whole = send([text], through: set)
                #expect(send(characters(text), through: set) == whole, "\(rules) \(text.debugDescription)")
                var pieces: [String] = [""]
                for scalar in text.unicodeScalars {
                    if Bool.random(using: &random) { pieces.append("") }
                    pieces[pieces.count - 1].unicodeScalars.append(scalar)
                }
                #expect(send(pieces, through: set) == whole, "\(rules) \(text.debugDescription)")
                let isPlain = rules.allSatisfy {
                    !$0.contains("2}") && $0.contains("replace") && !$0.contains("all") && !$0.contains("not")
                }
                if isPlain {
                    let replaced = set.evaluate(RuleInput(.output, text)).replacedTexts?[0] ?? text
                    #expect(whole.text == replaced, "\(rules) \(text.debugDescription)")
                }
            }
        }
    }
}
