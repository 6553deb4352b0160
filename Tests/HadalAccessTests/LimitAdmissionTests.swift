import Foundation
import Testing

@testable import HadalAccess

@Suite struct LimitAdmissionTests {
    @Test func `a key has 2000 requests per minute where nothing else is said`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(LimitConfiguration(), clock)
        for _ in 0..<2000 { #expect(await limiter.refusal(.of()) == nil) }
        let refusal = try #require(await limiter.refusal(.of()))
        #expect(refusal.limit == .requestsPerMinute)
        #expect(refusal.scope == .key("key:k"))
        #expect(refusal.value == 2000)
        #expect(refusal.retryAfter == .milliseconds(30))
        #expect(refusal.retryAfterSeconds == 1)
        #expect(await limiter.refusal(.of(key: "key:other")) == nil)
        clock.move(.milliseconds(30))
        #expect(await limiter.refusal(.of()) == nil)
        #expect(await limiter.refusal(.of()) != nil)
    }

    @Test(arguments: [
        (LimitScope.server, LimitedRequest.of(), LimitedRequest.of(key: nil, user: nil, tenant: "other", model: "n")),
        (.key("key:k"), .of(), .of(user: "user:v", tenant: "other", model: "n")),
        (.user("user:u"), .of(), .of(key: "key:l", tenant: "other", model: "n")),
        (.tenant("default"), .of(), .of(key: "key:l", user: "user:v", model: "n")),
        (.model("m"), .of(), .of(key: "key:l", user: "user:v", tenant: "other")),
        (.tenantModel(tenant: "default", model: "m"), .of(), .of(key: nil, user: nil)),
    ])
    func `each scope counts all that are of it and nobody else`(
        _ scope: LimitScope, _ first: LimitedRequest, _ same: LimitedRequest
    ) async throws {
        let limiter = try Limiter(
            .only([:]), try StandingClock(),
            overrides: [LimitOverride(scope: scope, kind: .requestsPerMinute, value: 2)])
        #expect(await limiter.refusal(first) == nil)
        #expect(await limiter.refusal(same) == nil)
        #expect(await limiter.refusal(first)?.scope == scope)
        #expect(await limiter.refusal(same)?.scope == scope)
        let stranger = LimitedRequest.of(key: "key:x", user: "user:x", tenant: "x", model: "x")
        #expect((await limiter.refusal(stranger) == nil) == (scope != .server))
    }

