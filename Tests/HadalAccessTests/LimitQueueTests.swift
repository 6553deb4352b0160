import Synchronization
import TestSupport
import Testing

@testable import HadalAccess

@Suite struct LimitFairQueueTests {
    private typealias Place = FairQueue<String>.Place

    private func queue(
        _ waiting: [(tenant: String, user: String, count: Int)], limit: Int = 1000
    ) -> FairQueue<String> {
        var queue = FairQueue<String>(limit: limit)
        for (tenant, user, count) in waiting {
            for number in 0..<count {
                let place = Place(id: queue.count, tenant: tenant, user: user)
                _ = queue.append("\(tenant)/\(user)\(number)", place, weight: tenant == "heavy" ? 2 : 1)
            }
        }
        return queue
    }

    private func serve(_ queue: inout FairQueue<String>, _ count: Int, fits: (String) -> Bool = { _ in true })
        -> [String]
    {
        (0..<count).compactMap { _ in queue.next(where: fits).flatMap { queue.serve($0) } }
    }

    @Test func `tenants take turns, and within a tenant its users`() {
        var queue = queue([("a", "x", 4), ("a", "y", 1), ("b", "z", 2)])
        #expect(serve(&queue, 10) == ["a/x0", "b/z0", "a/y0", "b/z1", "a/x1", "a/x2", "a/x3"])
        #expect(queue.count == 0)
    }

    @Test func `a weight gives more turns`() {
        var queue = queue([("light", "x", 20), ("heavy", "x", 20)])
        let served = serve(&queue, 12)
        #expect(served.count { $0.hasPrefix("heavy") } == 8)
    }

    @Test func `a newcomer comes behind those who wait for as many turns, and before their second`() {
        var queue = queue([("flood", "x", 100)])
        _ = serve(&queue, 30)
        _ = queue.append("quiet", Place(id: 1000, tenant: "quiet", user: "q"), weight: 1)
        #expect(serve(&queue, 3) == ["flood/x30", "quiet", "flood/x31"])
    }

    @Test func `a stream of newcomers starves nobody`() {
        var queue = queue([("old", "x", 10)])
        var served: [String] = []
        for number in 0..<100 {
            _ = queue.append("new", Place(id: 1000 + number, tenant: "new\(number)", user: ""), weight: 1)
            served += serve(&queue, 1)
        }
        #expect(served.count { $0.hasPrefix("old") } == 10)
        // Turn for turn with all who were there when it was served last.
        #expect(served.prefix(5).contains("old/x1"))
    }

    @Test func `who comes back after each turn gets no more than who stays`() {
        var queue = queue([("stays", "x", 50)])
        var served: [String] = []
        for number in 0..<40 {
            if !queue.contains(1000 + number - 1) || number == 0 {
                _ = queue.append("returns", Place(id: 1000 + number, tenant: "returns", user: ""), weight: 1)
            }
            served += serve(&queue, 1)
        }
        #expect((19...21).contains(served.count { $0 == "returns" }))
    }

    @Test func `who cannot be served keeps the turn, and saves up no more than one`() {
        var queue = queue([("blocked", "x", 50), ("free", "y", 50)])
        #expect(serve(&queue, 10) { $0.hasPrefix("free") }.count == 10)
        #expect(serve(&queue, 6) == ["blocked/x0", "free/y10", "blocked/x1", "free/y11", "blocked/x2", "free/y12"])
    }

    @Test func `a user's request that fits is not held up by one that does not`() {
        var queue = queue([("a", "x", 3)])
        #expect(serve(&queue, 1) { $0 == "a/x1" } == ["a/x1"])
        #expect(serve(&queue, 2) == ["a/x0", "a/x2"])
    }

    @Test func `a full queue makes room at the cost of who has most`() {
        let queue = queue([("flood", "x", 6), ("flood", "y", 3), ("quiet", "z", 1)], limit: 10)
        #expect(queue.displaced(by: "quiet", "z", weight: 1) == Place(id: 5, tenant: "flood", user: "x"))
        #expect(queue.displaced(by: "newcomer", "", weight: 1)?.tenant == "flood")
        #expect(queue.displaced(by: "flood", "y", weight: 1)?.user == "x")
        #expect(queue.displaced(by: "flood", "x", weight: 1) == nil)
        // Nobody gains where both would have as many.
        let even = self.queue([("a", "x", 2), ("b", "y", 2)], limit: 4)
        #expect(even.displaced(by: "a", "x", weight: 1) == nil)
        #expect(even.displaced(by: "b", "z", weight: 1) == Place(id: 3, tenant: "b", user: "y"))
        #expect(even.displaced(by: "c", "x", weight: 1) != nil)
        #expect(even.displaced(by: "c", "x", weight: 0.1) == nil)
    }

