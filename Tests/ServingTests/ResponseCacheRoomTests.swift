import Testing

@testable import HadalGateway

/// What makes room for new answers in a full cache.
@Suite(.timeLimit(.minutes(15))) struct ResponseCacheRoomTests {
    private typealias Fixtures = CacheFixtures

    @Test func whatWasUsedLongestAgoMakesRoom() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        // Sixteen of them would fit, were there nothing beside their texts.
        for number in 0..<15 { cache.keep(Fixtures.answer(kilobytes: 60), try Fixtures.known("\(number)")) }
        #expect(cache.statistics.entries == 15)
        #expect(cache.text(try Fixtures.known("0")) != nil)
        for number in 15..<20 { cache.keep(Fixtures.answer(kilobytes: 60), try Fixtures.known("\(number)")) }
        let there = try (0..<20).filter { cache.text(try Fixtures.known("\($0)")) != nil }
        #expect(there.first == 0 && !there.contains(1) && there.contains(19))
        #expect(there == there.prefix(1) + Array(try #require(there.dropFirst().first)..<20))
        #expect(cache.statistics.bytes <= 1 << 20 && cache.statistics.bytes > 13 * 60 << 10)
        #expect(cache.statistics.evictions == 20 - there.count)
    }

    @Test func whatIsTooLargeIsNotKept() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(Fixtures.answer(kilobytes: 62), try Fixtures.known("fits"))
        cache.keep(Fixtures.answer(kilobytes: 64), try Fixtures.known("does not"))
        #expect(cache.text(try Fixtures.known("fits")) != nil)
        #expect(cache.text(try Fixtures.known("does not")) == nil)
        let none = ResponseCache(bytesLimit: 0)
        none.keep(Fixtures.answer("a"), try Fixtures.known("a"))
        #expect(none.text(try Fixtures.known("a")) == nil)
    }

    @Test func whatIsOverMakesRoomFirst() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(Fixtures.answer("a"), for: try Fixtures.known("a"), lifetime: .seconds(1), now: Fixtures.now)
        cache.keep(
            Fixtures.answer("b"), for: try Fixtures.known("b"), lifetime: .seconds(60), now: Fixtures.now + .seconds(2))
        #expect(cache.statistics.entries == 1 && cache.statistics.evictions == 0)
    }

    @Test func noTenantHasMoreThanHalfWhileOthersHaveSomething() throws {
        let limit = 4 << 20
        let cache = ResponseCache(bytesLimit: limit)
        func bytes(_ tenant: String) throws -> Int {
            _ = cache.text(try Fixtures.known("counted", tenant: tenant))
            return cache.statistics.tenants[tenant]?.bytes ?? 0
        }
        // Alone it has all of it.
        for number in 0..<1000 {
            cache.keep(Fixtures.answer(kilobytes: 8), try Fixtures.known("\(number)", tenant: "red"))
        }
        #expect(try bytes("red") > limit * 9 / 10)
        cache.keep(Fixtures.answer("small"), try Fixtures.known("first", tenant: "blue"))
        #expect(try bytes("red") <= limit / 2 && bytes("red") > limit * 2 / 5)
        // What it keeps from now on takes the place of its own.
        for number in 0..<1000 {
            cache.keep(Fixtures.answer(kilobytes: 8), try Fixtures.known("\(number)", tenant: "red"))
        }
        #expect(try bytes("red") <= limit / 2)
        #expect(cache.text(try Fixtures.known("first", tenant: "blue")) == "small")
        for number in 0..<1000 {
            cache.keep(Fixtures.answer(kilobytes: 8), try Fixtures.known("\(number)", tenant: "blue"))
        }
        #expect(try bytes("blue") <= limit / 2 && bytes("red") > 0)
        cache.forget(tenant: "red")
        for number in 0..<1000 {
            cache.keep(Fixtures.answer(kilobytes: 8), try Fixtures.known("\(number)", tenant: "blue"))
        }
        #expect(try bytes("blue") > limit * 9 / 10)
        #expect(cache.statistics.bytes <= limit)
    }
}
