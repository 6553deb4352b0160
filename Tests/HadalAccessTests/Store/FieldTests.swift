import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalAccess

/// Files as Hadal wrote them before `HadalState` was there (`../Field`, as SQL).
@Suite(.timeLimit(.minutes(15))) struct FieldTests {
    private let directory: TemporaryDirectory
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["access", "audit", "reviews", "usage"] {
            let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let sql = try String(contentsOf: here.appending(path: "Field/\(name).sql"), encoding: .utf8)
            let state = try SQLiteState(
                directory.url.appending(path: "\(name).db"), migrations: [StateMigration("field", [sql])])
            try state.write { try $0.execute("DELETE FROM grdb_migrations WHERE identifier = 'field'") }
            try state.close()
        }
    }

    @Test func usersKeysSessionsAndLimitsCountAsTheyDid() throws {
        let database = try AccessDatabase(data: directory.url)
        let control = try AccessControl(database, policy: .quick, opensWhenEmpty: false)
        let key = try control.authenticate(
            Credentials(bearer: "hadal_088dhfzm_jULdM_mbjXh5LzaI_f6JzuPaOsaZO7G7bR0xOmWTaO4"), now: now)
        #expect(key.name == "service")
        let session = Credentials(sessionToken: "xOrddC288cXBiS0XvVVnAR-RKTR2PZmeRVyMq8zhBG0")
        #expect(try control.authenticate(session, now: now).name == "ann")
        _ = try control.logIn(name: "ann", password: "a long enough passphrase", now: now)
        #expect(try LimitStore(database).all().map(\.value) == [1000])
        #expect(try AddressRuleStore(database).all().values.first?.deny.map(\.description) == ["192.0.2.7/32"])
        #expect(try #require(control.directory().user(linked: .certificateName("ann"))).name == "ann")
        // Nothing was migrated twice, and others notice changes as before.
        let before = try control.limitsRevision()
        let scope = try #require(try LimitStore(database).all().first).scope
        #expect(try LimitStore(database).remove(of: scope))
        #expect(try control.limitsRevision() != before)
    }

    @Test func whatWasRecordedGoesOnAndIsNeverChanged() throws {
        let log = try AuditLog(data: directory.url)
        let events = try log.events(tenant: nil)
        #expect(events.last?.event.action == "user.create")
        let last = try #require(events.first)
        try log.record(last.event)
        #expect(try log.events(tenant: nil).first?.number == last.number + 1)
        let state = try SQLiteState(directory.url.appending(path: "audit.db"), migrations: AuditLog.migrations)
        #expect(throws: StateError.self) { try state.write { try $0.execute("UPDATE audit SET actor = ''") } }
    }

    @Test func reviewsAndUsageAreThere() async throws {
        #expect(try ReviewStore(data: directory.url).isAllowed(Data([1, 2, 3]), tenant: "default", now: now))
        let clock = LimitClock(now: { [now] in now }, sleep: { _ in })
        let limiter = try Limiter(
            .only([.key: Limits(tokensPerDay: 10)]), store: try UsageStore(data: directory.url), clock: clock)
        #expect(try await limiter.store.report(UsageQuery()).map(\.promptTokens) == [7])
        // 9 of today's 10 tokens were used.
        #expect(await limiter.refusal(.of(prompt: 2)) != nil)
        #expect(await limiter.refusal(.of(prompt: 1)) == nil)
    }
}