    @Test func `a request must fit all limits, and takes nothing of any where one has no room`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(
            .only([.key: Limits(requestsPerMinute: 10), .tenant: Limits(requestsPerMinute: 3)]), clock)
        for _ in 0..<3 { #expect(await limiter.refusal(.of()) == nil) }
        for _ in 0..<20 { #expect(await limiter.refusal(.of())?.scope == .tenant("default")) }
        let status = try await limiter.admit(.of(tenant: "other")).status
        #expect(status.requests?.limit == 3)
        #expect(status.requests?.remaining == 2)
        // The key has used 4 of its 10.
        for _ in 0..<6 { #expect(await limiter.refusal(.of(tenant: UUID().uuidString)) == nil) }
        #expect(await limiter.refusal(.of(tenant: "third"))?.scope == .key("key:k"))
    }

    @Test func `of several limits without room, the refusal names the one to wait for`() async throws {
        let limiter = try Limiter(
            .only([
                .key: Limits(requestsPerMinute: 60, tokensPerMinute: 100), .tenant: Limits(tokensPerMinute: 1000),
            ]), try StandingClock())
        try await limiter.admit(.of(prompt: 90)).finish(promptTokens: 90, answerTokens: 1500)
        let refusal = try #require(await limiter.refusal(.of(prompt: 20)))
        // The key is 1490 tokens in debt, the tenant 590.
        #expect(refusal.scope == .key("key:k"))
        #expect(refusal.retryAfter == .seconds(906))
    }

    @Test func `an override takes the place of its kind's default, and none lifts it`() async throws {
        let clock = try StandingClock()
        let configuration = LimitConfiguration.only([.key: Limits(requestsPerMinute: 1, tokensPerMinute: 50)])
        let limiter = try Limiter(
            configuration, clock, overrides: [LimitOverride(scope: .key("key:k"), kind: .requestsPerMinute, value: nil)]
        )
        for _ in 0..<5 { #expect(await limiter.refusal(.of()) == nil) }
        #expect(await limiter.refusal(.of(prompt: 51))?.limit == .tokensPerMinute)
        #expect(await limiter.refusal(.of(key: "key:l")) == nil)
        #expect(await limiter.refusal(.of(key: "key:l"))?.limit == .requestsPerMinute)
    }

    @Test func `changed limits count at once, and what was counted stays`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(.only([.key: Limits(requestsPerMinute: 5)]), clock)
        for _ in 0..<5 { #expect(await limiter.refusal(.of()) == nil) }
        #expect(await limiter.refusal(.of()) != nil)
        try limiter.use(
            .only([.key: Limits(requestsPerMinute: 5)]),
            overrides: [LimitOverride(scope: .key("key:k"), kind: .requestsPerMinute, value: 7)])
        #expect(await limiter.refusal(.of()) == nil)
        #expect(await limiter.refusal(.of()) == nil)
        #expect(await limiter.refusal(.of()) != nil)
        #expect(throws: LimitError.self) {
            try limiter.use(.only([.key: Limits(requestsPerMinute: -1)]), overrides: [])
        }
        #expect(await limiter.refusal(.of())?.value == 7)
    }

    @Test func `what a request really used counts in place of the estimate`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(.only([.key: Limits(tokensPerMinute: 1000)]), clock)
        let first = try await limiter.admit(.of(prompt: 100, answer: 700))
        #expect(first.status.tokens?.remaining == 200)
        #expect(await limiter.refusal(.of(prompt: 201))?.retryAfter == .milliseconds(60))
        first.finish(promptTokens: 110, cachedTokens: 50, answerTokens: 40)
        let second = try await limiter.admit(.of(prompt: 0))
        #expect(second.status.tokens?.remaining == 850)
        // More than was estimated leads into debt.
        second.finish(promptTokens: 0, answerTokens: 1850)
        #expect(await limiter.refusal(.of(prompt: 1))?.retryAfter == .microseconds(60_060_000))
        clock.move(.microseconds(60_060_000))
        #expect(await limiter.refusal(.of(prompt: 1)) == nil)
    }

    @Test func `where the client names no length, an assumed one is taken`() async throws {
        let limiter = try Limiter(.only([.key: Limits(tokensPerMinute: 2000)]), try StandingClock())
        let admission = try await limiter.admit(.of(prompt: 100, answer: nil))
        #expect(admission.status.tokens?.remaining == 2000 - 100 - 1024)
    }

    @Test func `a request that alone is more than a limit is told that waiting is useless`() async throws {
        let limiter = try Limiter(
            .only([.key: Limits(tokensPerMinute: 100), .model: Limits(concurrentRequests: 0)], wait: .seconds(10)),
            try StandingClock(), overrides: [LimitOverride(scope: .model("m"), kind: .concurrentRequests, value: nil)])
        let refusal = try #require(await limiter.refusal(.of(prompt: 60, answer: 41)))
        #expect(refusal.reason == .tooLarge)
        #expect(refusal.retryAfter == nil)
        #expect(refusal.retryAfterSeconds == nil)
        #expect(refusal.description.contains("may need 101 tokens per minute"))
        let closed = try #require(await limiter.refusal(.of(model: "n")))
        #expect(closed.reason == .tooLarge)
        #expect(closed.description.contains("lets nothing through"))
    }

    @Test func `hostile numbers do no harm`() async throws {
        let limiter = try Limiter(
            .only([.key: Limits(tokensPerMinute: 1000, tokensPerMonth: 1000, costPerMonth: Cost(units: 1))]) {
                $0.prices = [try! ModelPrice(pattern: "*", promptPerMillion: 10_000, answerPerMillion: 10_000)]
            }, try StandingClock())
        #expect(await limiter.refusal(.of(prompt: .max, answer: .max))?.reason == .tooLarge)
        #expect(await limiter.refusal(.of(prompt: .min, answer: .min)) == nil)
        try await limiter.admit(.of(prompt: -5, answer: -5)).finish(
            promptTokens: .max, cachedTokens: .max, answerTokens: .max)
        #expect(await limiter.refusal(.of())?.retryAfter != nil)
        try await limiter.flush()
    }

    @Test func `text for clients names nobody else`() async throws {
        for scope in [
            LimitScope.server, .key("key:secretive"), .user("user:secretive"), .tenant("secretive"), .model("m"),
            .tenantModel(tenant: "secretive", model: "m"),
        ] {
            for kind in LimitKind.allCases {
                let limiter = try Limiter(
                    .only([:]) {
                        $0.prices = [try! ModelPrice(pattern: "m", promptPerMillion: 1, answerPerMillion: 1)]
                    },
                    try StandingClock(), overrides: [LimitOverride(scope: scope, kind: kind, value: 0)])
                let request = LimitedRequest.of(key: "key:secretive", user: "user:secretive", tenant: "secretive")
                let refusal = try #require(await limiter.refusal(request))
                #expect(refusal.limit == kind)
                #expect(!refusal.description.contains("secretive"))
            }
        }
    }
}

@Suite struct LimitReleaseTests {
    private let one = LimitConfiguration.only([.key: Limits(tokensPerMinute: 1000, concurrentRequests: 1)])

