import Foundation
import HadalJSON
import HadalState
import TestSupport
import Testing

@testable import HadalAccess

@Suite struct LimitQuotaTests {
    private let daily = LimitConfiguration.only([.key: Limits(tokensPerDay: 1000)])

    private func use(_ limiter: Limiter, _ tokens: Int, model: String = "m") async throws {
        try await limiter.admit(.of(model: model, prompt: 0)).finish(promptTokens: tokens, answerTokens: 0)
    }

    @Test func `a day's quota begins anew at midnight UTC`() async throws {
        let clock = try StandingClock("2026-11-30 23:59:59")
        let limiter = try Limiter(daily, clock)
        try await use(limiter, 600)
        #expect(await limiter.refusal(.of(prompt: 400)) == nil)
        let refusal = try #require(await limiter.refusal(.of(prompt: 401)))
        #expect(refusal.limit == .tokensPerDay)
        #expect(refusal.retryAfter == .seconds(1))
        clock.move(.microseconds(999_999))
        #expect(await limiter.refusal(.of(prompt: 401))?.retryAfter == .microseconds(1))
        clock.move(.microseconds(1))
        #expect(await limiter.refusal(.of(prompt: 1000)) == nil)
        #expect(await limiter.refusal(.of(prompt: 1001))?.reason == .tooLarge)
    }

    @Test(arguments: [
        ("2026-11-30 23:59:59", 1), ("2026-12-31 23:59:50", 10), ("2028-02-28 00:00:00", 172_800),
        ("2026-02-28 00:00:00", 86_400),
        ("2026-11-01 00:00:00", 30 * 86_400),
    ])
    func `a month's quota begins anew with the month, UTC`(_ time: String, _ seconds: Int) async throws {
        let clock = try StandingClock(time)
        let limiter = try Limiter(.only([.tenant: Limits(tokensPerMonth: 1000)]), clock)
        try await use(limiter, 1000)
        #expect(await limiter.refusal(.of(prompt: 1))?.retryAfter == .seconds(seconds))
        clock.move(.seconds(seconds - 1))
        #expect(await limiter.refusal(.of(prompt: 1)) != nil)
        clock.move(.seconds(1))
        #expect(await limiter.refusal(.of(prompt: 1000)) == nil)
    }

    @Test func `what a running request may need is reserved, over midnight too`() async throws {
        let clock = try StandingClock("2026-11-10 23:59:00")
        let limiter = try Limiter(daily, clock)
        let running = try await limiter.admit(.of(prompt: 300, answer: 500))
        // It will end long before midnight, and may give back what stands in the way.
        #expect(await limiter.refusal(.of(prompt: 201))?.retryAfter == .seconds(1))
        clock.move(.seconds(120))
        #expect(await limiter.refusal(.of(prompt: 201)) != nil)
        running.finish(promptTokens: 300, answerTokens: 100)
        // It counts for the day on which it has ended.
        #expect(await limiter.refusal(.of(prompt: 600)) == nil)
        #expect(await limiter.refusal(.of(prompt: 601)) != nil)
        try await limiter.flush()
        let rows = try await limiter.store.report(UsageQuery(by: [.day]))
        #expect(rows.map(\.names) == [["2026-11-11"]])
    }

    @Test func `a budget counts prompts, cached prompts and answers at their prices`() async throws {
        let prices = [
            try ModelPrice(pattern: "big-*", promptPerMillion: 2, cachedPerMillion: 0.5, answerPerMillion: 8),
            try ModelPrice(pattern: "*", promptPerMillion: 0.014, answerPerMillion: 0.028),
        ]
        let limiter = try Limiter(
            .only([.user: Limits(costPerMonth: Cost(units: 10))]) { $0.prices = prices }, try StandingClock())
        func use(_ model: String) async throws {
            try await limiter.admit(.of(model: model))
                .finish(promptTokens: 1_000_000, cachedTokens: 400_000, answerTokens: 100_000)
        }
        try await use("big-r1")
        try await use("small")
        try await limiter.flush()
        let rows = try await limiter.store.report(UsageQuery(by: [.model]))
        #expect(rows.map(\.cost.description) == ["2.2", "0.0168"])
        for _ in 0..<3 { try await use("big-r1") }
        // 8.8168 of 10 are gone; a prompt of 600,000 costs 1.2.
        let refusal = try #require(await limiter.refusal(.of(model: "big-r1", prompt: 600_000)))
        #expect(refusal.limit == .costPerMonth)
        #expect(refusal.description.contains("a cost of 10 per month (UTC) for your user"))
        #expect(await limiter.refusal(.of(model: "big-r1", prompt: 590_000)) == nil)
        #expect(await limiter.refusal(.of(model: "small", prompt: 600_000)) == nil)
    }

