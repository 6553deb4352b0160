import Foundation
import Testing

@testable import HadalAccess

/// Tries to climb: from what somebody may to what they may not.
@Suite struct EscalationTests {
    /// Somebody who may look after users and keys, and nothing else of an administrator.
    private func helpdesk(_ installation: Installation, tenant: String = "default") throws -> Principal {
        let administration = installation.administration
        if try !administration.roles().contains(where: { $0.name == "helpdesk" }) {
            try administration.createRole(
                name: "helpdesk",
                permissions: [
                    .manageUsers, .manageKeys, .manageOwnKeys, .viewAccess, .useModels, .listModels, .useFiles,
                ],
                by: installation.root)
        }
        return try installation.confirmed("helper-\(tenant)", roles: ["helpdesk"], tenant: tenant)
    }

    private static let refused = AccessProblem.refused(.notAllowed(.changeRoles))

    @Test func nobodyGivesMoreThanTheyHave() throws {
        let installation = try Installation()
        let helper = installation.by(try helpdesk(installation))
        let administration = installation.administration
        _ = try administration.createUser(NewUser(name: "fine", roles: ["user"]), by: helper)
        for role in ["administrator", "model-manager", "operator", "auditor"] {
            #expect(throws: EscalationTests.refused) {
                try administration.createUser(NewUser(name: "mine", roles: ["user", role]), by: helper)
            }
            #expect(throws: EscalationTests.refused) {
                try administration.createKey(
                    KeyRequest(name: "k", owner: .service(roles: [role], tenant: nil)), by: helper)
            }
        }
        #expect(throws: EscalationTests.refused) {
            try administration.changeUser(named: "fine", UserChange(roles: ["helpdesk"]), by: helper)
        }
        #expect(throws: EscalationTests.refused) {
            try administration.createRole(name: "mine", permissions: [.useModels], by: helper)
        }
        #expect(throws: AccessProblem.self) {
            try administration.createKey(KeyRequest(name: "k", scopes: [.changeRoles]), by: helper)
        }
    }

    @Test func nobodyTakesOverSomebodyWhoHasMore() throws {
        let installation = try Installation()
        let admin = try installation.principal("admin", roles: ["administrator"])
        try installation.user("second", roles: ["administrator"])
        let adminsKey = try installation.administration.createKey(KeyRequest(name: "k"), by: installation.by(admin))
        let helper = installation.by(try helpdesk(installation))
        let administration = installation.administration
        let attempts: [(AccessAdministration) throws -> Void] = [
            { try $0.setPassword(ofUserNamed: "admin", to: "a passphrase of mine", by: helper) },
            { try $0.resetSecondFactor(ofUserNamed: "admin", by: helper) },
            { _ = try $0.createKey(KeyRequest(name: "k", owner: .user(named: "admin")), by: helper) },
            { _ = try $0.rotateKey(id: adminsKey.key.id, overlap: 60, by: helper) },
            { _ = try $0.changeUser(named: "admin", UserChange(links: [.certificateName("me")]), by: helper) },
            { _ = try $0.changeUser(named: "admin", UserChange(isEnabled: false), by: helper) },
            { try $0.deleteUser(named: "admin", by: helper) },
        ]
        for attempt in attempts { #expect(throws: EscalationTests.refused) { try attempt(administration) } }
        #expect(try installation.authenticate(key: adminsKey.secret).userID == admin.userID)
        // A key of somebody that can do no more than the helper is fine.
        _ = try administration.createKey(
            KeyRequest(name: "k", owner: .user(named: "admin"), scopes: [.useModels]), by: helper)
    }

    @Test func anAdministratorNeedsTheSecondFactorToGoBeyond() throws {
        let installation = try Installation()
        let admin = try installation.principal("admin", roles: ["administrator"])
        try installation.user("judge", roles: ["auditor"])
        let administration = installation.administration
        // The auditor has what the administrator has not.
        #expect(throws: AccessProblem.refused(.secondFactorNotSetUp(.changeRoles))) {
            try administration.setPassword(ofUserNamed: "judge", to: "a passphrase of mine", by: installation.by(admin))
        }
        let (secret, _) = try installation.setUpSecondFactor(admin)
        #expect(throws: AccessProblem.refused(.secondFactorNeeded(.changeRoles))) {
            try administration.changeUser(named: "judge", UserChange(roles: ["user"]), by: installation.by(admin))
        }
        let code = installation.code(secret)
        _ = try administration.changeUser(
            named: "judge", UserChange(roles: ["user"]), by: installation.by(admin, code: code))
        #expect(throws: AccessProblem.refused(.secondFactorWrong)) {
            try administration.changeUser(
                named: "judge", UserChange(roles: ["auditor"]), by: installation.by(admin, code: code))
        }
    }

    @Test func aNarrowKeyOfAnAdministratorStaysNarrow() throws {
        let installation = try Installation()
        let admin = try installation.confirmed("admin", roles: ["administrator"])
        let administration = installation.administration
        func key(_ scopes: Set<Permission>, models: ModelScope = .all, expires: Date? = nil) throws -> Requester {
            let key = try administration.createKey(
                KeyRequest(name: "k", scopes: scopes, models: models, expires: expires), by: installation.by(admin))
            return installation.by(try installation.authenticate(key: key.secret))
        }
        let own = try key([.manageOwnKeys])
        #expect(throws: EscalationTests.refused) { try administration.createKey(KeyRequest(name: "k"), by: own) }
        #expect(throws: EscalationTests.refused) {
            try administration.createKey(KeyRequest(name: "k", scopes: [.useModels]), by: own)
        }
        _ = try administration.createKey(KeyRequest(name: "k", scopes: [.manageOwnKeys]), by: own)
        let broad = try #require(try administration.keys(by: installation.root).first { $0.scopes == [.manageOwnKeys] })
        #expect(throws: AccessProblem.self) { try administration.createUser(NewUser(name: "x"), by: own) }
        _ = broad

        let users = try key([.manageUsers])
        #expect(throws: EscalationTests.refused) { try administration.createUser(NewUser(name: "x"), by: users) }
        #expect(throws: AccessProblem.self) {
            try administration.setPassword(ofUserNamed: "admin", to: "a passphrase of mine", by: users)
        }

        // The models a key is for bound those of keys it makes.
        let few = try key([.manageOwnKeys, .useModels], models: .only(["a*"]))
        #expect(throws: EscalationTests.refused) {
            try administration.createKey(KeyRequest(name: "k", scopes: [.useModels]), by: few)
        }
        #expect(throws: EscalationTests.refused) {
            try administration.createKey(KeyRequest(name: "k", scopes: [.useModels], models: .only(["b"])), by: few)
        }
        _ = try administration.createKey(
            KeyRequest(name: "k", scopes: [.useModels], models: .only(["ab", "ac*"])), by: few)

        // And what a key makes does not outlive it.
        let brief = try key([.manageOwnKeys], expires: installation.now + 100)
        let child = try administration.createKey(KeyRequest(name: "k", scopes: [.manageOwnKeys]), by: brief)
        #expect(child.key.expires == installation.now + 100)
        #expect(throws: AccessProblem.self) {
            try administration.createKey(
                KeyRequest(name: "k", scopes: [.manageOwnKeys], expires: installation.now + 101), by: brief)
        }
    }

    @Test func aKeyWithOneScopeCannotRotateABroaderKeyOfItsUser() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["model-manager"])
        let administration = installation.administration
        let whole = try administration.createKey(KeyRequest(name: "whole"), by: installation.by(ann))
        let narrow = try administration.createKey(
            KeyRequest(name: "narrow", scopes: [.manageOwnKeys]), by: installation.by(ann))
        let principal = try installation.authenticate(key: narrow.secret)
        #expect(throws: EscalationTests.refused) {
            try administration.rotateKey(id: whole.key.id, overlap: 0, by: installation.by(principal))
        }
        // Itself it can.
        _ = try administration.rotateKey(id: narrow.key.id, overlap: 0, by: installation.by(principal))
    }

    @Test func modelsOfOneRoleAreNotThoseOfAnother() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createRole(
            name: "keeper", permissions: [.manageModels], models: .only(["team-*"]), by: installation.root)
        let ann = try installation.principal("ann", roles: ["user", "keeper"])
        func may(_ permission: Permission, _ model: String) -> Bool {
            (try? installation.control.authorise(ann, permission, model: model, now: installation.now)) != nil
        }
        #expect(may(.useModels, "other") && may(.useModels, "team-a"))
        #expect(may(.manageModels, "team-a") && !may(.manageModels, "other"))
        #expect(throws: AccessError.modelNotAllowed("other")) {
            try installation.control.authorise(ann, .manageModels, model: "other", now: installation.now)
        }
    }

    @Test func aTenantRestrictsWhateverItsUsersRolesSay() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "acme", models: .only(["a"]), by: installation.root)
        let tom = try installation.principal("tom", roles: ["administrator"], tenant: "acme")
        #expect(throws: AccessError.modelNotAllowed("b")) {
            try installation.control.authorise(tom, .useModels, model: "b", now: installation.now)
        }
        for permission in Permission.allCases where permission.isInstallationWide {
            #expect(throws: AccessError.notAllowed(permission)) {
                try installation.control.authorise(tom, permission, now: installation.now)
            }
        }
    }

    @Test func nobodyReachesAnotherTenant() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createTenant(name: "acme", by: installation.root)
        try administration.createTenant(name: "other", by: installation.root)
        try installation.user("victim", tenant: "other")
        try installation.user("root-user")
        let theirs = try installation.serviceKey(tenant: "other")
        let tom = installation.by(try installation.confirmed("tom", roles: ["administrator"], tenant: "acme"))
        let attempts: [(AccessAdministration) throws -> Void] = [
            { _ = try $0.user(named: "victim", by: tom) },
            { _ = try $0.user(named: "root-user", by: tom) },
            { try $0.setPassword(ofUserNamed: "victim", to: "a passphrase of mine", by: tom) },
            { _ = try $0.changeUser(named: "victim", UserChange(isEnabled: false), by: tom) },
            { _ = try $0.changeUser(named: "victim", UserChange(roles: ["auditor"]), by: tom) },
            { try $0.deleteUser(named: "victim", by: tom) },
            { try $0.resetSecondFactor(ofUserNamed: "victim", by: tom) },
            { try $0.unlock(userNamed: "victim", by: tom) },
            { _ = try $0.sessions(ofUserNamed: "victim", by: tom) },
            { try $0.endSessions(ofUserNamed: "victim", by: tom) },
            { _ = try $0.createKey(KeyRequest(name: "k", owner: .user(named: "victim")), by: tom) },
            { _ = try $0.createKey(KeyRequest(name: "k", owner: .service(roles: ["user"], tenant: "other")), by: tom) },
            { _ = try $0.createUser(NewUser(name: "spy", tenant: "default"), by: tom) },
            { _ = try $0.createUser(NewUser(name: "spy", tenant: "other"), by: tom) },
            { _ = try $0.rotateKey(id: theirs.key.id, overlap: 0, by: tom) },
            { try $0.revokeKey(id: theirs.key.id, by: tom) },
        ]
        for (index, attempt) in attempts.enumerated() {
            let error = #expect(throws: AccessProblem.self) { try attempt(administration) }
            guard case .notFound = error else {
                #expect(Bool(false), "\(index): \(String(describing: error))")
                continue
            }
        }
        for attempt: (AccessAdministration) throws -> Void in [
            { try $0.createRole(name: "mine", permissions: [.readConversations], by: tom) },
            { try $0.createTenant(name: "more", by: tom) },
            { try $0.changeTenant(name: "acme", models: .all, by: tom) },
            { try $0.deleteTenant(name: "acme", by: tom) },
        ] {
            #expect(throws: AccessProblem.self) { try attempt(administration) }
        }
        _ = try installation.authenticate(key: theirs.secret)
        // Within the own tenant it works, and there alone things are seen.
        _ = try administration.createUser(NewUser(name: "ours", roles: ["user"]), by: tom)
        #expect(try administration.users(by: tom).map(\.name) == ["ours", "tom"])
        #expect(try administration.keys(by: tom).isEmpty)
        #expect(try administration.tenants(by: tom).map(\.name) == ["acme"])
        #expect(try administration.users(by: installation.root).count == 4)
    }

    @Test func aCustomRoleIsNotChangedByThoseWhoHaveIt() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createRole(name: "chief", permissions: [.changeRoles], by: installation.root)
        let chief = installation.by(try installation.confirmed("chief", roles: ["chief"]))
        #expect(throws: AccessProblem.self) {
            try administration.changeRole(name: "chief", permissions: Set(Permission.allCases), by: chief)
        }
        #expect(throws: AccessProblem.self) { try administration.deleteRole(name: "chief", by: chief) }
        for name in RoleMatrix.names {
            #expect(throws: AccessProblem.self) {
                try administration.changeRole(name: name, permissions: [], by: chief)
            }
            #expect(throws: AccessProblem.self) { try administration.deleteRole(name: name, by: chief) }
            #expect(throws: AccessProblem.self) {
                try administration.createRole(name: name.uppercased(), permissions: [], by: chief)
            }
        }
        // With roles.change alone nobody disables or links users.
        try installation.user("ann")
        #expect(throws: AccessProblem.refused(.notAllowed(.manageUsers))) {
            try administration.changeUser(
                named: "ann", UserChange(roles: ["user"], links: [.certificateName("me")]), by: chief)
        }
    }
}
