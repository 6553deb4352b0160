import Foundation
import HadalGrammar
import HadalJSON
import HadalTokenization

/// Measures compiling schemas and computing token masks, along texts that the schemas admit. Times are of the processor, so
/// that what else the machine does is left out.
public struct GrammarBenchmark: Sendable {
    public struct Figures: Sendable {
        public var count: Int
        public var median: Double
        public var p99: Double
        public var largest: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            func quantile(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
            count = sorted.count
            median = quantile(0.5)
            p99 = quantile(0.99)
            largest = sorted.last ?? 0
        }

        var json: JSON {
            [
                "count": .int(Int64(count)), "median": .double(median), "p99": .double(p99), "max": .double(largest),
            ]
        }
    }

    public var vocabulary: Int
    public var vocabularySeconds: Double
    public var refusedSchemas: Int
    public var compileMilliseconds: Figures
    /// With a constraint of each schema's own, which nobody has used before.
    public var firstMaskMicroseconds: Figures
    /// Along the same texts again.
    public var nextMaskMicroseconds: Figures
    public var advanceMicroseconds: Figures
    public var tokens: Int
    /// Tokens that the grammar leaves no choice about.
    public var forcedTokens: Int
    /// Of the automaton and the masks that were found, a schema.
    public var kilobytes: Figures

    /// - Parameters:
    ///   - cases: objects with a `schema`, and `tests` that hold `data` and whether it is `valid`.
    public static func run(_ tokenizer: any Tokenizer, cases: [JSON]) -> GrammarBenchmark {
        let start = processorSeconds
        let vocabulary = Vocabulary(
            (0..<Int32(tokenizer.vocabularySize)).map { tokenizer.isSpecial($0) ? [] : tokenizer.bytes(of: $0) })
        let vocabularySeconds = processorSeconds - start

        var refused = 0
        var compile: [Double] = []
        var masks: [[Double]] = [[], []]
        var advances: [Double] = []
        var kilobytes: [Double] = []
        var tokens = 0
        var forced = 0
        for example in cases {
            guard let schema = example["schema"] else { continue }
            let begin = processorSeconds
            guard let grammar = try? Grammar(.jsonSchema(schema)) else {
                refused += 1
                continue
            }
            let constraint = Constraint(grammar, vocabulary: vocabulary)
            compile.append((processorSeconds - begin) * 1e3)
            for round in masks.indices {
                for test in example["tests"]?.array ?? [] where test["valid"] == true {
                    guard let text = test["data"]?.text, grammar.matches(text) else { continue }
                    var state = constraint.start
                    for token in tokenizer.encode(text, parsesSpecial: false) {
                        let before = processorSeconds
                        _ = constraint.mask(state)
                        let between = processorSeconds
                        guard let next = constraint.advance(state, token: token) else { break }
                        masks[round].append((between - before) * 1e6)
                        if round > 0 {
                            advances.append((processorSeconds - between) * 1e6)
                            tokens += 1
                            let bytes = vocabulary.bytes(of: token)
                            if constraint.forcedBytes(state, limit: bytes.count).elementsEqual(bytes) { forced += 1 }
                        }
                        state = next
                    }
                }
            }
            kilobytes.append(Double(constraint.memory) / 1024)
        }
        return GrammarBenchmark(
            vocabulary: vocabulary.count, vocabularySeconds: vocabularySeconds, refusedSchemas: refused,
            compileMilliseconds: Figures(compile), firstMaskMicroseconds: Figures(masks[0]),
            nextMaskMicroseconds: Figures(masks[1]), advanceMicroseconds: Figures(advances), tokens: tokens,
            forcedTokens: forced, kilobytes: Figures(kilobytes))
    }

    /// That this thread has used.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    public var forcedShare: Double { tokens == 0 ? 0 : Double(forcedTokens) / Double(tokens) }

    public var json: JSON {
        [
            "vocabulary": .int(Int64(vocabulary)), "vocabulary_seconds": .double(vocabularySeconds),
            "refused_schemas": .int(Int64(refusedSchemas)), "compile_ms": compileMilliseconds.json,
            "first_mask_us": firstMaskMicroseconds.json, "next_mask_us": nextMaskMicroseconds.json,
            "advance_us": advanceMicroseconds.json, "tokens": .int(Int64(tokens)),
            "forced_tokens": .int(Int64(forcedTokens)), "forced_share": .double(forcedShare),
            "kilobytes": kilobytes.json,
        ]
    }
}
