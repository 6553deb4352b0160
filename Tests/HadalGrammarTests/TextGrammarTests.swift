import HadalGrammar
import HadalJSON
import Testing

@Suite struct TextGrammarTests {
    @Test func regularExpressionsMatchWholeTexts() throws {
        let cases: [(String, accepted: [String], refused: [String])] = [
            ("a|bc*", ["a", "b", "bccc"], ["", "ab", "c"]),
            (#"\d{3}-\d{4}"#, ["555-1234"], ["55-1234", "555-12345", "٣٣٣-1234"]),
            ("[^a-c]+", ["xyz", "日"], ["", "xay"]),
            ("(?:ab){2,3}", ["abab", "ababab"], ["ab", "abababab"]),
            (#"^\s*x?$"#, ["", "  x", "\n"], ["y"]),
            ("a.c", ["abc", "a日c"], ["a\nc", "ac"]),
            ("(?s)a.c", ["a\nc"], ["ac"]),
            ("(?i)abc|[d-f]", ["ABC", "aBc", "E"], ["g"]),
            (#"[\w.-]+@\w+"#, ["a.b-c@d"], ["@d"]),
            (#"\u00e9\x41\n"#, ["éA\n"], ["eA\n"]),
            ("a{2}{3}", ["aaaaaa"], ["aaaaa"]),
            ("(?<year>x)y|", ["", "xy"], ["x"]),
            ("x{,3}", ["x{,3}"], ["x", "xxx"]),
        ]
        for (pattern, accepted, refused) in cases {
            let grammar = try Grammar(.regex(pattern))
            #expect((accepted + refused).filter { grammar.matches($0) } == accepted, "\(pattern)")
        }
    }

    @Test func wrongExpressionsAreRefusedWithTheirPlace() {
        let cases: [(String, Int)] = [
            ("a(b", 3), ("a)", 1), ("*a", 0), ("[b-a]", 2), ("a{3,2}", 6), (#"\"#, 1), ("(?=a)", 1), (#"\b"#, 1),
            (#"(a)\1"#, 4),
            (#"\p{L}"#, 2), ("a++", 2), ("[a", 2), (#"\q"#, 2),
        ]
        for (pattern, place) in cases {
            guard case .invalidRegex(let offset, _)? = failure(.regex(pattern)) else {
                Issue.record("\(pattern): \(String(describing: failure(.regex(pattern))))")
                continue
            }
            #expect(offset == place, "\(pattern)")
        }
    }

    @Test func grammarsAreReadAsLlamaCppDoes() throws {
        let arithmetic = try Grammar(
            .gbnf(
                """
                # a calculator
                root  ::= term (ws ("+" | "-")
                          ws term)*   # over two lines
                term  ::= [0-9]{1,3} | "(" ws root ws ")"
                ws    ::= " "?
                """))
        for text in ["1", "1 + 2", "(1-(22))+3", "( 1 )"] { #expect(arithmetic.matches(text), "\(text)") }
        for text in ["", "1234", "1++2", "(1", "1)", "1  +2"] { #expect(!arithmetic.matches(text), "\(text)") }

        let cases: [(String, accepted: [String], refused: [String])] = [
            (#"root ::= "a"{2,3} | [^\x00-\x7F]"#, ["aa", "aaa", "é", "😀"], ["a", "aaaa", "b", ""]),
            (#"root ::= ( [x]* )*"#, ["", "xx"], ["y"]),
            (#"root ::= "\u00e9\n\"\\" ."#, ["é\n\"\\z"], ["é\n\"\\"]),
            (#"root ::= a-b*"# + "\n" + #"a-b ::= "x" | "y" a-b"#, ["", "xx", "yyx"], ["y"]),
            (#"root ::= "a" root "b" | """#, ["", "ab", "aaabbb"], ["aab", "abb"]),
            (#"root ::= [a-z]{12,} "!""#, ["abcdefghijklm!"], ["abc!"]),
            (#"root ::= ("a" | "b"?){20} "c""#, ["c", "aaac", "babac"], ["", "aaaaaaaaaaaaaaaaaaaaac"]),
            (
                #"root ::= ("ab" "c"?){10,20}"#,
                [String(repeating: "ab", count: 10), String(repeating: "abc", count: 20)],
                [String(repeating: "ab", count: 9), String(repeating: "ab", count: 21)]
            ),
        ]
        for (text, accepted, refused) in cases {
            let grammar = try Grammar(.gbnf(text))
            #expect((accepted + refused).filter { grammar.matches($0) } == accepted, "\(text)")
        }
    }

    @Test func wrongGrammarsAreRefusedWithTheirLine() {
        let cases: [(String, Int)] = [
            ("root ::= a\n\nb ::= \"x\"", 1), ("x ::= \"a\"", 1), ("root ::= \"a\"\nroot ::= \"b\"", 2),
            ("root ::= (\"a\"", 1), ("root = \"a\"", 1), ("root ::= \"a\n", 2), ("\nroot ::= [a", 2),
            ("root ::= \"a\"{3,1}", 1),
            ("root ::= <[12]>", 1), ("", 1),
        ]
        for (text, line) in cases {
            guard case .invalidGrammar(let place, _)? = failure(.gbnf(text)) else {
                Issue.record("\(text): \(String(describing: failure(.gbnf(text))))")
                continue
            }
            #expect(place == line, "\(text)")
        }
        for text in ["root ::= root \"a\" | \"b\"", "root ::= a\na ::= \"\" b\nb ::= \"x\"? a \"y\" | \"z\""] {
            guard case .leftRecursion? = failure(.gbnf(text)) else {
                Issue.record("\(text): \(String(describing: failure(.gbnf(text))))")
                continue
            }
        }
        #expect(failure(.gbnf("root ::= \"a\" root")) == .unsatisfiable(path: ""))
    }

    @Test func choicesAreWholeTexts() throws {
        let grammar = try Grammar(.choice(["yes", "no", "not sure", "\"é\""]))
        for text in ["yes", "no", "not sure", "\"é\""] { #expect(grammar.matches(text)) }
        for text in ["", "ye", "yess", "not"] { #expect(!grammar.matches(text)) }
        for source: GrammarSource in [.choice([]), .choice(["a", ""])] {
            guard case .invalidChoice? = failure(source) else {
                Issue.record("\(source)")
                continue
            }
        }
    }

    @Test func sourcesArePutTogether() throws {
        let call: GrammarSource = .sequence([
            .text("<call>f\n"),
            .jsonSchema(
                try JSON(
                    parsing:
                        #"{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "additionalProperties": false}"#
                )),
            .text("</call>"),
        ])
        let grammar = try Grammar(.anyOf([.regex("[a-z ]+"), .repeated(call, min: 1, max: 2)]))
        for text in ["plain words", "<call>f\n{\"x\":1}</call>", "<call>f\n{\"x\":1}</call><call>f\n{\"x\": 2}</call>"]
        {
            #expect(grammar.matches(text), "\(text)")
        }
        for text in ["", "<call>f\n{}</call>", String(repeating: "<call>f\n{\"x\":1}</call>", count: 3)] {
            #expect(!grammar.matches(text), "\(text)")
        }
    }
}
