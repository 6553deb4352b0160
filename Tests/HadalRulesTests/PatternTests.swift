import TestSupport
import Testing

@testable import HadalRules

@Suite struct PatternTests {
    private func found(_ pattern: String, in text: String, ignoresCase: Bool = false) throws -> [String] {
        try Pattern(pattern, ignoresCase: ignoresCase).texts(in: text)
    }

    private func isRefused(_ pattern: String, with part: String) -> Bool {
        do throws(PatternError) {
            _ = try Pattern(pattern)
            return false
        } catch { return "\(error.problem); \(error.advice)".contains(part) && error.column > 0 }
    }

    @Test func theFirstAlternativeAndTheGreedyQuantifierArePreferred() throws {
        #expect(try found("ab|abc", in: "abc") == ["ab"])
        #expect(try found("abc|ab", in: "abcab") == ["abc", "ab"])
        #expect(try found("a+", in: "baaab aa") == ["aaa", "aa"])
        #expect(try found("a+?", in: "aaa") == ["a", "a", "a"])
        #expect(try found("<.+?>", in: "<a><b>") == ["<a>", "<b>"])
        #expect(try found("<.+>", in: "<a><b>") == ["<a><b>"])
        #expect(try found("abcd|bc", in: "abcx abcd") == ["bc", "abcd"])
        #expect(try found("(a|b)*c|[ab]", in: "abab") == ["a", "b", "a", "b"])
        #expect(try found("a{2,3}", in: "aaaaaaa") == ["aaa", "aaa"])
        #expect(try found("x{2}y{1,}z{0,1}", in: "xxyyz xyz xxy") == ["xxyyz", "xxy"])
    }

    @Test func classesKnowUnicode() throws {
        #expect(try found("\\p{Han}+", in: "账号abc户名") == ["账号", "户名"])
        #expect(try found("[\\p{Hiragana}\\p{Katakana}]+", in: "カタkana漢字ひら") == ["カタ", "ひら"])
        #expect(try found("\\d{3}", in: "a123b４５６") == ["123", "４５６"])
        #expect(try found("\\w+", in: "naïve_1 户-ж") == ["naïve_1", "户", "ж"])
        #expect(try found("\\P{L}+", in: "ab12户!") == ["12", "!"])
        #expect(try found("[^\\d\\s]+", in: "1 ab 2") == ["ab"])
        #expect(try found("[a-c\\-]+", in: "x-ab-d") == ["-ab-"])
        #expect(try found("[]a]+", in: "x]a]") == ["]a]"])
        #expect(try found("\\u4e2d\\x41\\x{2F81A}", in: "中A\u{2F81A}") == ["中A\u{2F81A}"])
        #expect(try found(".", in: "é\n中") == ["é", "中"])
    }

    @Test func wordBoundariesLieBetweenScriptsWithAndWithoutSpaces() throws {
        #expect(try found("\\b\\d{4}\\b", in: "卡6222号 62221 a6222 6222") == ["6222", "6222"])
        #expect(try found("\\bcat\\b", in: "cat concat catch cat.") == ["cat", "cat"])
        #expect(try found("\\Bcat", in: "cat concat") == ["cat"])
        #expect(try found("cat\\b", in: "catе cat") == ["cat"])
    }

    @Test func anchorsHoldAtTextsAndLines() throws {
        #expect(try found("^a|b$", in: "a\na b\nb") == ["a", "b"])
        #expect(try found("(?m)^a|b$", in: "a\na b\nb") == ["a", "a", "b", "b"])
        #expect(try found("\\Aab\\z", in: "ab") == ["ab"])
        #expect(try found("\\Aab\\z", in: "ab ") == [])
        #expect(try found("(^|,)x", in: "x,x;x") == ["x", ",x"])
    }

