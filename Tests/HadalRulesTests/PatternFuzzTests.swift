import TestSupport
import Testing

@testable import HadalRules

/// Random expressions against Swift's own engine, which tracks back.
@Suite struct PatternFuzzTests {
    private struct Writer {
        var random: SplitMix

        mutating func pick<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &random)! }

        mutating func pattern(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 0 ? 8 : 3), using: &random) {
            case 0: return pick(["a", "b", "c", "中", "é", " ", "-"])
            case 1: return pick(["[ab]", "[^a]", "\\d", "[a-zé中1]", ".", "[a-c中]", "\\s"])
            case 2: return depth > 0 ? pick(["^", "$", "(?:)", "a"]) : "a"
            case 3, 4: return pattern(depth - 1) + pattern(depth - 1)
            case 5: return "(?:" + pattern(depth - 1) + "|" + pattern(depth - 1) + ")"
            case 6: return "(?:" + pattern(depth - 1) + ")" + pick(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"])
            default: return "(" + pattern(depth - 1) + ")" + pick(["*?", "+?", "??", "{1,2}?"])
            }
        }

        mutating func text() -> String {
            String((0..<Int.random(in: 0...14, using: &random)).map { _ in pick(Array("aaabbc中é 1-\n")) })
        }
    }

    private func expected(_ source: String, in text: String) throws -> [String] {
        let regex = try Regex(source).matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
        return text.matches(of: regex).map { String(text[$0.range]) }
    }

    @Test func tablesAndThreadsFindWhatABacktrackingEngineFinds() throws {
        var writer = Writer(random: SplitMix(state: 2026))
        var compared = 0
        var matches = 0
        for _ in 0..<6000 {
            let source = writer.pattern(4)
            guard let pattern = try? Pattern(source) else { continue }
            for _ in 0..<4 {
                let text = writer.text()
                let expected = try expected(source, in: text)
                #expect(pattern.texts(in: text) == expected, "\(source) in \(text.debugDescription)")
                #expect(threads(pattern, in: text) == expected, "threads of \(source) in \(text.debugDescription)")
                if let literals = pattern.literals, !expected.isEmpty {
                    #expect(
                        literals.contains { text.contains($0) }, "\(literals) of \(source) in \(text.debugDescription)")
                }
                compared += 1
                matches += expected.count
            }
        }
        #expect(compared > 5000 && matches > 5000, "too few that say something: \(compared), \(matches)")
    }

    @Test func aTextInPiecesGivesTheSameMatches() throws {
        var writer = Writer(random: SplitMix(state: 7))
        for _ in 0..<1500 {
            let source = writer.pattern(4)
            guard let pattern = try? Pattern(source) else { continue }
            let text = writer.text() + writer.text()
            var whole: [Range<Int>] = []
            Array(text.utf8).withUnsafeBufferPointer { text in pattern.search(text) { whole.append($0) } }
            var cursor = PatternCursor(pattern)
            var threads = PatternThreadSearch(pattern)
            var pieces: [Range<Int>] = []
            var threadPieces: [Range<Int>] = []
            var bytes: [UInt8] = []
            var pending = 0
            for piece in Array(text.unicodeScalars).map({ Array(String($0).utf8) }) + [[]] {
                bytes += piece
                let isComplete = piece.isEmpty
                bytes.withUnsafeBufferPointer { text in
                    cursor.advance(pattern, text, isComplete: isComplete) { match, certain in
                        #expect(match.lowerBound >= pending && certain >= match.upperBound, "\(source)")
                        pieces.append(match)
                    }
                    threads.advance(pattern, text, isComplete: isComplete) { match, _ in threadPieces.append(match) }
                    pending = cursor.pending(pattern, text)
                    if let longest = pattern.longest, !isComplete {
                        #expect(text.count - pending <= 4 * longest)
                    }
                    #expect(isComplete || threads.pending >= pending, "\(source)")
                }
            }
            #expect(pieces == whole && threadPieces == whole, "\(source) in \(text.debugDescription)")
        }
    }

    private func threads(_ pattern: Pattern, in text: String) -> [String] {
        let bytes = Array(text.utf8)
        var search = PatternThreadSearch(pattern)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { buffer in
            search.advance(pattern, buffer, isComplete: true) { match, _ in
                found.append(String(decoding: bytes[match], as: UTF8.self))
            }
        }
        return found
    }

    /// Bytes at random are an expression or a located error, never a crash.
    @Test func anyTextIsAnExpressionOrAnError() {
        var random = SplitMix(state: 3)
        let pieces = Array("\\()[]{}|*+?^$.-,:<>!=#&ipPxudwsb0123456789aZ中\u{200B} ").map { String($0) }
        for _ in 0..<20_000 {
            let source = (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            do throws(PatternError) {
                _ = try Pattern(source)
            } catch {
                #expect(!error.problem.isEmpty && !error.advice.isEmpty)
                #expect((1...source.unicodeScalars.count + 1).contains(error.column), "\(source)")
            }
        }
    }
}