    @Test func `quotas survive a restart, and what was not flushed is all that is lost`() async throws {
        let directory = try TemporaryDirectory()
        let clock = try StandingClock()
        do {
            let limiter = try Limiter(daily, clock, data: directory.url)
            try await use(limiter, 700)
            try await limiter.flush()
            try await use(limiter, 100)
        }
        let limiter = try Limiter(daily, clock, data: directory.url)
        #expect(await limiter.refusal(.of(prompt: 300)) == nil)
        #expect(await limiter.refusal(.of(prompt: 301))?.limit == .tokensPerDay)
    }

    @Test func `a limit set in the middle of a month counts what was used before`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(.only([:]), clock)
        try await use(limiter, 600)
        try await limiter.flush()
        try await use(limiter, 300)
        try limiter.use(
            .only([:]), overrides: [LimitOverride(scope: .user("user:u"), kind: .tokensPerMonth, value: 1000)])
        #expect(await limiter.refusal(.of(prompt: 100)) == nil)
        #expect(await limiter.refusal(.of(prompt: 101))?.limit == .tokensPerMonth)
        try await limiter.flush()
        #expect(await limiter.refusal(.of(prompt: 100)) == nil)
        #expect(await limiter.refusal(.of(prompt: 101))?.limit == .tokensPerMonth)
    }

    @Test func `gateways that share a file add up and see each other's usage`() async throws {
        let directory = try TemporaryDirectory()
        let clock = try StandingClock()
        let first = try Limiter(daily, clock, data: directory.url)
        let second = try Limiter(daily, clock, data: directory.url)
        try await use(first, 100)
        try await use(second, 200)
        for limiter in [first, second, first, second] { try await limiter.flush() }
        for limiter in [first, second] {
            #expect(await limiter.refusal(.of(prompt: 700)) == nil)
            #expect(await limiter.refusal(.of(prompt: 701)) != nil)
        }
        try await use(second, 650)
        try await second.flush()
        try await first.flush()
        #expect(await first.refusal(.of(prompt: 51)) != nil)
        #expect(await first.refusal(.of(prompt: 50)) == nil)
        try await first.flush()
        let rows = try await second.store.report(UsageQuery())
        #expect(rows.map(\.promptTokens) == [950])
    }

    @Test func `nothing is counted twice or lost while requests end and usage is written at the same time`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let clock = try StandingClock()
        let limiters = [
            try Limiter(daily, clock, data: directory.url), try Limiter(daily, clock, data: directory.url),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 {
                let limiter = limiters[number % 2]
                group.addTask {
                    try await limiter.admit(.of(key: "key:\(number % 7)", prompt: 0)).finish(
                        promptTokens: 3, answerTokens: 1)
                    if number % 10 == 0 { try await limiter.flush() }
                }
            }
            try await group.waitForAll()
        }
        for limiter in limiters + limiters { try await limiter.flush() }
        let rows = try await limiters[0].store.report(UsageQuery(by: [.key]))
        #expect(rows.map(\.requests).reduce(0, +) == 400)
        #expect(rows.map(\.promptTokens).reduce(0, +) == 1200)
        for row in rows {
            let left = 1000 - row.promptTokens - row.answerTokens
            for limiter in limiters {
                #expect(await limiter.refusal(.of(key: row.names[0], prompt: left)) == nil)
                #expect(await limiter.refusal(.of(key: row.names[0], prompt: left + 1)) != nil)
            }
        }
    }

    @Test func `usage that could not be written is written later, and counts meanwhile`() async throws {
        let limiter = try Limiter(daily, try StandingClock())
        try await use(limiter, 900)
        try await limiter.store.exclusively { try $0.execute("ALTER TABLE usage RENAME TO away") }
        await #expect(throws: AccessStoreError.self) { try await limiter.flush() }
        #expect(limiter.activity.unwritten == 1)
        #expect(await limiter.refusal(.of(prompt: 101)) != nil)
        try await limiter.store.exclusively { try $0.execute("ALTER TABLE away RENAME TO usage") }
        try await limiter.flush()
        #expect(limiter.activity.unwritten == 0)
        #expect(await limiter.refusal(.of(prompt: 101)) != nil)
        #expect(await limiter.refusal(.of(prompt: 100)) == nil)
        #expect(try await limiter.store.report(UsageQuery()).map(\.promptTokens) == [900])
    }

    @Test func `where usage cannot be read, who has a quota is refused and nobody else`() async throws {
        let limiter = try Limiter(daily, try StandingClock())
        try await limiter.store.exclusively { try $0.execute("DROP TABLE quotas") }
        let refusal = try #require(await limiter.refusal(.of()))
        #expect(refusal.reason == .usageUnknown)
        #expect(refusal.retryAfterSeconds == 1)
        #expect(await limiter.refusal(.of(key: nil)) == nil)
    }

    @Test func `a counter that was forgotten is read again`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(daily, clock)
        try await use(limiter, 900)
        try await limiter.flush()
        clock.move(.seconds(700))
        try await limiter.flush()
        #expect(limiter.activity.scopes == 0)
        #expect(await limiter.refusal(.of(prompt: 101)) != nil)
        #expect(await limiter.refusal(.of(prompt: 100)) == nil)
    }

    @Test func `a clock that is set back by days finds the totals of the day it tells`() async throws {
        let clock = try StandingClock("2026-11-20 12:00:00")
        let limiter = try Limiter(daily, clock)
        try await use(limiter, 400)
        clock.move(.seconds(5 * 86_400))
        try await use(limiter, 900)
        #expect(await limiter.refusal(.of(prompt: 101)) != nil)
        clock.move(.seconds(-5 * 86_400))
        #expect(await limiter.refusal(.of(prompt: 601)) != nil)
        #expect(await limiter.refusal(.of(prompt: 600)) == nil)
    }
}