    @Test func flagsHoldWhereTheyAreSaid() throws {
        #expect(try found("straße|Ωmega", in: "STRAßE ωMEGA", ignoresCase: true) == ["STRAßE", "ωMEGA"])
        #expect(try found("a(?i)b", in: "aB AB ab") == ["aB", "ab"])
        #expect(try found("(?i:a)b", in: "Ab AB") == ["Ab"])
        #expect(try found("((?i)a)b", in: "Ab AB") == ["Ab"])
        #expect(try found("(?i)a(?-i)b", in: "Ab AB") == ["Ab"])
        #expect(try found("(?s)a.b", in: "a\nb") == ["a\nb"])
        #expect(try found("[^a]", in: "Aab", ignoresCase: true) == ["b"])
        #expect(try found("(?<year>\\d{4})-(?P<m>\\d\\d)", in: "2026-11") == ["2026-11"])
    }

    @Test func charactersOfPatternsAreNormalisedAsTextsAre() throws {
        #expect(try found("（内部）", in: "(内部)") == ["(内部)"])
        #expect(try found("[０-９]+", in: "42") == ["42"])
    }

    @Test func whatIsNotRegularIsRefusedByName() {
        #expect(isRefused("(a)\\1", with: "back-references"))
        #expect(isRefused("(?=a)b", with: "lookahead"))
        #expect(isRefused("(?<!a)b", with: "lookbehind"))
        #expect(isRefused("(?>a)b", with: "atomic"))
        #expect(isRefused("a++", with: "possessive"))
        #expect(isRefused("[[:alpha:]]", with: "POSIX"))
        #expect(isRefused("a*", with: "empty text"))
        #expect(isRefused("\\b", with: "empty text"))
        #expect(isRefused("a{1001}", with: "1000 repetitions"))
        #expect(isRefused("(a{1000}){1000}", with: "too large"))
        #expect(isRefused("(a", with: "without its ')'"))
        #expect(isRefused("a)", with: "without its '('"))
        #expect(isRefused("[a", with: "without its ']'"))
        #expect(isRefused("[b-a]", with: "range"))
        #expect(isRefused("*a", with: "nothing before it"))
        #expect(isRefused("\\p{Klingon}", with: "no property 'Klingon'"))
        #expect(isRefused("\\y", with: "'\\y'"))
        #expect(isRefused("a{2,1}", with: "wrong order"))
        #expect(isRefused("(?x)a b", with: "flag 'x'"))
        #expect(isRefused("a\u{200B}b", with: "invisible"))
        #expect(isRefused(String(repeating: "(", count: 200), with: "deeper"))
    }

    @Test func largePatternsAreSearchedWithoutTables() throws {
        let pattern = try Pattern("\\d.{0,40}\\d{4}x")
        #expect(pattern.forward == nil)
        let gap = String(repeating: "-", count: 50)
        #expect(pattern.texts(in: "a1 2 3 4567x\(gap)8 1234x") == ["1 2 3 4567x", "8 1234x"])
        #expect(try Pattern("\\d{4}-\\d{4}").forward != nil)
    }

    /// A backtracking engine would take 2^5000 steps, one that tries each beginning 5000².
    @Test func hostileTextsTakeLinearTime() throws {
        let text = String(repeating: "a", count: 200_000)
        let clock = ContinuousClock()
        for source in ["(a+)+b", "(a|a)*b", "(a?){30}a{30}b", "a.*a.*a.*b", "\\d+x"] {
            let pattern = try Pattern(source)
            let time = clock.measure { #expect(pattern.texts(in: text) == []) }
            #expect(time < .seconds(20), "\(source): \(time)")
        }
    }

    @Test func requiredLiteralsAreInEveryMatch() throws {
        #expect(try Pattern("account\\s*no").literals == ["account"])
        #expect(try Pattern("(foo|BAR)\\d+").literals == ["bar", "foo"])
        #expect(try Pattern("\\d+(-|/)secret", ignoresCase: true).literals == ["-secret", "/secret"])
        #expect(try Pattern("[A-Za-z]+@[a-z]+").literals == ["@"])
        #expect(try Pattern("\\d{16}").literals == nil)
        #expect(try Pattern("(foo)?\\d+").literals == nil)
        #expect(try Pattern("(内部|机密)资料").literals == ["内部资料", "机密资料"])
        // Only A to Z are looked for in either case.
        #expect(try Pattern("Ärger", ignoresCase: true).literals == ["Ärger", "ärger"])
    }
}

extension Pattern {
    func texts(in text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { buffer in
            search(buffer) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
        }
        return found
    }
}
