import HadalGrammar
import HadalJSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FuzzTests {
    /// Whatever a model draws from the masks, a text that ends is a value of the schema.
    @Test(arguments: SchemaTests.examples.indices)
    func whatIsDrawnFromMasksIsValid(index: Int) throws {
        let schema = try JSON(parsing: SchemaTests.examples[index].schema)
        let constraint = Constraint(try Grammar(.jsonSchema(schema)), vocabulary: .sample(seed: 5))
        var check = SchemaCheck(schema)
        var ended = 0
        for seed in 0..<200 as Range<UInt64> where seed < 12 || ended == 0 {
            var random = SplitMix(state: seed &* 1000 &+ UInt64(index))
            guard let text = constraint.randomText(using: &random, preferring: Array("}]\"0.".utf8)) else { continue }
            ended += 1
            let written = String(decoding: text, as: UTF8.self)
            do {
                let value = try JSON(parsing: text, depthLimit: 1000)
                // A double does not hold more digits.
                let isExact = text.count { (0x30...0x39).contains($0) } <= 15
                #expect(try !isExact || check.admits(value), "seed \(seed): \(written)")
            } catch let error as JSONError {
                // Grammars do not compare a member's name with those before it, and have numbers that a double has not.
                let isKnown = error.problem.contains("duplicate key") || error.problem.contains("out of range")
                #expect(isKnown, "seed \(seed): \(error) in \(written)")
            }
        }
        #expect(ended > 0)
    }

    @Test func mutilatedSourcesGiveAnErrorOrAGrammar() throws {
        var random = SplitMix(state: 2024)
        var compiled = 0
        let limits = { () -> GrammarLimits in
            var limits = GrammarLimits()
            limits.states = 20_000
            limits.regexStates = 500
            return limits
        }()
        let patterns = [#"^[a-z]+(?:x|y){2,4}$"#, #"\d+(\.\d*)?|[^\s,]{3}"#]
        let grammars = [
            #"root ::= a ("," a)* ; a ::= [a-z]{2,9} | "\"" "#, "root ::= \"x\" y?\ny ::= root | [^\\n]+\n",
        ]
        for round in 0..<1500 {
            var bytes: [UInt8]
            switch round % 3 {
            case 0: bytes = Array(patterns.randomElement(using: &random)!.utf8)
            case 1: bytes = Array(grammars.randomElement(using: &random)!.utf8)
            default: bytes = Array(SchemaTests.examples.randomElement(using: &random)!.schema.utf8)
            }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = bytes.randomElement(using: &random)!
                case 1: bytes.insert(bytes.randomElement(using: &random)!, at: place)
                case 2 where bytes.count > 2: bytes.remove(at: place)
                default:
                    let other = Int.random(in: 0..<bytes.count, using: &random)
                    bytes.insert(contentsOf: bytes[min(place, other)..<max(place, other)].prefix(40), at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let source: GrammarSource
            switch round % 3 {
            case 0: source = .regex(text)
            case 1: source = .gbnf(text)
            default:
                guard let json = try? JSON(parsing: text) else { continue }
                source = .jsonSchema(json)
            }
            if let grammar = try? Grammar(source, limits: limits) {
                compiled += 1
                let constraint = Constraint(grammar, vocabulary: .sample())
                _ = constraint.randomText(using: &random, tokensMax: 20)
            }
        }
        #expect(compiled > 100)
    }
}
