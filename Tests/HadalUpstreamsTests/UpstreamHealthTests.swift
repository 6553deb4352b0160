import HadalWire
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamHealthTests {
    private let start = ContinuousClock.now

    private func failed(_ times: Int) throws -> UpstreamHealth {
        var health = UpstreamHealth()
        for _ in 0..<times {
            try health.admit("up", at: start)
            health.record(.failed("it broke"), at: start)
        }
        return health
    }

    @Test func aFewFailuresAreBorne() throws {
        var health = try failed(2)
        #expect(health.state(at: start) == .healthy)
        health.record(.answered, at: start)
        health.record(.failed("x"), at: start)
        health.record(.failed("x"), at: start)
        #expect(health.state(at: start) == .healthy)
    }

    @Test func threeInARowGiveARest() throws {
        var health = try failed(3)
        let failure = #expect(throws: WorkerFailure.self) { try health.admit("up", at: start) }
        #expect(failure?.code == .draining && failure?.retrySeconds == 1)
        #expect(failure?.message.contains("it broke") == true)
    }

    @Test func afterARestOneRequestTriesAndTheOthersWait() throws {
        var health = try failed(3)
        let later = start + .seconds(1)
        #expect(health.state(at: later) == .trying)
        try health.admit("up", at: later)
        #expect(throws: WorkerFailure.self) { try health.admit("up", at: later) }
        health.record(.answered, at: later)
        #expect(health == UpstreamHealth())
    }

    @Test func restsGrowUntilAMinute() throws {
        var health = try failed(3)
        var now = start
        var rests: [Duration] = []
        for _ in 0..<9 {
            guard case .resting(let until) = health.state(at: now) else {
                Issue.record("it should rest")
                return
            }
            rests.append(until - now)
            now = until
            try health.admit("up", at: now)
            health.record(.failed("again"), at: now)
        }
        #expect(rests == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
    }

    @Test func aTryThatIsGivenUpLetsAnotherTry() throws {
        var health = try failed(3)
        let later = start + .seconds(1)
        try health.admit("up", at: later)
        health.forget()
        try health.admit("up", at: later)
    }

    @Test func oneFailedCheckIsEnoughAndOneGoodCheckToo() throws {
        var health = UpstreamHealth()
        health.record(.failed("no answer"), isCheck: true, at: start)
        #expect(throws: WorkerFailure.self) { try health.admit("up", at: start) }
        health.record(.answered, isCheck: true, at: start)
        try health.admit("up", at: start)
    }

    @Test func aServerThatOnlyListsItsModelsIsNotHealthy() throws {
        var health = try failed(2)
        health.record(.answered, isCheck: true, at: start)
        health.record(.failed("x"), at: start)
        health.record(.answered, isCheck: true, at: start)
        #expect(throws: WorkerFailure.self) { try health.admit("up", at: start) }
    }

    @Test func whoSaysWhenToComeBackIsLeftAloneUntilThen() throws {
        var health = UpstreamHealth()
        health.record(.overloaded(retrySeconds: nil), at: start)
        try health.admit("up", at: start)
        health.record(.overloaded(retrySeconds: 20), at: start)
        #expect(throws: WorkerFailure.self) { try health.admit("up", at: start + .seconds(19)) }
        try health.admit("up", at: start + .seconds(20))
        health.record(.answered, at: start + .seconds(21))
        #expect(health == UpstreamHealth())
    }

    @Test func aWrongRequestSaysNothingAgainstTheUpstream() {
        #expect(UpstreamHealth.Outcome(WorkerFailure(.invalidRequest, "")) == .answered)
        #expect(UpstreamHealth.Outcome(WorkerFailure(.contextLengthExceeded, "")) == .answered)
        #expect(UpstreamHealth.Outcome(WorkerFailure(.queueFull, "", retrySeconds: 3)) == .overloaded(retrySeconds: 3))
        #expect(UpstreamHealth.Outcome(WorkerFailure(.forbidden, "key")) == .failed("key"))
        #expect(UpstreamHealth.Outcome(CancellationError()) == nil)
    }
}
