import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalAccess

/// The wall clock jumps by a day while a server runs.
@Suite(.timeLimit(.minutes(15))) struct ClockTests {
    private static let day: TimeInterval = 86_400

    @Test func nobodyStaysLockedOutForLongerWhenTheClockGoesBack() throws {
        let installation = try Installation()
        try installation.user("ann")
        for _ in 0..<installation.control.policy.attemptsPerName {
            #expect(throws: AccessError.self) { try installation.logIn("ann", password: "wrong") }
        }
        let length = installation.control.policy.lockLength
        for jump in [-Self.day, 0] {
            installation.now += jump
            #expect(throws: AccessError.lockedOut(seconds: Int(length))) { try installation.logIn("ann") }
        }
        installation.now += length
        _ = try installation.logIn("ann")
    }

    @Test func attemptsOfBeforeTheClockWentBackAreForgottenInTime() throws {
        let installation = try Installation()
        try installation.user("ann")
        let policy = installation.control.policy
        for _ in 1..<policy.attemptsPerName {
            #expect(throws: AccessError.self) { try installation.logIn("ann", password: "wrong") }
        }
        installation.now -= Self.day
        // Of another name: what is old is looked for at each attempt.
        #expect(throws: AccessError.self) { try installation.logIn("bob") }
        installation.now += policy.attemptWindow
        #expect(throws: AccessError.self) { try installation.logIn("ann", password: "wrong") }
        _ = try installation.logIn("ann")
    }

    @Test func whenAKeyWasLastUsedIsRightAgainAfterTheClockWentBack() throws {
        let installation = try Installation()
        let key = try installation.serviceKey()
        func lastUsed() throws -> Date? {
            installation.control.flush()
            return try installation.database.read { try Directory($0) }.key(id: key.key.id)?.key.lastUsed
        }
        installation.now += Self.day
        _ = try installation.authenticate(key: key.secret)
        #expect(try lastUsed() == installation.now)
        installation.now -= Self.day
        _ = try installation.authenticate(key: key.secret)
        #expect(try lastUsed() == installation.now)
    }

    @Test func aSessionThatIsNotUsedEndsAlsoAfterTheClockWentBack() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        _ = try installation.authenticate(session)
        installation.now -= Self.day
        _ = try installation.authenticate(session)
        installation.control.flush()
        installation.now += installation.control.policy.sessionIdle
        #expect(refusal { try installation.authenticate(session) }?.contains("not used") == true)
    }

    @Test func aClockThatGoesAheadEndsSessionsAndNothingElse() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        let key = try installation.serviceKey(expires: installation.now + Self.day / 2)
        installation.now += Self.day
        #expect(refusal { try installation.authenticate(session) }?.contains("ended") == true)
        #expect(refusal { try installation.authenticate(key: key.secret) }?.contains("expired") == true)
        installation.now -= Self.day
        _ = try installation.authenticate(session)
        _ = try installation.authenticate(key: key.secret)
    }

    @Test func usageOfTheDayIsCountedOnAfterADayAheadAndBack() async throws {
        let directory = try TemporaryDirectory()
        let clock = try StandingClock("2026-11-30 12:00:00")
        let configuration = LimitConfiguration.only([.key: Limits(tokensPerDay: 1000)])
        let limiter = try Limiter(configuration, clock, data: directory.url)
        func use(_ tokens: Int) async throws {
            try await limiter.admit(.of(prompt: tokens)).finish(promptTokens: tokens, answerTokens: 0)
            try await limiter.flush()
        }
        try await use(900)
        clock.move(.seconds(Self.day))
        try await use(800)
        clock.move(.seconds(-Self.day))
        try await use(50)
        #expect(try await limiter.store.report(UsageQuery(by: [.day])).map(\.promptTokens) == [950, 800])
        // Another server reads what the first has written.
        let other = try Limiter(configuration, clock, data: directory.url)
        #expect(await other.refusal(.of(prompt: 51)) != nil)
        #expect(await other.refusal(.of(prompt: 50)) == nil)
    }

    @Test func aDecisionThatExpiredTooEarlyCountsAgain() throws {
        let store = try ReviewStore(data: nil)
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func question(_ id: String, _ time: Date) -> ReviewQuestion {
            ReviewQuestion(
                id: id, digest: Data(id.utf8), tenant: "t", user: "u", userName: "u", model: "m", verdicts: "v",
                time: time)
        }
        try store.add(question("a", now))
        _ = try store.decide("a", isAllowed: true, by: .local(name: "root"), now: now)
        try store.add(question("b", now + Self.day))
        #expect(try !store.isAllowed(Data("a".utf8), tenant: "t", now: now + Self.day))
        #expect(try store.isAllowed(Data("a".utf8), tenant: "t", now: now))
        #expect(try store.isAllowed(Data("a".utf8), tenant: "t", now: now - Self.day))
        #expect(try store.entries().map(\.question.id) == ["b", "a"])
    }
}
