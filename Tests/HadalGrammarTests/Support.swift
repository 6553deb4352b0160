import HadalGrammar
import HadalJSON
import TestSupport
import Testing

extension Grammar {
    static func schema(_ text: String, closed: Bool = false) throws -> Grammar {
        try Grammar(.jsonSchema(JSON(parsing: text), SchemaOptions(closesObjects: closed)))
    }
}

/// The error that a source gives.
func failure(_ source: GrammarSource, limits: GrammarLimits = GrammarLimits()) -> GrammarError? {
    do throws(GrammarError) {
        _ = try Grammar(source, limits: limits)
        return nil
    } catch {
        return error
    }
}

func schemaFailure(_ text: String) throws -> GrammarError? { failure(.jsonSchema(try JSON(parsing: text))) }

extension ElementSyntax {
    static let sample = ElementSyntax(
        opening: "<p n=\"", names: "[^\">]*", beforeText: "\" s>", beforeValue: "\" v>", closing: "</p>", escaped: "p",
        separator: ";")
}

extension Vocabulary {
    /// All bytes, then some longer tokens, of which a few are the same, and one without text.
    static func sample(_ texts: [String] = [], seed: UInt64? = nil) -> Vocabulary {
        var tokens = (0...255).map { [UInt8($0)] }
        tokens += [
            [], Array("{\"".utf8), Array("\":".utf8), Array("\", \"".utf8), Array("\"}".utf8), Array("true".utf8),
        ]
        tokens += texts.map { Array($0.utf8) }
        tokens += [Array("true".utf8)]
        if let seed {
            var random = SplitMix(state: seed)
            let pieces = [
                "a", "b", "ab", "\"", ":", ",", " ", "{", "}", "[", "]", "1", "0", "-", ".", "é", "日本", "\\", "n",
                "u00",
            ]
            for _ in 0..<400 {
                let count = Int.random(in: 1...6, using: &random)
                var bytes = (0..<count).flatMap { _ in Array(pieces.randomElement(using: &random)!.utf8) }
                // Parts of characters, too.
                if Bool.random(using: &random) { bytes.removeLast() }
                tokens.append(bytes)
            }
        }
        return Vocabulary(tokens)
    }
}

extension Constraint {
    /// What the mask should be: every token whose bytes keep the text alive.
    func bruteForce(_ state: State) -> [Int32] {
        (0..<Int32(vocabulary.count)).filter { advance(state, token: $0) != nil }
    }

    /// Draws tokens that the masks allow until the text must end, or may and the die says so; nil where it got too long.
    func randomText(using random: inout SplitMix, tokensMax: Int = 400, preferring preferred: [UInt8] = []) -> [UInt8]?
    {
        var state = start
        var text: [UInt8] = []
        for _ in 0..<tokensMax {
            if mustEnd(state) || (mayEnd(state) && Bool.random(using: &random)) { return text }
            let mask = mask(state)
            let likely = preferred.map { Int32($0) }.filter { mask.contains($0) }
            let tokens = likely.isEmpty || Int.random(in: 0..<3, using: &random) == 0 ? mask.tokens : likely
            guard let token = tokens.randomElement(using: &random), let next = advance(state, token: token) else {
                return nil
            }
            text += vocabulary.bytes(of: token)
            state = next
        }
        return mayEnd(state) ? text : nil
    }
}
