import Foundation
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct DeliveryTests {
    /// Until something holds; the suite's limit ends what never does.
    private static func until(_ holds: () -> Bool) async throws {
        while !holds() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private static func run(_ routes: [AlertRoute], _ waits: Waits, _ body: (AlertDelivery) async throws -> Void)
        async throws
    {
        let delivery = AlertDelivery(routes, clock: waits.clock, logger: quiet)
        let task = Task { try await delivery.run() }
        try await body(delivery)
        task.cancel()
        try await task.value
    }

    @Test func whatFailsIsTriedAgainAndHoldsUpNobody() async throws {
        // The first never answers, the second fails three times.
        let (dead, sick, well) = (
            try await StubServer.start { _ in nil },
            try await StubServer.start { .init(status: $0 < 3 ? 503 : 200) },
            try await StubServer.start { _ in .init() }
        )
        let waits = Waits()
        let routes = try [("dead", dead), ("sick", sick), ("well", well)].map { name, server in
            AlertRoute(name, try WebhookChannel(name: name, url: server.url))
        }
        try await Self.run(routes, waits) { delivery in
            delivery.send(.sample())
            try await Self.until { delivery.status[1].delivered == 1 && delivery.status[2].delivered == 1 }
            #expect(waits.all == [.seconds(2), .seconds(8), .seconds(32)])
            #expect(sick.requests.count == 4 && Set(sick.requests.map { $0.headers["idempotency-key"] }) == [["m1"]])
            let status = delivery.status[1]
            #expect(status.lastError == "127.0.0.1 answers with the status 503: {}" && !status.isFailing)
            #expect(status.lastDelivery == Date(timeIntervalSince1970: 1_800_000_000) && status.lost == 0)
            #expect(delivery.status[0].delivered == 0 && delivery.status[0].lastError == nil)
        }
        for server in [dead, sick, well] { try await server.stop() }
    }

    @Test func whatCannotWorkIsGivenUp() async throws {
        let (never, refusing) = (
            try await StubServer.start { _ in .init(status: 500) },
            try await StubServer.start { _ in .init(status: 404) }
        )
        let waits = Waits()
        let routes = try [("never", never), ("refusing", refusing)].map { name, server in
            AlertRoute(name, try WebhookChannel(name: name, url: server.url))
        }
        try await Self.run(routes, waits) { delivery in
            delivery.send(.sample())
            try await Self.until { delivery.status.allSatisfy { $0.lost == 1 } }
            #expect(never.requests.count == 5 && refusing.requests.count == 1)
            #expect(delivery.status.allSatisfy { $0.isFailing && $0.waiting == 0 })
        }
        for server in [never, refusing] { try await server.stop() }
    }

    @Test func aTryHasALimit() async throws {
        let server = try await StubServer.start { _ in nil }
        var policy = RetryPolicy()
        (policy.limit, policy.attempts) = (.milliseconds(50), 1)
        let route = AlertRoute("dead", try WebhookChannel(name: "dead", url: server.url), policy: policy)
        try await Self.run([route], Waits()) { delivery in
            delivery.send(.sample())
            try await Self.until { delivery.status[0].lost == 1 }
            #expect(delivery.status[0].lastError?.contains("it takes longer than") == true)
        }
        try await server.stop()
    }

    @Test func aChannelIsToldFromItsLevelOn() async throws {
        let server = try await StubServer.start { _ in .init() }
        let route = AlertRoute("pager", try WebhookChannel(name: "pager", url: server.url), from: .serious)
        try await Self.run([route], Waits()) { delivery in
            delivery.send(.sample([.sample(.firing, .warning)]))
            delivery.send(
                .sample([
                    .sample(.firing, .warning), .sample(.recovered, nil, previous: .serious, model: "b"),
                    .sample(.eased, .warning, previous: .critical, model: "c"),
                ]))
            try await Self.until { delivery.status[0].delivered == 1 }
            #expect(server.requests.first?.json?["events"]?.array?.map { $0["labels"]?["model"] } == ["c", "b"])
        }
        try await server.stop()
    }

    @Test func theOldestAreGivenUp() {
        let delivery = AlertDelivery(
            [AlertRoute("group", Nowhere())], clock: Waits().clock, logger: quiet)
        for _ in 0..<150 { delivery.send(.sample()) }
        #expect(delivery.status[0].waiting == 100 && delivery.status[0].lost == 50)
    }

    private struct Nowhere: AlertChannel {
        let kind = "nowhere"

        func send(_ message: AlertMessage) async throws(AlertError) {}
    }

    @Test func peopleTryAChannel() async throws {
        let server = try await StubServer.start { _ in .init(status: 403) }
        let delivery = AlertDelivery(
            [AlertRoute("hook", try WebhookChannel(name: "hook", url: server.url))], logger: quiet)
        await #expect(throws: AlertError.delivery(problem: "127.0.0.1 answers with the status 403: {}", isFinal: true))
        {
            try await delivery.test("hook", .sample())
        }
        await #expect(throws: AlertError.channel("mail", field: "name", problem: "is none of the channels: hook")) {
            try await delivery.test("mail", .sample())
        }
        try await server.stop()
    }

    @Test func waitsGrowAndEnd() {
        let policy = RetryPolicy()
        #expect((1...6).map(policy.wait(after:)) == [2, 8, 32, 128, 300, 300].map(Duration.seconds))
    }
}
