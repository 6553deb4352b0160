import Foundation
import Testing

@testable import HadalAccess

@Suite struct OtherCredentialTests {
    private func token(
        subject: String = "s1", roles: Set<String> = ["user"], tenant: String = "default", factor: Bool = false,
        authenticated: Date? = nil
    ) -> VerifiedToken {
        VerifiedToken(
            issuer: "https://id.example", subject: subject, name: "Ann of the provider", email: nil, roles: roles,
            tenant: tenant, expires: .distantFuture, secondFactorShown: factor, authenticated: authenticated, id: nil)
    }

    @Test func aTokenOfNobodyWeKnowHasTheRolesItNames() throws {
        let installation = try Installation()
        let principal = try installation.control.authenticate(
            Credentials(token: token(roles: ["auditor", "no such role"])), now: installation.now)
        #expect(principal.id == "token:https://id.example#s1" && principal.userID == nil && principal.method == .token)
        #expect(principal.permissions == RoleMatrix.roles[3].permissions)
        #expect(throws: AccessError.secondFactorNotSetUp(.exportAudit)) {
            try installation.control.authorise(principal, .exportAudit, code: "123456", now: installation.now)
        }
    }

    @Test func aTokenOfALinkedUserIsThatUser() throws {
        let installation = try Installation()
        let ann = try installation.user("ann", links: [.external(issuer: "https://id.example", subject: "s1")])
        let principal = try installation.control.authenticate(
            Credentials(token: token(roles: ["administrator"])), now: installation.now)
        #expect(principal.id == ann.id && !principal.permissions.contains(.manageUsers), "roles are ours to give")
        _ = try installation.administration.changeUser(
            named: "ann", UserChange(isEnabled: false), by: installation.root)
        #expect(
            refusal {
                try installation.control.authenticate(Credentials(token: token()), now: installation.now)
            }?.contains("disabled") == true)
        let other = try installation.control.authenticate(
            Credentials(token: token(subject: "S1")), now: installation.now)
        #expect(other.userID == nil)
    }

    @Test func aLinkedUserLogsInWithATokenAndNobodyElse() throws {
        let installation = try Installation()
        let ann = try installation.user("ann", links: [.external(issuer: "https://id.example", subject: "s1")])
        let session = try installation.administration.logIn(
            token: token(factor: true, authenticated: installation.now), now: installation.now)
        let principal = try installation.authenticate(session)
        #expect(principal.userID == ann.id && principal.method == .session)
        #expect(principal.secondFactorUntil == installation.now + 300)
        #expect(installation.audit.events.last?.actor == ann.id)
        #expect(throws: AccessProblem.self) {
            try installation.administration.logIn(
                token: token(subject: "s2", roles: ["administrator"]), now: installation.now)
        }
        #expect(installation.audit.events.last?.outcome == .refused)
    }

    @Test func aTokenForATenantThatIsNotThereIsRefused() throws {
        let installation = try Installation()
        #expect(
            refusal {
                try installation.control.authenticate(
                    Credentials(token: token(tenant: "nowhere")), now: installation.now)
            }?.contains("nowhere") == true)
        try installation.administration.createTenant(name: "acme", by: installation.root)
        let principal = try installation.control.authenticate(
            Credentials(token: token(roles: ["administrator"], tenant: "acme")), now: installation.now)
        #expect(principal.permissions.contains(.manageUsers) && !principal.permissions.contains(.manageConfiguration))
    }

    @Test func aSecondFactorShownToTheIssuerCountsForAWhile() throws {
        let installation = try Installation()
        func authorise(_ token: VerifiedToken) throws {
            let principal = try installation.control.authenticate(Credentials(token: token), now: installation.now)
            try installation.control.authorise(principal, .exportAudit, now: installation.now)
        }
        try authorise(token(roles: ["auditor"], factor: true, authenticated: installation.now - 299))
        for token in [
            token(roles: ["auditor"], factor: true, authenticated: installation.now - 300),
            token(roles: ["auditor"], factor: true), token(roles: ["auditor"], authenticated: installation.now),
        ] {
            #expect(throws: AccessError.secondFactorNotSetUp(.exportAudit)) { try authorise(token) }
        }
    }

    @Test func certificatesAreUsersByFingerprintNameAddressOrURI() throws {
        let installation = try Installation()
        let print = String(repeating: "0a", count: 32)
        try installation.user("a", links: [.certificateFingerprint(print)])
        try installation.user("b", links: [.certificateName("Bob")])
        try installation.user("c", links: [.certificateURI("spiffe://x/c"), .certificateEmail("c@x")])
        func name(_ certificate: Credentials.Certificate) throws -> String {
            let principal = try installation.control.authenticate(
                Credentials(certificate: certificate), now: installation.now)
            #expect(principal.method == .certificate)
            return principal.name
        }
        #expect(try name(.init(fingerprint: print, commonName: "x")) == "a")
        #expect(try name(.init(fingerprint: "f", commonName: "Bob")) == "b")
        #expect(try name(.init(fingerprint: "f", uris: ["spiffe://x/c"])) == "c")
        #expect(try name(.init(fingerprint: "f", emails: ["c@x"])) == "c")
        for other in [
            Credentials.Certificate(fingerprint: "f", commonName: "bob"), .init(fingerprint: "f"),
            .init(fingerprint: "f", commonName: "c@x"), .init(fingerprint: "f", uris: ["Bob"]),
            .init(fingerprint: print, commonName: "Bob"),
        ] {
            #expect(refusal { try name(other) }?.contains("certificate") == true, "\(other)")
        }
    }

    @Test func withoutUsersAndKeysNothingNeedsToBeShownWhereThatIsAllowed() throws {
        let open = try Installation(opensWhenEmpty: true)
        #expect(try open.control.isOpen())
        #expect(try open.control.authenticate(Credentials(), now: open.now) == .open)
        #expect(try open.authenticate(key: "sk-whatever-clients-send") == .open)
        let key = try open.serviceKey()
        #expect(try !open.control.isOpen())
        #expect(throws: AccessError.credentialsNeeded) { try open.control.authenticate(Credentials(), now: open.now) }
        // A key that was given away and revoked does not open the door again.
        try open.administration.revokeKey(id: key.key.id, by: open.root)
        #expect(throws: AccessError.credentialsNeeded) { try open.control.authenticate(Credentials(), now: open.now) }

        let closed = try Installation(opensWhenEmpty: false)
        #expect(throws: AccessError.credentialsNeeded) {
            try closed.control.authenticate(Credentials(), now: closed.now)
        }
    }
}
