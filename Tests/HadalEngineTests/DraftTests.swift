import HadalEngine
import Testing

/// What is guessed, and how much of it: without a model.
@Suite struct DraftTests {
    @Test func aTextGoesOnAsItDidBefore() {
        var lookup = PromptLookup()
        var text: [Int32] = [1, 2, 3, 4, 5, 6, 1, 2]
        #expect(lookup.guess(text, count: 4) == [])
        text.append(3)
        #expect(lookup.guess(text, count: 4) == [4, 5, 6, 1])
        #expect(lookup.guess(text, count: 2) == [4, 5])
        #expect(lookup.guess(text, count: 0) == [])
        // The last time counts.
        text += [9, 9, 1, 2, 3]
        #expect(lookup.guess(text, count: 3) == [9, 9, 1])
        // What follows may be short.
        text = [7, 7, 7, 7]
        lookup = PromptLookup()
        #expect(lookup.guess(text, count: 4) == [7])
        #expect(PromptLookup().ends([1, 2, 3]) == [])
    }

    @Test func trustFollowsWhatHappenedAndFades() {
        var trust = DraftTrust()
        let prior = trust.probability
        for _ in 0..<20 { trust.record(drafted: 4, accepted: 4) }
        #expect(trust.probability > 0.9)
        for _ in 0..<60 { trust.record(drafted: 4, accepted: 0) }
        #expect(trust.probability < 0.2)
        for _ in 0..<500 { trust.rest() }
        #expect(abs(trust.probability - prior) < 0.01)
    }

    @Test func costsBetweenMeasurementsAreInterpolated() {
        var budget = DraftBudget()
        #expect(budget.cost(rows: 3) == nil)
        budget.record(sequences: 2, rows: 2, seconds: 1)
        #expect(budget.cost(rows: 1) == nil)
        #expect(budget.cost(rows: 2) == 1)
        #expect(budget.cost(rows: 9) == 1)
        budget.record(sequences: 2, rows: 6, seconds: 3)
        #expect(budget.cost(rows: 4) == 2)
        budget.record(sequences: 2, rows: 6, seconds: 7)
        #expect(budget.cost(rows: 6) == 4)
    }

    /// Guesses for texts that decode, when a step of `rows` rows costs what `cost` says.
    private func counts(
        _ possible: [(count: Int, probability: Double)], rowsMax: Int = 64, cost: (Int) -> Double
    ) -> [Int] {
        var budget = DraftBudget()
        for rows in (possible.count...64).reversed() {
            budget.record(sequences: possible.count, rows: rows, seconds: cost(rows))
        }
        return budget.counts(possible, rowsMax: rowsMax)
    }

    @Test func asManyAsPay() {
        // Rows that cost nothing.
        #expect(counts([(4, 0.5)], cost: { _ in 1 }) == [4])
        // Rows that cost as much as the first: nothing that may be wrong pays.
        #expect(counts([(4, 0.9)], cost: { Double($0) }) == [0])
        #expect(counts([(4, 0.9), (4, 0.9)], cost: { Double($0) }) == [0, 0])
        // A quarter of a step for a row: 0.6 and 0.36 pay, 0.216 does not.
        #expect(counts([(4, 0.6)], cost: { 1 + 0.2 * Double($0 - 1) }) == [2])
        // The better ones first.
        #expect(counts([(4, 0.9), (4, 0.3)], rowsMax: 4, cost: { _ in 1 }) == [2, 0])
        // A step up in the cost is worth taking where enough comes after it.
        #expect(counts([(4, 0.95)], cost: { $0 == 1 ? 1 : 1.6 }) == [4])
        #expect(counts([(1, 0.5)], cost: { $0 == 1 ? 1 : 1.6 }) == [0])
        #expect(counts([(0, 0.9), (3, 0.9)], cost: { _ in 1 }) == [0, 3])
        #expect(counts([(4, 0.9)], rowsMax: 1, cost: { _ in 1 }) == [0])
    }

    @Test func nothingIsGuessedBeforeAPlainStepIsKnown() {
        var budget = DraftBudget()
        #expect(budget.counts([(4, 0.9)], rowsMax: 64) == [0])
        budget.record(sequences: 1, rows: 1, seconds: 1)
        #expect(budget.counts([(4, 0.9)], rowsMax: 64) == [4])
        // And it is measured again now and then.
        var plain = 0
        for _ in 0..<100 {
            let count = budget.counts([(4, 0.9)], rowsMax: 64)[0]
            budget.record(sequences: 1, rows: 1 + count, seconds: 1)
            if count == 0 { plain += 1 }
        }
        #expect((2...5).contains(plain))
    }
}

extension PromptLookup {
    fileprivate func ends(_ tokens: [Int32]) -> [Int32] {
        var copy = self
        return copy.guess(tokens, count: 4)
    }
}
