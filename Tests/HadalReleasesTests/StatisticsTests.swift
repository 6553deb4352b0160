import Foundation
import TestSupport
import Testing

@testable import HadalReleases

/// Against values of SciPy 1.17 and of the papers that the formulas come from.
@Suite struct StatisticsTests {
    private func close(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        abs(value - expected) <= tolerance * max(1e-300, abs(expected))
    }

    @Test func tailsOfDistributions() {
        #expect(close(Distributions.normalTail(1.959963984540054), 0.025))
        #expect(close(Distributions.normalTail(6), 9.865876450376946e-10))
        #expect(close(Distributions.normalQuantile(tail: 0.001), 3.090232306167813))
        #expect(close(Distributions.studentTail(2, degrees: 10), 0.03669401738537018))
        #expect(close(Distributions.studentTail(-1.5, degrees: 3.7), 0.8932009153989933))
        #expect(close(Distributions.studentTail(4.5, degrees: 120.5), 7.887745381704648e-06))
        #expect(close(Distributions.studentTail(12, degrees: 1), 0.026464676059589878))
        #expect(close(Distributions.studentQuantile(tail: 0.025, degrees: 7.3), 2.3450667365477034))
        #expect(close(Distributions.incompleteBeta(0.01, 2.5, 400.25), 0.8470589366931005))
    }

