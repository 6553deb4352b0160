import HadalEngine
import TestSupport
import Testing

@Suite struct StopMatcherTests {
    private func run(_ stops: [String], _ pieces: [String]) -> (texts: [String], stopped: Bool) {
        var matcher = StopMatcher(stops)
        var texts: [String] = []
        for piece in pieces {
            let (text, stopped) = matcher.feed(piece)
            texts.append(text)
            if stopped { return (texts, true) }
        }
        return (texts + [matcher.flush()], false)
    }

    @Test func textIsHeldBackWhileItMayBeAStop() {
        #expect(run(["END"], ["a", "E", "N", "x"]) == (["a", "", "", "ENx", ""], false))
        #expect(run(["END"], ["a", "E", "ND more"]) == (["a", "", ""], true))
        #expect(run(["END"], ["xEEN", "D"]) == (["xE", ""], true))
        #expect(run(["END"], ["EN"]) == (["", "EN"], false))
    }

    @Test func theEarliestStopEndsTheText() {
        #expect(run(["b", "abc"], ["xab"]) == (["xa"], true))
        var matcher = StopMatcher(["b", "abc"])
        #expect(matcher.feed("xab").stopped && matcher.found == "b")
        #expect(run(["\n\n", "好的"], ["你好", "的\n"]) == (["你", ""], true))
    }

    @Test func withoutStopsNothingIsHeldBack() {
        #expect(run([], ["a", "b"]) == (["a", "b", ""], false))
    }

    /// However the text is cut, what comes out is what stands before the first stop.
    @Test func anyCutGivesTheSame() {
        var random = SplitMix(state: 4)
        for round in 0..<300 {
            let text = String((0..<40).map { _ in "abé深".randomElement(using: &random)! })
            let stops = (0..<3).map { _ in
                String((0..<Int.random(in: 2...5, using: &random)).map { _ in "abé深".randomElement(using: &random)! })
            }
            let places = stops.compactMap { stop in
                text.indices.first { text[$0...].hasPrefix(stop) }
            }
            let expected = places.min().map { String(text[..<$0]) } ?? text
            var rest = Substring(text)
            var pieces: [String] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...4, using: &random)
                pieces.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let result = run(stops, pieces)
            #expect(result.texts.joined() == expected, "round \(round): \(stops) in \(pieces)")
            #expect(result.stopped == !places.isEmpty)
        }
    }
}