    @Test func `finishing gives the place back, once`() async throws {
        let limiter = try Limiter(.only([.key: Limits(concurrentRequests: 2)]), try StandingClock())
        let first = try await limiter.admit(.of())
        let second = try await limiter.admit(.of())
        first.finish(promptTokens: 1, answerTokens: 1)
        first.finish(promptTokens: 1, answerTokens: 1)
        let third = try await limiter.admit(.of())
        #expect(await limiter.refusal(.of())?.limit == .concurrentRequests)
        #expect(limiter.activity.running == 2)
        _ = (second, third)
    }

    @Test func `a dropped admission gives the place back and keeps the prompt's estimate`() async throws {
        let limiter = try Limiter(one, try StandingClock())
        do {
            let admission = try await limiter.admit(.of(prompt: 100, answer: 700))
            #expect(admission.status.tokens?.remaining == 200)
        }
        let next = try await limiter.admit(.of(prompt: 0))
        #expect(next.status.tokens?.remaining == 900)
        next.finish(promptTokens: 0, answerTokens: 0)
        try await limiter.flush()
        #expect(try await limiter.store.report(UsageQuery()).map(\.promptTokens) == [100])
    }

    @Test func `a throw and a cancelled task give the place back`() async throws {
        let limiter = try Limiter(one, try StandingClock())
        func fail() async throws {
            let admission = try await limiter.admit(.of())
            if limiter.activity.running == 1 { throw NeverSo() }
            admission.finish(promptTokens: 0, answerTokens: 0)
        }
        await #expect(throws: NeverSo.self) { try await fail() }
        #expect(limiter.activity.running == 0)
        let task = Task {
            let admission = try await limiter.admit(.of())
            try await Task.sleep(for: .seconds(3600))
            admission.finish(promptTokens: 0, answerTokens: 0)
        }
        try await until { limiter.activity.running == 1 }
        task.cancel()
        _ = await task.result
        #expect(limiter.activity.running == 0)
        #expect(await limiter.refusal(.of()) == nil)
    }

    @Test func `without a queue, the refusal tells when a place may be free from how long requests took`() async throws
    {
        let clock = try StandingClock()
        let limiter = try Limiter(one, clock)
        let first = try await limiter.admit(.of())
        #expect(await limiter.refusal(.of())?.retryAfterSeconds == 1)
        clock.move(.seconds(8))
        first.finish(promptTokens: 0, answerTokens: 0)
        let second = try await limiter.admit(.of())
        let refusal = try #require(await limiter.refusal(.of()))
        #expect(refusal.reason == .exceeded)
        #expect(refusal.retryAfter == .seconds(8))
        second.finish(promptTokens: 0, answerTokens: 0)
    }
}

@Suite struct LimitMemoryTests {
    @Test func `hostile numbers of names do not grow what is kept`() async throws {
        let limiter = try Limiter(
            .only([
                .user: Limits(requestsPerMinute: 5), .model: Limits(requestsPerMinute: 5),
                .tenant: Limits(concurrentRequests: 1),
            ]) {
                $0.countersLimit = 1024
            }, try StandingClock())
        let held = try await limiter.admit(.of(tenant: "held"))
        for number in 0..<5000 {
            let name = String(number)
            #expect(await limiter.refusal(.of(user: name, tenant: name, model: name)) == nil)
        }
        #expect(limiter.activity.scopes <= 1024)
        // What somebody holds is not forgotten.
        #expect(await limiter.refusal(.of(user: "x", tenant: "held", model: "x"))?.limit == .concurrentRequests)
        held.finish(promptTokens: 0, answerTokens: 0)
        #expect(await limiter.refusal(.of(user: "x", tenant: "held", model: "x")) == nil)
    }

