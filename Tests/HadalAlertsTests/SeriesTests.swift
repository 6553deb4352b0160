import Foundation
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct SeriesTests {
    private static let all = SelectorSet([Selector("hadal_x"), Selector("hadal_y", ["model": .is("a")])])

    private static func frame(_ text: String) throws -> [Series: Double] {
        try MetricFrame(parsing: text, time: Date(), wanted: all).values
    }

    @Test func whatIsWantedIsRead() throws {
        let text = """
            # HELP hadal_x Some.
            # TYPE hadal_x gauge
            hadal_x 3
            hadal_x{model="a",le="+Inf"} 1.5e-05
            hadal_x{text="a \\"quoted\\" \\\\ line\\nand another"} +Inf
            hadal_y{model="a"} -7
            hadal_y{model="b"} 9
            hadal_z{this is="nobody's business

            """
        #expect(
            try Self.frame(text) == [
                Series("hadal_x"): 3, Series("hadal_x", ["le": "+Inf", "model": "a"]): 1.5e-05,
                Series("hadal_x", ["text": "a \"quoted\" \\ line\nand another"]): .infinity,
                Series("hadal_y", ["model": "a"]): -7,
            ])
    }

    @Test(arguments: [
        ("hadal_x", "space"), ("hadal_x three", "'three' is no number"), ("hadal_x 3 1700000000", "no number"),
        ("hadal_x{model=\"a\" 3", ", or }"), ("hadal_x{model=a} 3", "=\""), ("hadal_x{=\"a\"} 3", "label's name"),
        ("hadal_x{model=\"a} 3", "no end"), ("hadal_x{model=\"\\t\"} 3", "escape"), (" hadal_x 3", "metric's name"),
        ("hadal_x{a=\"1\",a=\"2\"} 3", "twice"), ("hadal_x 3\nhadal_x 3", "twice"),
    ])
    func whatIsNotOursIsRefused(_ text: String, _ problem: String) throws {
        let error = #expect(throws: AlertError.self) { try Self.frame("# ours\n" + text) }
        #expect("\(error!)".contains(problem) && "\(error!)".hasPrefix("metrics, line "), "\(error!)")
    }

    @Test func aScrapeWithoutEndIsRefused() {
        let text = (0...MetricFrame.seriesMax).map { "hadal_x{model=\"\($0)\"} 1\n" }.joined()
        #expect(throws: AlertError.metrics(line: 20_001, problem: "there are more than 20000 series")) {
            try Self.frame(text)
        }
    }

    /// A day at 15 seconds, in which a series comes and goes.
    @Test func historyIsBoundedAndForgets() {
        var history = History()
        var most = 0
        let counter = Selector("x")
        for step in 0..<(24 * 240) {
            let now = Double(step) * 15 + 1_800_000_000
            var values = [Series("x"): Double(step)]
            if step < 100 { values[Series("x", ["model": "gone"])] = 1 }
            history.add(MetricFrame(time: Date(timeIntervalSince1970: now), values: values))
            let counts = history.over(.infinity, counter) { points, _ in Double(points.count) }
            most = max(most, Int(counts[[:]] ?? 0))
        }
        #expect(most <= 113)
        #expect(history.seriesCount == 1)
        let spans = history.over(.infinity, counter) { points, window in window.end - points.first!.time }
        #expect((6 * 3600 - 300...6 * 3600).contains(spans[[:]]!))
    }

    @Test func framesThatComeTooSoonOrFromThePastAreLeftOut() {
        var history = History()
        func add(_ seconds: Double, _ value: Double) {
            history.add(MetricFrame(time: Date(timeIntervalSince1970: seconds), values: [Series("x"): value]))
        }
        add(1000, 1)
        add(1004, 2)
        add(900, 3)
        #expect(history.latest(Selector("x")) == [[:]: 1])
        // Set back by more than windows bridge: all begins anew.
        add(600, 4)
        #expect(history.time == 600 && history.latest(Selector("x")) == [[:]: 4])
    }
}