    @Test(arguments: 0..<20)
    func `nobody who can be served waits for more turns than there are others`(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var queue = FairQueue<String>(limit: 10_000)
        var waitingSince: [Int: Int] = [:]
        var ids: [String: [Int]] = [:]
        var turns = 0
        for id in 0..<3000 {
            // One tenant floods, nine others come now and then.
            let tenant =
                Int.random(in: 0..<4, using: &random) == 0 ? "t\(Int.random(in: 1..<10, using: &random))" : "t0"
            _ = queue.append("\(id)", Place(id: id, tenant: tenant, user: ""), weight: 1)
            if ids[tenant, default: []].isEmpty { waitingSince[id] = turns }
            ids[tenant, default: []].append(id)
            guard Bool.random(using: &random), let place = queue.next(where: { _ in true }) else { continue }
            turns += 1
            #expect(queue.serve(place) == "\(place.id)")
            #expect(ids[place.tenant]?.first == place.id)
            // At the front since its tenant was served last: at most two turns of each other tenant lie between.
            #expect(turns - (waitingSince[place.id] ?? turns) <= 2 * 10)
            ids[place.tenant]?.removeFirst()
            if let next = ids[place.tenant]?.first { waitingSince[next] = turns }
        }
    }
}

@Suite struct LimitWaitingTests {
    private let one = LimitConfiguration.only([.server: Limits(concurrentRequests: 1)], wait: .seconds(10))

    /// Asks, and notes its name when it is let through.
    private func ask(
        _ limiter: Limiter, _ name: String, _ request: LimitedRequest, _ order: Order
    ) async throws -> Task<Void, any Error> {
        let before = limiter.activity.waiting
        let task = Task {
            let admission = try await limiter.admit(request)
            order.add(name)
            admission.finish(promptTokens: 0, answerTokens: 0)
        }
        try await until { limiter.activity.waiting == before + 1 }
        return task
    }