    @Test func `when all that is kept is in use, newcomers are refused`() async throws {
        let limiter = try Limiter(
            .only([.user: Limits(requestsPerMinute: 5)]) { $0.countersLimit = 1024 }, try StandingClock())
        var held: [Admission] = []
        for number in 0..<1024 { held.append(try await limiter.admit(.of(user: String(number)))) }
        #expect(await limiter.refusal(.of(user: "more"))?.reason == .crowded)
        held.removeLast()
        #expect(await limiter.refusal(.of(user: "more")) == nil)
    }

    @Test func `who is not seen for ten minutes is forgotten, and not before the buckets are full`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(.only([.user: Limits(requestsPerMinute: 5, tokensPerMinute: 10)]), clock)
        #expect(await limiter.refusal(.of(user: "quick")) == nil)
        try await limiter.admit(.of(user: "debtor")).finish(promptTokens: 10, answerTokens: 200)
        clock.move(.seconds(599))
        try await limiter.flush()
        #expect(limiter.activity.scopes == 2)
        clock.move(.seconds(2))
        try await limiter.flush()
        #expect(limiter.activity.scopes == 1)
        #expect(await limiter.refusal(.of(user: "debtor")) != nil)
        clock.move(.seconds(3600))
        try await limiter.flush()
        #expect(limiter.activity.scopes == 0)
    }

    @Test func `long names are kept as their hash`() {
        let long = String(repeating: "x", count: 100_000)
        let request = LimitedRequest.of(key: long, user: long + "y", tenant: long, model: long)
        #expect(request.key?.utf8.count == 71)
        #expect(request.key != request.user)
        #expect(request.model == request.tenant)
    }

    @Test func `usage that cannot be written is kept by tenant alone beyond a number of rows`() {
        var batch = UsageBatch()
        for number in 0..<(UsageBatch.rowsLimit + 1000) {
            let key = UsageKey(day: UTCDay(number: 0), tenant: "t", user: String(number), key: "", model: "m")
            batch.add(key, UsageCounts(requests: 1, promptTokens: 2))
        }
        #expect(batch.rows.count == UsageBatch.rowsLimit + 1)
        #expect(batch.rows.values.reduce(0) { $0 + $1.requests } == UsageBatch.rowsLimit + 1000)
    }
}

@Suite struct LimitStatusTests {
    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(20), "20ms"), (.microseconds(1), "1ms"), (.seconds(1), "1s"),
        (.milliseconds(1500), "1.5s"), (.milliseconds(59_951), "59.951s"), (.seconds(360), "6m0s"),
        (.seconds(3603), "1h0m3s"), (.milliseconds(60_050), "1m0.05s"), (.seconds(90_000), "25h0m0s"),
        (.seconds(-1), "0s"),
    ])
    func `times are written as OpenAI does`(_ duration: Duration, _ text: String) {
        #expect(RateLimitStatus.text(duration) == text)
    }

    @Test func `headers tell of the tightest scope`() async throws {
        let limiter = try Limiter(
            .only([
                .key: Limits(requestsPerMinute: 2000), .user: Limits(requestsPerMinute: 100, tokensPerMinute: 6000),
                .tenant: Limits(tokensPerMinute: 5000),
            ]), try StandingClock())
        let admission = try await limiter.admit(.of(prompt: 400, answer: 100))
        #expect(
            admission.status.headers.map { "\($0.name): \($0.value)" } == [
                "x-ratelimit-limit-requests: 100", "x-ratelimit-remaining-requests: 99",
                "x-ratelimit-reset-requests: 600ms",
                "x-ratelimit-limit-tokens: 5000", "x-ratelimit-remaining-tokens: 4500", "x-ratelimit-reset-tokens: 6s",
            ])
        #expect(RateLimitStatus().headers.isEmpty)
    }
}
