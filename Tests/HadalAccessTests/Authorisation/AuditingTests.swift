import Foundation
import GRDB
import Testing

@testable import HadalAccess

@Suite struct AuditingTests {
    @Test func eachActIsRecordedWithWhoDidWhatToWhomAndFromWhere() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "acme", by: installation.root)
        let user = try installation.user("ann", tenant: "acme")
        let event = try #require(installation.audit.events.last)
        #expect(event.action == "user.create" && event.target == user.id && event.outcome == .done)
        #expect(event.actor == "local:root" && event.actorName == "root" && event.tenant == "acme")
        #expect(event.details == ["name": "ann", "roles": "user"])
        #expect(event.address == "192.0.2.1" && event.requestID == "r1" && event.time == installation.now)
    }

    @Test func everyKindOfActLeavesOneEvent() throws {
        let installation = try Installation()
        let administration = installation.administration
        let root = installation.root
        func recorded(_ action: String, _ act: () throws -> Void) throws {
            let before = installation.audit.events.count
            try act()
            let new = installation.audit.events.dropFirst(before)
            #expect(new.map(\.action) == [action] && new.allSatisfy { $0.outcome == .done })
        }
        try recorded("tenant.create") { try administration.createTenant(name: "t", by: root) }
        try recorded("tenant.change") { try administration.changeTenant(name: "t", displayName: "T", by: root) }
        try recorded("tenant.delete") { try administration.deleteTenant(name: "t", by: root) }
        try recorded("role.create") { try administration.createRole(name: "r", permissions: [.useModels], by: root) }
        try recorded("role.change") { try administration.changeRole(name: "r", about: "x", by: root) }
        try recorded("role.delete") { try administration.deleteRole(name: "r", by: root) }
        try recorded("user.create") { try installation.user("ann", roles: ["administrator"]) }
        try recorded("user.change") {
            try administration.changeUser(named: "ann", UserChange(displayName: "A"), by: root)
        }
        try recorded("user.password") {
            try administration.setPassword(ofUserNamed: "ann", to: Installation.password, by: root)
        }
        try recorded("user.unlock") { try administration.unlock(userNamed: "ann", by: root) }
        let ann = installation.by(try installation.logIn("ann").principal)
        try recorded("me.password") {
            try administration.changeOwnPassword(from: Installation.password, to: "another passphrase", by: ann)
        }
        var setUp: SecondFactorSetUp?
        try recorded("me.secondFactor.begin") {
            setUp = try administration.beginSecondFactor(password: "another passphrase", by: ann)
        }
        let secret = decodeBase32(try #require(setUp).secret)
        try recorded("me.secondFactor.confirm") {
            _ = try administration.confirmSecondFactor(installation.code(secret), by: ann)
        }
        try recorded("me.secondFactor.recoveryCodes") {
            var ann = ann
            ann.code = installation.code(secret, stepsAway: 1)
            _ = try administration.renewRecoveryCodes(by: ann)
        }
        try recorded("user.secondFactor.reset") { try administration.resetSecondFactor(ofUserNamed: "ann", by: root) }
        var key: NewKey?
        try recorded("key.create") { key = try administration.createKey(KeyRequest(name: "k"), by: ann) }
        let id = try #require(key).key.id
        try recorded("key.rotate") { _ = try administration.rotateKey(id: id, overlap: 1, by: ann) }
        try recorded("key.revoke") { try administration.revokeKey(id: id, by: ann) }
        try recorded("session.end") { try administration.endSessions(ofUserNamed: "ann", by: root) }
        try installation.user("bob")
        try recorded("user.delete") { try administration.deleteUser(named: "bob", by: root) }
    }

    @Test func refusedActsAreRecorded() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann")
        for act: (AccessAdministration, Requester) throws -> Void in [
            { _ = try $0.createUser(NewUser(name: "x"), by: $1) }, { try $0.createTenant(name: "x", by: $1) },
            { try $0.createRole(name: "x", permissions: [], by: $1) }, { _ = try $0.users(by: $1) },
            { _ = try $0.createKey(KeyRequest(name: "x", owner: .service(roles: ["user"], tenant: nil)), by: $1) },
        ] {
            let before = installation.audit.events.count
            #expect(throws: AccessProblem.self) { try act(installation.administration, installation.by(ann)) }
            let new = installation.audit.events.dropFirst(before)
            #expect(new.count == 1 && new.first?.outcome == .refused && new.first?.actor == ann.id)
            #expect(new.first?.details["problem"]?.contains("permission") == true)
        }
    }

    @Test func anActThatCannotBeRecordedDoesNotTakePlace() throws {
        let installation = try Installation()
        try installation.user("ann")
        let session = try installation.logIn("ann")
        let key = try installation.serviceKey()
        installation.audit.isFull = true
        let administration = installation.administration
        for act: (AccessAdministration) throws -> Void in [
            { _ = try $0.createUser(NewUser(name: "bob"), by: installation.root) },
            { try $0.deleteUser(named: "ann", by: installation.root) },
            { try $0.setPassword(ofUserNamed: "ann", to: "another passphrase", by: installation.root) },
            { try $0.createTenant(name: "t", by: installation.root) },
            { try $0.createRole(name: "r", permissions: [], by: installation.root) },
            { try $0.revokeKey(id: key.key.id, by: installation.root) },
        ] {
            let error = #expect(throws: AccessProblem.self) { try act(administration) }
            guard case .store = error else {
                #expect(Bool(false), "\(String(describing: error))")
                continue
            }
        }
        installation.audit.isFull = false
        #expect(try administration.users(by: installation.root).map(\.name) == ["ann"])
        #expect(try administration.tenants(by: installation.root).count == 1)
        #expect(try administration.roles().count == 5)
        _ = try installation.authenticate(key: key.secret)
        _ = try installation.authenticate(session)
    }

    @Test func lettingSomebodyReadConversationsIsSaidByName() throws {
        let installation = try Installation()
        let administration = installation.administration
        try administration.createRole(
            name: "reader", permissions: [.readConversations, .useModels], by: installation.root)
        #expect(installation.audit.events.last?.details["granted"] == "conversations.read")
        try installation.user("ann")
        #expect(installation.audit.events.last?.details["granted"] == nil)
        _ = try administration.changeUser(named: "ann", UserChange(roles: ["reader"]), by: installation.root)
        #expect(installation.audit.events.last?.details["granted"] == "conversations.read")
        #expect(installation.audit.events.last?.details["rolesBefore"] == "user")
        try administration.changeRole(
            name: "reader", permissions: [.readConversations, .readMaskedText], by: installation.root)
        #expect(installation.audit.events.last?.details["granted"] == "masks.read")
        _ = try installation.serviceKey(roles: ["reader"])
        #expect(installation.audit.events.last?.details["granted"] == "conversations.read, masks.read")
    }

    @Test func logInsAreRecordedRightOrWrong() throws {
        let installation = try Installation()
        let ann = try installation.user("ann")
        func logIn(_ name: String, _ password: String = Installation.password) throws -> NewSession {
            try installation.administration.logIn(
                name: name, password: password, address: "192.0.2.9", requestID: "r2", now: installation.now)
        }
        let session = try logIn("ann")
        let begun = try #require(installation.audit.events.last)
        #expect(begun.action == "session.begin" && begun.actor == ann.id && begun.outcome == .done)
        #expect(begun.address == "192.0.2.9" && begun.requestID == "r2")
        #expect(throws: AccessProblem.refused(.credentialsRefused(detail: "a wrong password"))) {
            try logIn("ann", "wrong")
        }
        let wrong = try #require(installation.audit.events.last)
        #expect(wrong.outcome == .refused && wrong.actor == "stranger" && wrong.actorName == "as ann")
        #expect(wrong.details == ["problem": "a wrong password"])
        #expect(throws: AccessProblem.self) { try logIn("typed-a-password-here") }
        #expect(!"\(installation.audit.events)".contains("typed-a-password"))
        let principal = try installation.authenticate(session)
        try installation.administration.logOut(sessionToken: session.token, by: installation.by(principal))
        #expect(installation.audit.events.last?.action == "session.end")
        #expect(refusal { try installation.authenticate(session) } != nil)
        installation.audit.isFull = true
        #expect(throws: AccessProblem.self) { try logIn("ann") }
        #expect(try installation.control.cache.current().sessions.isEmpty)
    }

    @Test func secretsAreNowhereInTheAudit() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, recovery) = try installation.setUpSecondFactor(ann)
        let key = try installation.serviceKey()
        let all = "\(installation.audit.events)"
        for text in [
            Installation.password, Base32.encode(secret), recovery[0], key.secret, String(key.secret.suffix(43)),
        ] {
            #expect(!all.contains(text))
        }
    }
}

