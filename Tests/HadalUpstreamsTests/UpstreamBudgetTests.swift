import Foundation
import HadalJSON
import HadalWire
import TestSupport
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamBudgetTests {
    private let noon = Date(timeIntervalSince1970: 1_796_040_000)  // 2026-11-30 12:00 UTC

    private func limited(_ change: (inout UpstreamSettings) -> Void) throws -> UpstreamSettings {
        var settings = UpstreamSettings(name: "up", base: try #require(URL(string: "https://x")), model: "m")
        settings.prices = UpstreamPrices(input: 1, output: 10, cached: Decimal(string: "0.1"))
        change(&settings)
        return settings
    }

    @Test func whatIsUsedIsCountedForDayAndMonth() {
        var budget = UpstreamBudget()
        let prices = UpstreamPrices(input: 1, output: 10)
        budget.add(Usage(promptTokens: 100_000, completionTokens: 10_000), prices, at: noon)
        budget.add(Usage(promptTokens: 1, completionTokens: 2), prices, at: noon)
        #expect(budget.day.name == "2026-11-30" && budget.month.name == "2026-11")
        #expect(budget.day.tokens == 110_003 && budget.day.requests == 2)
        #expect(budget.month.money == Decimal(string: "0.200021"))
    }

    @Test func aNewDayBeginsAtMidnightAndANewMonthToo() {
        var budget = UpstreamBudget()
        budget.add(Usage(promptTokens: 5), nil, at: noon.addingTimeInterval(-86_400))
        budget.add(Usage(promptTokens: 7), nil, at: noon.addingTimeInterval(12 * 3600 - 1))
        #expect(budget.day.tokens == 7 && budget.month.tokens == 12)
        #expect(budget.used(at: noon.addingTimeInterval(12 * 3600)).day.tokens == 0)
        budget.add(Usage(promptTokens: 1), nil, at: noon.addingTimeInterval(12 * 3600))
        #expect(budget.day.name == "2026-12-01" && budget.day.tokens == 1 && budget.month.tokens == 1)
    }

    @Test func aClockThatGoesBackGivesNothingAnew() {
        var budget = UpstreamBudget()
        budget.add(Usage(promptTokens: 5), nil, at: noon)
        budget.add(Usage(promptTokens: 5), nil, at: noon.addingTimeInterval(-3 * 86_400))
        #expect(budget.day.tokens == 10 && budget.used(at: noon.addingTimeInterval(-90_000)).day.tokens == 10)
    }

    @Test func aSpentBudgetIsRefusedWithTheTimeOfTheNext() throws {
        var budget = UpstreamBudget()
        let settings = try limited { $0.budget.day.tokens = 100 }
        budget.add(Usage(promptTokens: 99), nil, at: noon)
        try budget.check(settings, at: noon)
        budget.add(Usage(completionTokens: 1), nil, at: noon)
        let failure = #expect(throws: WorkerFailure.self) { try budget.check(settings, at: noon) }
        #expect(failure?.code == .queueFull && failure?.retrySeconds == 12 * 3600)
        #expect(failure?.message.contains("100 tokens") == true && failure?.message.contains("up") == true)
        try budget.check(settings, at: noon.addingTimeInterval(12 * 3600))
    }

    @Test func moneyOfAMonthIsALimitToo() throws {
        var budget = UpstreamBudget()
        let settings = try limited { $0.budget.month.money = Decimal(string: "0.3") }
        for _ in 0..<3 {
            try budget.check(settings, at: noon)
            budget.add(Usage(promptTokens: 100_000), settings.prices, at: noon.addingTimeInterval(-86_400))
        }
        let failure = #expect(throws: WorkerFailure.self) { try budget.check(settings, at: noon) }
        #expect(failure?.message.contains("(0.3)") == true && failure?.message.contains("this month") == true)
    }

    @Test func itIsTheSameAfterItWasSaved() throws {
        var random = SplitMix(state: 8)
        var budget = UpstreamBudget()
        let prices = UpstreamPrices(input: Decimal(string: "0.07")!, output: Decimal(string: "1.1")!)
        for _ in 0..<200 {
            let usage = Usage(
                promptTokens: .random(in: 0...100_000, using: &random), cachedTokens: 3,
                completionTokens: .random(in: 0...10_000, using: &random))
            let date = noon.addingTimeInterval(.random(in: 0...4_000_000, using: &random))
            budget.add(usage, prices, at: date)
            let loaded = try UpstreamBudget(try JSON(parsing: budget.json.text))
            #expect(loaded == budget)
        }
        #expect(throws: WireError.self) { try UpstreamBudget(["day": [:], "month": [:]]) }
    }
}