    private final class Order: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock(\.self) }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func `a quiet tenant is not starved by one that floods`() async throws {
        let limiter = try Limiter(one, try StandingClock())
        let order = Order()
        let running = try await limiter.admit(.of(tenant: "flood"))
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<50 {
            tasks.append(try await ask(limiter, "flood\(number)", .of(user: "f", tenant: "flood"), order))
        }
        for number in 0..<3 {
            tasks.append(try await ask(limiter, "quiet\(number)", .of(user: "q", tenant: "quiet"), order))
        }
        running.finish(promptTokens: 0, answerTokens: 0)
        for task in tasks { try await task.value }
        #expect(
            order.all.prefix(7) == ["flood0", "quiet0", "flood1", "quiet1", "flood2", "quiet2", "flood3"])
        #expect(limiter.activity.running == 0 && limiter.activity.waiting == 0)
    }

    @Test func `a request waits no longer than it may, and is refused with an honest time`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(one, clock)
        let first = try await limiter.admit(.of())
        clock.move(.seconds(30))
        first.finish(promptTokens: 0, answerTokens: 0)
        let running = try await limiter.admit(.of())
        let task = Task { await limiter.refusal(.of(key: "key:w")) }
        try await until { clock.sleepers == 1 }
        clock.move(.milliseconds(9_999))
        for _ in 0..<100 { await Task.yield() }
        #expect(limiter.activity.waiting == 1)
        clock.move(.milliseconds(1))
        let refusal = try #require(await task.value)
        #expect(refusal.reason == .waitedTooLong)
        #expect(refusal.limit == .concurrentRequests)
        #expect(refusal.retryAfterSeconds == 30)
        #expect(limiter.activity.waiting == 0)
        running.finish(promptTokens: 0, answerTokens: 0)
        #expect(limiter.activity.running == 0)
    }

    @Test func `a request that is not begun takes nothing`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(
            .only(
                [
                    .server: Limits(concurrentRequests: 1),
                    .key: Limits(requestsPerMinute: 10, tokensPerMinute: 6000, tokensPerDay: 1000),
                ], wait: .milliseconds(10)), clock)
        let running = try await limiter.admit(.of(key: nil))
        let task = Task { await limiter.refusal(.of(prompt: 900)) }
        try await until { clock.sleepers == 1 }
        // While it waits, what it may need is reserved.
        #expect(await limiter.refusal(.of(prompt: 101))?.reason == .exceeded)
        clock.move(.milliseconds(10))
        #expect(await task.value?.reason == .waitedTooLong)
        running.finish(promptTokens: 0, answerTokens: 0)
        let next = try await limiter.admit(.of(prompt: 1000))
        #expect(next.status.requests?.remaining == 9)
        #expect(next.status.tokens?.remaining == 5000)
    }

    @Test func `cancelling removes a waiter at once, before and while it waits`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(one, clock)
        let running = try await limiter.admit(.of())
        let task = Task { await limiter.refusal(.of()) }
        try await until { clock.sleepers == 1 }
        task.cancel()
        #expect(await task.value?.reason == .cancelled)
        #expect(limiter.activity.waiting == 0)
        try await until { clock.sleepers == 0 }
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await limiter.refusal(.of())
        }
        #expect(await early.value?.reason == .cancelled)
        #expect(limiter.activity.waiting == 0)
        running.finish(promptTokens: 0, answerTokens: 0)
        #expect(await limiter.refusal(.of()) == nil)
    }

    @Test func `places, waiters and timers come out even however requests end`() async throws {
        let clock = try StandingClock()
        let limiter = try Limiter(
            .only(
                [.server: Limits(concurrentRequests: 3), .user: Limits(concurrentRequests: 2)], wait: .seconds(10),
                { $0.queueLimit = 20 }), clock)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    var random = SplitMix(state: UInt64(number))
                    let request = LimitedRequest.of(user: "u\(number % 5)", tenant: "t\(number % 3)")
                    let fate = Int.random(in: 0..<4, using: &random)
                    let task = Task {
                        let admission = try await limiter.admit(request)
                        for _ in 0..<Int.random(in: 0..<20, using: &random) { await Task.yield() }
                        if fate != 1 { admission.finish(promptTokens: 1, answerTokens: 1) }
                    }
                    if fate == 2 { task.cancel() }
                    if fate == 3 { clock.move(.milliseconds(500)) }
                    _ = await task.result
                    #expect(limiter.activity.running <= 3)
                    #expect(limiter.activity.waiting <= 20)
                }
            }
        }
        #expect(limiter.activity.running == 0)
        #expect(limiter.activity.waiting == 0)
        try await until { clock.sleepers == 0 }
        #expect(await limiter.refusal(.of()) == nil)
    }

    @Test func `who floods the queue is displaced by who does not`() async throws {
        let limiter = try Limiter(
            .only([.server: Limits(concurrentRequests: 1)], wait: .seconds(10), { $0.queueLimit = 4 }),
            try StandingClock())
        let running = try await limiter.admit(.of(tenant: "flood"))
        var flood: [Task<LimitRefusal?, Never>] = []
        for number in 0..<4 {
            flood.append(Task { await limiter.refusal(.of(tenant: "flood")) })
            try await until { limiter.activity.waiting == number + 1 }
        }
        let refusal = try #require(await limiter.refusal(.of(tenant: "flood")))
        #expect(refusal.reason == .queueFull)
        // Four wait before it, and nothing is known of how long requests take.
        #expect(refusal.retryAfterSeconds == 5)
        let quiet = Task { await limiter.refusal(.of(tenant: "quiet")) }
        #expect(await flood[3].value?.reason == .queueFull)
        running.finish(promptTokens: 0, answerTokens: 0)
        #expect(await quiet.value == nil)
        for task in flood.prefix(3) { #expect(await task.value == nil) }
    }

    @Test func `a tenant at its own limit holds nobody else up`() async throws {
        let limiter = try Limiter(
            .only(
                [.server: Limits(concurrentRequests: 3), .tenant: Limits(concurrentRequests: 2)], wait: .seconds(10)),
            try StandingClock())
        let order = Order()
        let first = try await limiter.admit(.of(tenant: "a"))
        let second = try await limiter.admit(.of(tenant: "a"))
        let waiting = try await ask(limiter, "a", .of(tenant: "a"), order)
        #expect(await limiter.refusal(.of(tenant: "b")) == nil)
        let third = try await limiter.admit(.of(tenant: "b"))
        let other = try await ask(limiter, "b", .of(tenant: "b"), order)
        third.finish(promptTokens: 0, answerTokens: 0)
        try await other.value
        #expect(order.all == ["b"])
        first.finish(promptTokens: 0, answerTokens: 0)
        try await waiting.value
        second.finish(promptTokens: 0, answerTokens: 0)
    }

    @Test func `a raised limit lets in who waits`() async throws {
        let limiter = try Limiter(one, try StandingClock())
        let running = try await limiter.admit(.of())
        let task = Task { await limiter.refusal(.of()) }
        try await until { limiter.activity.waiting == 1 }
        try limiter.use(.only([.server: Limits(concurrentRequests: 2)], wait: .seconds(10)), overrides: [])
        #expect(await task.value == nil)
        running.finish(promptTokens: 0, answerTokens: 0)
    }

    @Test func `only concurrency is waited for`() async throws {
        let limiter = try Limiter(
            .only([.server: Limits(concurrentRequests: 1), .key: Limits(requestsPerMinute: 1)], wait: .seconds(10)),
            try StandingClock())
        let running = try await limiter.admit(.of())
        #expect(await limiter.refusal(.of())?.limit == .requestsPerMinute)
        running.finish(promptTokens: 0, answerTokens: 0)
    }
}