@Suite struct AuditLogTests {
    private func event(_ number: Int, tenant: String = "default", time: Double = 0) -> AuditEvent {
        var principal = Principal.local(name: "root")
        principal.tenant = tenant
        return AuditEvent(
            time: Date(timeIntervalSince1970: 1000 + time), by: principal, action: "act.\(number)", target: "t",
            outcome: .refused, details: ["why": "a \"quoted\" ☃"], address: "192.0.2.1", requestID: "r")
    }

    @Test func whatIsRecordedComesBackByTenantAndTime() throws {
        let installation = try Installation()
        let log = try AuditLog(data: installation.data)
        #expect(try mode(installation.data.appendingPathComponent("audit.db")) == 0o600)
        for number in 0..<10 {
            try log.record(event(number, tenant: number % 2 == 0 ? "default" : "acme", time: Double(number)))
        }
        #expect(
            try log.events(tenant: nil).map(\.event)
                == (0..<10).reversed().map {
                    event($0, tenant: $0 % 2 == 0 ? "default" : "acme", time: Double($0))
                })
        #expect(try log.events(tenant: "acme").map(\.event.action) == ["act.9", "act.7", "act.5", "act.3", "act.1"])
        #expect(try log.events(tenant: "nobody").isEmpty)
        let range = (Date(timeIntervalSince1970: 1002), Date(timeIntervalSince1970: 1004))
        #expect(try log.events(tenant: nil, from: range.0, to: range.1).map(\.event.action) == ["act.3", "act.2"])
        let first = try log.events(tenant: nil, limit: 4)
        let second = try log.events(tenant: nil, before: first.last?.number, limit: 4)
        #expect(second.map(\.event.action) == ["act.5", "act.4", "act.3", "act.2"])
        #expect(try log.events(tenant: nil, limit: -1).isEmpty)
        // Another process sees it too.
        #expect(try AuditLog(data: installation.data).events(tenant: nil, limit: .max).count == 10)
    }

    @Test func nothingIsChangedOrDeleted() throws {
        let installation = try Installation()
        let log = try AuditLog(data: installation.data)
        try log.record(event(1))
        let queue = try DatabaseQueue(path: installation.data.appendingPathComponent("audit.db").path)
        for sql in [
            "UPDATE audit SET action = 'nothing'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit",
            "UPDATE audit SET time = 0 WHERE id = 1",
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try queue.write { try $0.execute(sql: sql) } }
        }
        #expect(try log.events(tenant: nil).map(\.event) == [event(1)])
    }
}
