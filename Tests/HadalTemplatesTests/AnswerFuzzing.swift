import HadalTemplates

/// What a fuzzer does with one input: the first byte says the syntax and the cuts, the rest is what a model wrote. Compiled
/// into the tests and (by Fuzz/run.sh) into the fuzzer.
enum AnswerFuzzing {
    static func run(_ bytes: some Collection<UInt8>) {
        guard let first = bytes.first else { return }
        let syntax = ToolSyntax.allCases[Int(first) % ToolSyntax.allCases.count]
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        for isTruncated in [false, true] {
            let whole = outcome(text, syntax, pieces: .max, isTruncated: isTruncated)
            let cut = outcome(
                text, syntax, pieces: 1 + Int(first) / ToolSyntax.allCases.count, isTruncated: isTruncated)
            precondition(whole == cut, "the cuts made a difference")
        }
    }

    /// All events as one text, those of a kind that follow each other in one piece.
    private static func outcome(
        _ text: String, _ syntax: ToolSyntax, pieces: Int, isTruncated: Bool
    ) -> [String] {
        var parser = AnswerParser(
            splits: true, startsInReasoning: false, tools: .init(syntax, names: ["f", "get_time"]))
        var events: [AnswerParser.Event] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            events += parser.feed(String(String.UnicodeScalarView(rest.prefix(pieces))))
            rest = rest.dropFirst(pieces)
        }
        events += parser.finish(isTruncated: isTruncated)
        var result: [String] = []
        var kind = ""
        for event in events {
            let (next, text): (String, String) =
                switch event {
                case .reasoning(let text): ("reasoning", text)
                case .content(let text): ("content", text)
                case .call(let index, let name): ("call \(index)", name)
                case .arguments(let index, let text): ("arguments \(index)", text)
                case .broken(let index, let rest, let whole, let problem):
                    ("broken \(index ?? -1)", rest + (whole ?? "") + problem)
                }
            if next == kind { result[result.count - 1] += text } else { result += [next, text] }
            kind = next
        }
        return result
    }
}
