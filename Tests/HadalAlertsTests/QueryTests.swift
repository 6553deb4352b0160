import Foundation
import TestSupport
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct QueryTests {
    private typealias Values = [Series: [Double?]]

    private static func value(_ query: Query, _ series: Values) -> [Labels: Double] {
        query.value(in: .of(series))
    }

    @Test func gaugesAreThoseOfTheLastScrape() {
        let series: Values = [Series("x", ["model": "a"]): [1, 2], Series("x", ["model": "b"]): [3, nil]]
        #expect(Self.value(.gauge(Selector("x")), series) == [["model": "a"]: 2])
        #expect(Query.gauge(Selector("x")).value(in: History()).isEmpty)
        #expect(Query.time.value(in: History()).isEmpty)
    }

    /// 10 a scrape over 60 s: points at 0, 15, 30, 45, 60, all within the window, so that nothing is extended.
    @Test func increaseAndRate() {
        let series: Values = [Series("x"): [100, 110, 120, 130, 140]]
        #expect(Self.value(.increase(Selector("x"), over: 60), series) == [[:]: 40])
        #expect(Self.value(.rate(Selector("x"), over: 60), series) == [[:]: 40 / 60])
        #expect(Self.value(.rate(Selector("x"), over: 60), [Series("x"): [100]]).isEmpty)
    }

    /// The window is 60 s, the series is there for its last 30: 20 in 30 s, extended by half a distance (7.5 s) to 25.
    /// One that is at 3 then was at 0 only 4.5 s before, at that pace: it is extended by no more.
    @Test func aSeriesThatBeginsInTheWindowIsExtendedALittle() {
        let begun: Values = [Series("x"): [nil, nil, 500, 510, 520], Series("y"): [0]]
        #expect(Self.value(.increase(Selector("x"), over: 60), begun) == [[:]: 25])
        let young: Values = [Series("x"): [nil, nil, 3, 13, 23], Series("y"): [0]]
        let expected = 20.0 * (30 + 30 * (3.0 / 20)) / 30
        #expect(Self.value(.increase(Selector("x"), over: 60), young) == [[:]: expected])
    }

    @Test func aCounterThatBeginsAnewGoesOn() {
        let series: Values = [Series("x"): [100, 110, 4, 8, 2]]
        #expect(Self.value(.increase(Selector("x"), over: 60), series) == [[:]: 10 + 4 + 4 + 2])
    }

    /// What lies between the points that are kept must not be lost: 1 a second, begun anew every 97 s.
    @Test func oldPointsAreThinnedWithoutLoss() {
        let all = (0..<1441).map { Double(($0 * 15) % 97) as Double? }
        var total = 0.0
        for (before, after) in zip(all, all.dropFirst()) { total += after! < before! ? after! : after! - before! }
        let found = Self.value(.increase(Selector("x"), over: 6 * 3600), [Series("x"): all])
        #expect(abs(found[[:]]! - total) < 1e-6)
    }

    @Test func sumsAndMaxima() {
        let series: Values = [
            Series("x", ["model": "a", "tenant": "t"]): [1],
            Series("x", ["model": "a", "tenant": "u"]): [2],
            Series("x", ["model": "b"]): [4],
        ]
        let gauge = Query.gauge(Selector("x"))
        #expect(Self.value(.sum(gauge, by: ["model"]), series) == [["model": "a"]: 3, ["model": "b"]: 4])
        #expect(Self.value(.max(gauge, by: ["model"]), series) == [["model": "a"]: 2, ["model": "b"]: 4])
        #expect(Self.value(.sum(gauge, by: []), series) == [[:]: 7])
        #expect(
            Self.value(.max(gauge, by: []), series.merging([Series("x", ["model": "n"]): [.nan]]) { $1 }) == [[:]: 4])
    }

    @Test func arithmeticGoesByLabels() {
        let series: Values = [
            Series("free", ["use": "models"]): [25], Series("all", ["use": "models"]): [100],
            Series("free", ["use": "data"]): [1],
        ]
        let (free, all) = (Query.gauge(Selector("free")), Query.gauge(Selector("all")))
        #expect(Self.value(1 - free / all, series) == [["use": "models"]: 0.75])
        #expect(Self.value(free * 2 + 1, series) == [["use": "models"]: 51, ["use": "data"]: 3])
        #expect(Self.value(.time - 1, series) == [[:]: History.start - 1])
        #expect(Self.value(2 / (Query.constant(4) - 4), series) == [[:]: .infinity])
    }

    @Test func matchersChoose() {
        let series: Values = [
            Series("x", ["status": "200"]): [1], Series("x", ["status": "503"]): [2], Series("x"): [4],
        ]
        func sum(_ condition: Selector.Matcher.Condition) -> Double? {
            Self.value(.sum(.gauge(Selector("x", ["status": condition])), by: []), series)[[:]]
        }
        #expect(sum(.is("200")) == 1)
        #expect(sum(.is("")) == 4)
        #expect(sum(.isNot("200")) == 6)
        #expect(sum(.isOneOf(["503", ""])) == 6)
        #expect(sum(.hasPrefix("5")) == 2)
    }

    /// 10 up to 1, 10 more up to 2, 20 more up to 5.
    @Test(arguments: [(0.25, 1.0), (0.125, 0.5), (0.375, 1.5), (0.5, 2), (0.75, 3.5), (1, 5)])
    func quantiles(_ quantile: Double, _ value: Double) {
        let counts = ["1": 10.0, "2": 20, "5": 40, "+Inf": 40]
        let series = Dictionary(
            uniqueKeysWithValues: counts.map { (Series("x_bucket", ["le": $0]), [0, $1] as [Double?]) })
        let found = Self.value(.quantile(quantile, of: "x", by: [], over: 15), series)
        #expect(found == [[:]: value])
    }

    @Test func quantilesOfWhatIsBeyondAllBoundsAndOfNothing() {
        func found(_ counts: [String: Double]) -> Double? {
            HistogramQuantile.values(
                0.9, Dictionary(uniqueKeysWithValues: counts.map { (Labels(["le": $0]), $1) }))[[:]]
        }
        #expect(found(["1": 1, "+Inf": 10]) == 1)
        #expect(found(["1": 0, "+Inf": 0])?.isNaN == true)
        #expect(found(["1": 3])?.isNaN == true)
        #expect(found(["+Inf": 3])?.isNaN == true)
        #expect(found([:]) == nil)
    }

    @Test(arguments: [
        (
            Query.gauge(Selector("x", ["a": .isOneOf(["b.c", "d"]), "e": .hasPrefix("5")])),
            #"x{a=~"b\\.c|d",e=~"5.*"}"#
        ),
        (
            .sum(.rate(Selector("x", ["a": .isNot("\"\n")]), over: 300), by: []),
            #"sum by (instance) (rate(x{a!="\"\n"}[5m]))"#
        ),
        (
            .quantile(0.99, of: "x", by: ["model"], over: 21_600),
            "histogram_quantile(0.99, sum by (instance, model, le) (rate(x_bucket[6h])))"
        ),
        (1 - .gauge(Selector("x")) / .gauge(Selector("y")) * 1.5, "1 - ((x / y) * 1.5)"),
        (.time - .increase(Selector("x"), over: 90), "time() - increase(x[90s])"),
    ])
    func promQL(_ query: Query, _ text: String) { #expect(query.promQL == text) }
}
