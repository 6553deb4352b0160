import Foundation
import Testing

@testable import HadalAccess

@Suite struct KeyChangeTests {
    private static let refused = AccessProblem.refused(.notAllowed(.changeRoles))

    @Test func whatIsNamedChangesAtOnceAndAllElseStays() throws {
        let installation = try Installation()
        let administration = installation.administration
        let new = try installation.serviceKey(
            scopes: [.useModels], models: .only(["a"]), expires: installation.now + 60)
        let id = new.key.id
        let renamed = try administration.changeKey(id: id, KeyChange(name: "nightly"), by: installation.root)
        var expected = new.key
        expected.name = "nightly"
        #expect(renamed == expected)
        #expect(try administration.key(id: id, by: installation.root) == expected)
        _ = try administration.changeKey(
            id: id,
            KeyChange(
                scopes: .only([.useModels, .listModels]), models: .only(["b*"]), expires: .at(installation.now + 90)),
            by: installation.root)
        installation.now += 70
        let principal = try installation.authenticate(key: new.secret)
        #expect(principal.name == "nightly" && principal.permissions == [.useModels, .listModels])
        #expect(principal.mayUse(model: "bc") && !principal.mayUse(model: "a"))
        _ = try administration.changeKey(
            id: id, KeyChange(scopes: .all, models: .all, expires: .never), by: installation.root)
        installation.now += 1_000_000
        let freed = try installation.authenticate(key: new.secret)
        #expect(freed.permissions == [.useModels, .listModels, .useFiles, .manageOwnKeys] && freed.mayUse(model: "a"))
        let event = try #require(installation.audit.events.last)
        #expect(event.action == "key.change" && event.target == id && event.outcome == .done)
        #expect(event.details["changed"] == "scopes: all; models: *; expires: never")
    }

    @Test func aKeyIsGivenNothingThatMakesNoSense() throws {
        let installation = try Installation()
        let key = try installation.serviceKey().key
        let wrong: [(KeyChange, field: String)] = [
            (KeyChange(name: "a\u{0}b"), "name"), (KeyChange(scopes: .only([.manageUsers])), "scopes"),
            (KeyChange(expires: .at(installation.now)), "expires"), (KeyChange(models: .only([""])), "models"),
        ]
        for (change, field) in wrong {
            let error = #expect(throws: AccessProblem.self) {
                try installation.administration.changeKey(id: key.id, change, by: installation.root)
            }
            guard case .invalid(field, _) = error else {
                Issue.record("\(field): \(String(describing: error))")
                continue
            }
        }
        #expect(try installation.administration.key(id: key.id, by: installation.root) == key)
        try installation.administration.revokeKey(id: key.id, by: installation.root)
        #expect(throws: AccessProblem.self) {
            try installation.administration.changeKey(id: key.id, KeyChange(name: "x"), by: installation.root)
        }
    }

    @Test func nobodyGivesAKeyMoreThanTheyHave() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createRole(
            name: "keeper", permissions: [.manageKeys, .useModels, .listModels], models: .only(["a*"]),
            by: installation.root)
        let keeper = installation.by(try installation.confirmed("keeper", roles: ["keeper"]))
        let key = try installation.serviceKey(
            roles: ["model-manager"], scopes: [.useModels], models: .only(["ab", "b"]), expires: installation.now + 60
        ).key
        for change in [
            KeyChange(scopes: .all), KeyChange(scopes: .only([.useModels, .manageModels])), KeyChange(models: .all),
            KeyChange(models: .only(["ab", "c"])), KeyChange(expires: .at(installation.now + 61)),
            KeyChange(expires: .never),
        ] {
            #expect(throws: Self.refused) { try administration.changeKey(id: key.id, change, by: keeper) }
        }
        #expect(try administration.key(id: key.id, by: installation.root) == key)
        // Less is nothing that is given, and more within what one has is one's to give.
        _ = try administration.changeKey(
            id: key.id, KeyChange(name: "less", models: .only(["ab"]), expires: .at(installation.now + 50)), by: keeper)
        _ = try administration.changeKey(
            id: key.id, KeyChange(scopes: .only([.useModels, .listModels]), models: .only(["a*"]), expires: .never),
            by: keeper)
        #expect(throws: AccessProblem.refused(.notAllowed(.manageKeys))) {
            let user = installation.by(try installation.principal("user"))
            return try administration.changeKey(id: key.id, KeyChange(name: "x"), by: user)
        }
    }

    @Test func aKeyCannotFreeItself() throws {
        let installation = try Installation()
        let administration = installation.administration
        let ann = try installation.confirmed("ann", roles: ["administrator"])
        let new = try administration.createKey(
            KeyRequest(
                name: "k", scopes: [.manageOwnKeys], models: .only(["a"]), expires: installation.now + 60),
            by: installation.by(ann))
        let itself = installation.by(try installation.authenticate(key: new.secret))
        for change in [
            KeyChange(scopes: .all), KeyChange(models: .all), KeyChange(expires: .never),
            KeyChange(expires: .at(installation.now + 61)),
        ] {
            #expect(throws: AccessProblem.self) { try administration.changeKey(id: new.key.id, change, by: itself) }
        }
        #expect(try administration.key(id: new.key.id, by: installation.root) == new.key)
        _ = try administration.changeKey(id: new.key.id, KeyChange(name: "mine"), by: itself)
    }

    /// A role for some models and a key for some others, which have one in common: what is left is neither's list.
    @Test func modelsThatOverlapAreNotTakenForNone() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createRole(
            name: "keeper", permissions: [.manageKeys, .useModels], models: .only(["a"]), by: installation.root)
        try administration.createRole(
            name: "pair", permissions: [.useModels], models: .only(["a", "b"]), by: installation.root)
        let keeper = installation.by(try installation.confirmed("keeper", roles: ["keeper"]))
        #expect(throws: Self.refused) {
            try administration.createKey(
                KeyRequest(name: "k", owner: .service(roles: ["pair"], tenant: nil), models: .only(["b", "c"])),
                by: keeper)
        }
    }

    @Test func anotherTenantsKeyIsNotThere() throws {
        let installation = try Installation()
        let administration = installation.administration
        for tenant in ["acme", "other"] { try administration.createTenant(name: tenant, by: installation.root) }
        let theirs = try installation.serviceKey(tenant: "other").key
        let tom = installation.by(try installation.confirmed("tom", roles: ["administrator"], tenant: "acme"))
        for id in [theirs.id, "key:nothing"] {
            let error = #expect(throws: AccessProblem.self) {
                try administration.changeKey(id: id, KeyChange(name: "x"), by: tom)
            }
            guard case .notFound = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }
}
