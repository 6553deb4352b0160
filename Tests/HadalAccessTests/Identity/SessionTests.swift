import Foundation
import Testing

@testable import HadalAccess

@Suite struct SessionTests {
    @Test func aChangeNeedsTheTokenOfAPageOfOurs() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        let other = try installation.logIn("ann")
        _ = try installation.authenticate(session, isChange: false)
        _ = try installation.authenticate(session, isChange: true, forgeryToken: session.forgeryToken)
        #expect(session.forgeryToken == installation.control.forgeryToken(sessionToken: session.token))
        #expect(!session.forgeryToken.contains(session.token))
        for token in [nil, "", other.forgeryToken, session.token, session.forgeryToken + "A", "a b"] as [String?] {
            #expect(throws: AccessError.forgeryTokenNeeded) {
                try installation.authenticate(session, isChange: true, forgeryToken: token)
            }
        }
    }

    @Test func sessionsEndWhenTheyAreNotUsedAndWhenTheyAreOld() throws {
        let installation = try Installation()
        try installation.user("ann")
        let idle = try installation.logIn("ann")
        installation.now += 1799
        _ = try installation.authenticate(idle)
        installation.now += 1799
        _ = try installation.authenticate(idle)
        installation.now += 1800
        #expect(refusal { try installation.authenticate(idle) }?.contains("not used") == true)

        let busy = try installation.logIn("ann")
        for _ in 0..<43 {
            installation.now += 1000
            _ = try installation.authenticate(busy)
        }
        installation.now += 200
        #expect(refusal { try installation.authenticate(busy) }?.contains("ended") == true)
    }

    @Test func useInOneProcessKeepsASessionAliveInAnother() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        let other = try AccessControl(AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: false)
        _ = try other.authenticate(Credentials(sessionToken: session.token), now: installation.now)
        installation.now += 1000
        _ = try installation.authenticate(session)
        installation.control.flush()
        installation.now += 1000
        _ = try other.authenticate(Credentials(sessionToken: session.token), now: installation.now)
    }

    @Test func anEarlierUseThatIsWrittenLaterEndsNothing() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        let early = installation.now
        installation.now += 1000
        _ = try installation.authenticate(session)
        installation.control.flush()
        let late = try AccessControl(AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: false)
        _ = try late.authenticate(Credentials(sessionToken: session.token), now: early)
        late.flush()
        let third = try AccessControl(AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: false)
        _ = try third.authenticate(Credentials(sessionToken: session.token), now: installation.now + 1000)
    }

    @Test func loggingOutEndsOneSession() throws {
        let installation = try Installation()
        try installation.user("ann")
        let (first, second) = (try installation.logIn("ann"), try installation.logIn("ann"))
        try installation.control.logOut(sessionToken: first.token)
        try installation.control.logOut(sessionToken: "nonsense")
        #expect(refusal { try installation.authenticate(first) } != nil)
        _ = try installation.authenticate(second)
    }

    @Test func sessionsCanBeSeenAndEnded() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann")
        let bob = try installation.principal("bob")
        let session = try installation.logIn("ann")
        let administration = installation.administration
        let listed = try administration.sessions(ofUserNamed: "ann", by: installation.by(ann))
        #expect(listed.count == 2 && listed.contains { $0.id == session.session.id })
        #expect(throws: AccessProblem.refused(.notAllowed(.viewAccess))) {
            try administration.sessions(ofUserNamed: "ann", by: installation.by(bob))
        }
        #expect(throws: AccessProblem.refused(.notAllowed(.manageUsers))) {
            try administration.endSessions(ofUserNamed: "ann", by: installation.by(bob))
        }
        #expect(throws: AccessProblem.self) {
            try administration.endSessions(ofUserNamed: "bob", id: session.session.id, by: installation.by(bob))
        }
        _ = try installation.authenticate(session)
        try administration.endSessions(ofUserNamed: "ann", id: session.session.id, by: installation.by(ann))
        #expect(refusal { try installation.authenticate(session) } != nil)
        let third = try installation.logIn("ann")
        try administration.endSessions(ofUserNamed: "ann", by: installation.root)
        #expect(refusal { try installation.authenticate(third) } != nil)
    }

    @Test func aNewPasswordEndsAllSessions() throws {
        let installation = try Installation()
        try installation.user("ann")
        let first = try installation.logIn("ann")
        let principal = try installation.authenticate(first)
        try installation.administration.setPassword(
            ofUserNamed: "ann", to: "another long passphrase", by: installation.root)
        #expect(refusal { try installation.authenticate(first) } != nil)
        #expect(refusal { try installation.logIn("ann") } == "a wrong password")
        let second = try installation.logIn("ann", password: "another long passphrase")
        #expect(throws: AccessProblem.self) {
            try installation.administration.changeOwnPassword(
                from: "not the old one", to: "the third long passphrase", by: installation.by(principal))
        }
        _ = try installation.authenticate(second)
        try installation.administration.changeOwnPassword(
            from: "another long passphrase", to: "the third long passphrase", by: installation.by(principal))
        #expect(refusal { try installation.authenticate(second) } != nil)
        _ = try installation.logIn("ann", password: "the third long passphrase")
    }

    @Test func aStolenSessionCannotGuessThePassword() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann")
        for _ in 0..<5 {
            #expect(throws: AccessProblem.refused(.credentialsRefused(detail: "a wrong password"))) {
                try installation.administration.changeOwnPassword(
                    from: "guess", to: "the third long passphrase", by: installation.by(ann))
            }
        }
        #expect(throws: AccessProblem.refused(.lockedOut(seconds: 900))) {
            try installation.administration.changeOwnPassword(
                from: Installation.password, to: "the third long passphrase", by: installation.by(ann))
        }
    }

    @Test func disablingAUserOrTenantEndsSessions() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "acme", by: installation.root)
        try installation.user("ann", tenant: "acme")
        let first = try installation.logIn("ann")
        _ = try installation.administration.changeUser(
            named: "ann", UserChange(isEnabled: false), by: installation.root)
        #expect(refusal { try installation.authenticate(first) } != nil)
        _ = try installation.administration.changeUser(named: "ann", UserChange(isEnabled: true), by: installation.root)
        #expect(refusal { try installation.authenticate(first) } != nil, "it stays ended")
        let second = try installation.logIn("ann")
        try installation.administration.changeTenant(name: "acme", isEnabled: false, by: installation.root)
        #expect(refusal { try installation.authenticate(second) }?.contains("tenant") == true)
        #expect(refusal { try installation.logIn("ann") }?.contains("tenant") == true)
    }
}