    @Test func tailsOfCounts() {
        func binomial(_ count: Int, _ trials: Int, _ probability: Double) -> Double {
            Distributions.binomialTail(atLeast: count, of: trials, probability: probability)
        }
        #expect(close(binomial(12, 100, 0.05), 0.004274182466365919))
        #expect(close(binomial(3, 30, 0.1), 0.5886487604404943))
        #expect(close(binomial(1, 5, 0.5), 0.96875))
        #expect(close(binomial(5600, 100_000, 0.055), 0.08405384279865026, 1e-7))
        #expect(binomial(0, 5, 0.1) == 1 && binomial(6, 5, 0.1) == 0 && binomial(5, 5, 1) == 1)
        #expect(binomial(1, 5, 0) == 0)
        #expect(
            close(
                Distributions.hypergeometricTail(atLeast: 4, draws: 10, marked: 6, total: 60), 0.005394310386774012))
        #expect(Distributions.hypergeometricTail(atLeast: 0, draws: 10, marked: 6, total: 60) == 1)
        #expect(Distributions.hypergeometricTail(atLeast: 7, draws: 10, marked: 6, total: 60) == 0)
    }

    @Test func twoProportionsAsInNewcombe() throws {
        let test = try #require(TwoProportionTest(Rate(hits: 48, count: 80), Rate(hits: 56, count: 70)))
        #expect(close(test.difference, 0.2) && close(test.z, 2.6501719512585336))
        #expect(close(test.p, 0.00804508136819656))
        #expect(abs(test.low - 0.0524) < 5e-5 && abs(test.high - 0.3339) < 5e-5)
        #expect(TwoProportionTest(Rate(hits: 0, count: 0), Rate(hits: 1, count: 2)) == nil)
        let same = try #require(TwoProportionTest(Rate(hits: 0, count: 9), Rate(hits: 0, count: 9)))
        #expect(same.p == 1 && same.low < 0 && same.high > 0)
    }

    @Test func smallCountsAreJudgedByFishersTest() {
        let p = TwoProportionTest.probabilityHigher(Rate(hits: 3, count: 30), than: Rate(hits: 0, count: 570))
        #expect(close(p, 0.00011334386742675921))
        #expect(TwoProportionTest.probabilityHigher(Rate(hits: 0, count: 30), than: Rate(hits: 0, count: 570)) == 1)
        #expect(TwoProportionTest.probabilityHigher(Rate(hits: 0, count: 0), than: Rate(hits: 0, count: 570)) == 1)
    }

    private let first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    private let second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29, 1.83]

    @Test func ranksWithTies() {
        #expect(close(RankTest.probabilityLarger(first, than: second), 0.09541683619609181))
        #expect(close(RankTest.probabilityLarger(second, than: first), 0.9177164554070765))
        #expect(RankTest.probabilityLarger([1, 1, 1], than: [1, 1]) == 1)
        #expect(RankTest.probabilityLarger([], than: [1, 1]) == 1)
    }

    @Test func aLongerTailIsSeenWhereTheMiddleIsTheSame() {
        var random = SplitMix(state: 7)
        let baseline = (0..<1000).map { _ in Double.random(in: 0...1, using: &random) }
        let candidate = (0..<1000).map { number in
            number % 10 == 0 ? 5 : Double.random(in: 0...1, using: &random)
        }
        #expect(RankTest.probabilityLarger(candidate, than: baseline) > 1e-10)
        #expect(RankTest.probabilityLongerTail(candidate, than: baseline, quantile: 0.95) < 1e-12)
    }

    @Test func quantilesAsNumPy() {
        #expect(close(first.quantile(0.1) ?? 0, 1.14) && close(first.quantile(0.5) ?? 0, 1.68))
        #expect(close(first.quantile(0.95) ?? 0, 2.828) && first.quantile(1) == 3.06)
        #expect([Double]().quantile(0.5) == nil && [3].quantile(0.9) == 3)
    }

    @Test func welchAsInItsClassicalExample() throws {
        let a = [
            27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4,
        ]
        let b = [
            27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.0, 23.9,
        ]
        let moments = Moments(a)
        #expect(close(moments.mean, 20.82) && close(moments.variance, 7.867428571428571))
        let test = try #require(WelchTest(moments, Moments(b)))
        #expect(close(test.t, 2.835263800664482) && close(test.degrees, 27.713625968118762))
        #expect(close(test.p, 0.008452732437443423, 1e-8))
        #expect(close(test.low, 0.7668882941149804, 1e-8) && close(test.high, 4.766445039218351, 1e-8))
        #expect(close(test.probabilityLower, 1 - test.p / 2))
        #expect(WelchTest(Moments([1]), Moments(b)) == nil && WelchTest(Moments([1, 1]), Moments([1, 1])) == nil)
    }

    @Test func aSequentialBoundIsWiderAndItsFormulaHolds() throws {
        let bound = try #require(SequentialBound(difference: 0.05, variance: 0.0001, scale: 0.02))
        #expect(close(bound.low, 0.019176100061109074) && close(bound.p, 0.00010151732912263196))
        #expect(abs(bound.low + bound.high - 0.1) < 1e-12)
        #expect(SequentialBound(difference: 0, variance: 0, scale: 1) == nil)
    }

    /// Two hundred tests without a difference, each looked at after every 50 subjects: by plain p many are "found".
    @Test func whoLooksOftenIsMisledByPAndNotByTheSequentialBound() {
        var random = SplitMix(state: 11)
        var (misled, misledBySequence) = (0, 0)
        for _ in 0..<200 {
            var (a, b) = (Moments(), Moments())
            var (found, foundBySequence) = (false, false)
            for _ in 0..<40 {
                for _ in 0..<50 {
                    a.add(Double(random.normal()))
                    b.add(Double(random.normal()))
                }
                let variance = a.variance / Double(a.count) + b.variance / Double(b.count)
                if let test = WelchTest(a, b), test.p < 0.05 { found = true }
                if let bound = SequentialBound(difference: b.mean - a.mean, variance: variance, scale: 0.1) {
                    if bound.p < 0.05 { foundBySequence = true }
                    #expect((bound.p < 0.05) == (bound.low > 0 || bound.high < 0))
                }
            }
            if found { misled += 1 }
            if foundBySequence { misledBySequence += 1 }
        }
        #expect(misled > 40 && misledBySequence <= 12)
    }

    @Test func confusionOfThreeClasses() throws {
        var matrix = ConfusionMatrix()
        for (actual, predicted, count) in [
            ("cat", "cat", 5), ("cat", "dog", 1), ("dog", "dog", 3), ("dog", "cat", 2), ("hen", "cat", 1),
        ] { matrix.add(actual: actual, predicted: predicted, count: count) }
        #expect(matrix.total == 12 && close(matrix.accuracy ?? 0, 8.0 / 12))
        let classes = Dictionary(uniqueKeysWithValues: matrix.classes.map { ($0.name, $0) })
        let cat = try #require(classes["cat"])
        #expect(cat.support == 6 && close(cat.precision ?? 0, 5.0 / 8) && close(cat.recall ?? 0, 5.0 / 6))
        #expect(close(cat.f1 ?? 0, 10.0 / 14))
        let hen = try #require(classes["hen"])
        #expect(hen.precision == nil && hen.recall == 0 && hen.f1 == 0)
        #expect(close(matrix.macroF1 ?? 0, (10.0 / 14 + 6.0 / 9) / 3))
        #expect(ConfusionMatrix().accuracy == nil && ConfusionMatrix().macroF1 == nil)
    }
}
