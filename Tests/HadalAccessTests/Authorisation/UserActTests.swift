import Foundation
import Testing

@testable import HadalAccess

@Suite struct UserActTests {
    @Test(arguments: [
        "", "a b", "ann!", "ännchen", "а", "ann\n", "../ann", String(repeating: "a", count: 65), "ann\u{0}", "a'b",
        "a/b",
    ]) func namesHaveFewCharacters(name: String) throws {
        let installation = try Installation()
        let error = #expect(throws: AccessProblem.self) {
            try installation.administration.createUser(NewUser(name: name), by: installation.root)
        }
        guard case .invalid(field: "name", _) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test(arguments: [
        "", "short", "elevenchars", "ann@example.org", "ANN@example.org", "password1234", "PASSWORD1234",
        "aaaaaaaaaaaaaaaa",
        "abababababab", "123456789012", String(repeating: "long", count: 300),
    ]) func badPasswordsAreRefused(password: String) throws {
        let installation = try Installation()
        let error = #expect(throws: AccessProblem.self) {
            try installation.administration.createUser(
                NewUser(name: "ann@example.org", password: password), by: installation.root)
        }
        guard case .invalid(field: "password", _) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        try installation.user("ann@example.org")
        #expect(throws: AccessProblem.self) {
            try installation.administration.setPassword(
                ofUserNamed: "ann@example.org", to: password, by: installation.root)
        }
    }

    @Test func noTwoUsersHaveTheSameNameOrLink() throws {
        let installation = try Installation()
        let link = IdentityLink.external(issuer: "i", subject: "s")
        try installation.user("Ann", links: [link])
        try installation.user("bob")
        #expect(throws: AccessProblem.conflict("there is a user 'aNN' already")) { try installation.user("aNN") }
        #expect(throws: AccessProblem.self) { try installation.user("eve", links: [link]) }
        #expect(throws: AccessProblem.self) {
            try installation.administration.changeUser(named: "bob", UserChange(links: [link]), by: installation.root)
        }
        _ = try installation.administration.changeUser(named: "ann", UserChange(links: [link]), by: installation.root)
        #expect(throws: AccessProblem.self) {
            try installation.administration.changeUser(
                named: "bob", UserChange(links: [.certificateFingerprint("AA:BB")]), by: installation.root)
        }
    }

    @Test func aUserIsChangedAndDeleted() throws {
        let installation = try Installation()
        try installation.user("ann")
        let changed = try installation.administration.changeUser(
            named: "ann", UserChange(displayName: "Ann A.", roles: ["operator"]), by: installation.root)
        #expect(changed.displayName == "Ann A." && changed.roles == ["operator"])
        #expect(try installation.administration.users(by: installation.root) == [changed])
        try installation.administration.deleteUser(named: "ann", by: installation.root)
        #expect(try installation.administration.users(by: installation.root).isEmpty)
        #expect(throws: AccessProblem.notFound("user 'ann'")) {
            try installation.administration.deleteUser(named: "ann", by: installation.root)
        }
    }

    @Test func theLastAdministratorStays() throws {
        let installation = try Installation()
        try installation.user("ann", roles: ["administrator"])
        let administration = installation.administration
        func refuses(_ act: () throws -> Void) { #expect(throws: AccessProblem.self) { try act() } }
        refuses { try administration.deleteUser(named: "ann", by: installation.root) }
        refuses { _ = try administration.changeUser(named: "ann", UserChange(isEnabled: false), by: installation.root) }
        refuses { _ = try administration.changeUser(named: "ann", UserChange(roles: ["user"]), by: installation.root) }
        // One of another tenant, or one that is disabled, cannot take the place.
        try administration.createTenant(name: "acme", by: installation.root)
        try installation.user("tom", roles: ["administrator"], tenant: "acme")
        try installation.user("off", roles: ["administrator"])
        _ = try administration.changeUser(named: "off", UserChange(isEnabled: false), by: installation.root)
        refuses { try administration.deleteUser(named: "ann", by: installation.root) }
        _ = try administration.changeUser(named: "off", UserChange(isEnabled: true), by: installation.root)
        try administration.deleteUser(named: "ann", by: installation.root)
    }

    @Test func nobodyChangesTheirOwnRolesOrRemovesThemselves() throws {
        let installation = try Installation()
        let ann = try installation.confirmed("ann", roles: ["administrator"])
        try installation.user("second", roles: ["administrator"])
        let administration = installation.administration
        #expect(throws: AccessProblem.conflict("nobody can change their own roles")) {
            try administration.changeUser(
                named: "ann", UserChange(roles: ["administrator", "auditor"]), by: installation.by(ann))
        }
        #expect(throws: AccessProblem.self) {
            try administration.changeUser(named: "ann", UserChange(isEnabled: false), by: installation.by(ann))
        }
        #expect(throws: AccessProblem.self) { try administration.deleteUser(named: "ann", by: installation.by(ann)) }
        #expect(throws: AccessProblem.self) {
            try administration.setPassword(ofUserNamed: "ann", to: "another passphrase", by: installation.by(ann))
        }
    }

    @Test func deletingTheLastUserOverTheNetworkDoesNotOpenTheDoor() throws {
        let installation = try Installation()
        try installation.user("ann")
        var stranger = Principal.local(name: "x")
        stranger.method = .token
        stranger.secondFactorUntil = .distantFuture
        #expect(throws: AccessProblem.self) {
            try installation.administration.deleteUser(named: "ann", by: installation.by(stranger))
        }
        try installation.administration.deleteUser(named: "ann", by: installation.root)
        #expect(try installation.control.isOpen())
    }
}