@Suite struct LimitUsageReportTests {
    @Test func `reports divide and choose`() async throws {
        let clock = try StandingClock("2026-10-31 12:00:00")
        let limiter = try Limiter(.only([:]), clock)
        func use(_ request: LimitedRequest, _ tokens: Int) async throws {
            try await limiter.admit(request).finish(promptTokens: tokens, answerTokens: 1)
        }
        try await use(.of(), 10)
        clock.move(.seconds(86_400))
        try await use(.of(), 20)
        try await use(.of(key: nil, user: "user:v", tenant: "blue", model: "n"), 40)
        try await limiter.flush()
        let store = limiter.store
        #expect(try await store.report(UsageQuery()).map(\.promptTokens) == [70])
        let byUser = try await store.report(UsageQuery(by: [.user], from: try UTCDay(parsing: "2026-11-01")))
        #expect(byUser.map(\.names) == [["user:u"], ["user:v"]])
        #expect(byUser.map(\.promptTokens) == [20, 40])
        let json = byUser[0].json([.user])
        #expect(json["user"] == "user:u" && json["promptTokens"] == 20 && json["answerTokens"] == 1)
        #expect(json["cost"]?.double == 0)
        let blue = try await store.report(UsageQuery(by: [.day, .model], only: [.tenant: "blue"]))
        #expect(blue.map(\.names) == [["2026-11-01", "n"]])
        #expect(
            try await store.report(UsageQuery(by: [.key], to: try UTCDay(parsing: "2026-10-31"))).map(\.promptTokens)
                == [10])
        #expect(try await store.report(UsageQuery(only: [.tenant: "' OR 1=1 --"])).map(\.requests) == [0])
        #expect(try await store.report(UsageQuery(by: [.day, .day])).count == 2)
    }

    @Test func `totals of days that are over go away, and reports after 400 days`() async throws {
        let clock = try StandingClock("2026-01-15 12:00:00")
        let limiter = try Limiter(.only([:]), clock)
        func rows(_ table: String) async throws -> Int {
            try await limiter.store.read { try $0.row("SELECT count(*) AS number FROM \(table)")?.int("number") ?? 0 }
        }
        try await limiter.admit(.of()).finish(promptTokens: 1, answerTokens: 1)
        try await limiter.flush()
        #expect(try await rows("quotas") == 12)
        clock.move(.seconds(3 * 86_400))
        try await limiter.flush()
        #expect(try await rows("quotas") == 6)
        clock.move(.seconds(60 * 86_400))
        try await limiter.flush()
        #expect(try await rows("quotas") == 0)
        #expect(try await rows("usage") == 1)
        clock.move(.seconds(338 * 86_400))
        try await limiter.flush()
        #expect(try await rows("usage") == 0)
    }

    @Test func `days are those of the calendar`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for number in stride(from: -1000, to: 100_000, by: 7) {
            let day = UTCDay(number: number)
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(number) * 86_400 + 86_399))
            #expect(day.civil.year == parts.year && day.civil.month == parts.month && day.civil.day == parts.day)
            #expect(UTCDay(year: day.civil.year, month: day.civil.month, day: day.civil.day) == day)
        }
        #expect(UTCDay(at: -1).description == "1969-12-31")
        #expect(UTCDay(at: 0).description == "1970-01-01")
        #expect(try UTCDay(parsing: "2028-02-29").next.description == "2028-03-01")
        for text in [
            "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01 ", "2026-00-10", "+026-01-01", "2026-01",
            "",
        ] {
            #expect(throws: LimitError.badDay(text)) { try UTCDay(parsing: text) }
        }
    }
}
