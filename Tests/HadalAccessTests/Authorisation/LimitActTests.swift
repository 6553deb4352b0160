import Foundation
import Testing

@testable import HadalAccess

/// Limits, lists of addresses, usage and the audit as administration shows and changes them.
@Suite struct LimitActTests {
    private func overrides(_ installation: Installation) throws -> [LimitOverride] {
        try LimitStore(installation.database).all()
    }

    @Test func limitsAreSetTogetherAndRecorded() throws {
        let installation = try Installation()
        let (administration, root) = (installation.administration, installation.root)
        try administration.setLimits(
            of: .tenant("default"), [.tokensPerDay: 5, .requestsPerMinute: nil], by: root)
        #expect(
            try overrides(installation) == [
                LimitOverride(scope: .tenant("default"), kind: .requestsPerMinute, value: nil),
                LimitOverride(scope: .tenant("default"), kind: .tokensPerDay, value: 5),
            ])
        #expect(ScopeLimits.grouped(try overrides(installation)).count == 1)
        try administration.removeLimits(of: .tenant("default"), [.tokensPerDay], by: root)
        #expect(try overrides(installation).map(\.kind) == [.requestsPerMinute])
        #expect(throws: AccessProblem.self) {
            try administration.removeLimits(of: .tenant("default"), [.tokensPerDay], by: root)
        }
        let events = installation.audit.events.suffix(3)
        #expect(events.map(\.action) == ["limit.set", "limit.remove", "limit.remove"])
        #expect(events.map(\.outcome) == [.done, .done, .refused])
        #expect(events.first?.details == ["tokens-per-day": "5", "requests-per-minute": "none"])
    }

    @Test func whatCannotBeRecordedIsNotSet() throws {
        let installation = try Installation()
        installation.audit.isFull = true
        #expect(throws: AccessProblem.self) {
            try installation.administration.setLimits(of: .server, [.tokensPerDay: 5], by: installation.root)
        }
        #expect(throws: AccessProblem.self) {
            try installation.administration.setAddressRules(
                try AddressRules(deny: ["192.0.2.0/24"]), for: .tenant("default"), by: installation.root)
        }
        #expect(try overrides(installation).isEmpty)
        #expect(try AddressRuleStore(installation.database).all().isEmpty)
    }

    @Test func nobodyElseSetsLimits() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "red", by: installation.root)
        for who in [
            try installation.principal("ann", roles: ["auditor", "operator", "model-manager"]),
            try installation.principal("bob", roles: ["administrator"], tenant: "red"),
        ] {
            let requester = installation.by(who)
            #expect(throws: AccessProblem.refused(.notAllowed(.manageLimits))) {
                try installation.administration.setLimits(of: .server, [.tokensPerDay: 5], by: requester)
            }
            #expect(throws: AccessProblem.refused(.notAllowed(.manageLimits))) {
                try installation.administration.removeLimits(of: .server, by: requester)
            }
            #expect(throws: AccessProblem.refused(.notAllowed(.manageLimits))) {
                try installation.administration.setAddressRules(.all, for: .tenant("red"), by: requester)
            }
            #expect(throws: AccessProblem.refused(.notAllowed(.manageLimits))) {
                try installation.administration.userID(named: "ann", .manageLimits, for: "limit.set", by: requester)
            }
        }
    }

    @Test func limitsOfNobodyAreRefused() throws {
        let installation = try Installation()
        for scope in [
            LimitScope.key("key:x"), .user("user:x"), .tenant("x"), .tenantModel(tenant: "x", model: "m"),
        ] {
            #expect(throws: AccessProblem.self, "\(scope)") {
                try installation.administration.setLimits(of: scope, [.tokensPerDay: 1], by: installation.root)
            }
        }
        for value in [-1, LimitKind.tokensPerDay.maximum + 1] {
            #expect(throws: AccessProblem.self) {
                try installation.administration.setLimits(of: .server, [.tokensPerDay: value], by: installation.root)
            }
        }
        #expect(throws: AccessProblem.self) {
            try installation.administration.setLimits(of: .server, [:], by: installation.root)
        }
        #expect(try overrides(installation).isEmpty)
    }

    @Test func usageIsAskedForOnesOwnTenantOnly() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "red", by: installation.root)
        let ann = installation.by(try installation.principal("ann", roles: ["administrator"], tenant: "red"))
        #expect(try installation.administration.permitted(UsageQuery(), by: ann).only == [.tenant: "red"])
        #expect(throws: AccessProblem.notFound("tenant 'default'")) {
            try installation.administration.permitted(UsageQuery(only: [.tenant: "default"]), by: ann)
        }
        let otto = installation.by(try installation.principal("otto", roles: ["operator"]))
        #expect(try installation.administration.permitted(UsageQuery(), by: otto).only.isEmpty)
        let user = installation.by(try installation.principal("uma"))
        #expect(throws: AccessProblem.refused(.notAllowed(.viewAccess))) {
            try installation.administration.permitted(UsageQuery(), by: user)
        }
    }

    @Test func theAuditIsSeenByTenants() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "red", by: installation.root)
        let log = try AuditLog(data: installation.data)
        for tenant in ["default", "red"] {
            var event = AuditEvent(by: .local(name: "root"), action: "test")
            event.tenant = tenant
            try log.record(event)
        }
        let ann = installation.by(try installation.principal("ann", roles: ["auditor"], tenant: "red"))
        let all = installation.by(try installation.principal("otto", roles: ["auditor"]))
        func tenants(_ requester: Requester, _ tenant: String? = nil) throws -> [String] {
            try installation.administration.events(in: log, tenant: tenant, by: requester).map(\.event.tenant)
        }
        #expect(try tenants(ann) == ["red"] && tenants(ann, "red") == ["red"])
        #expect(try tenants(all) == ["red", "default"] && tenants(all, "red") == ["red"])
        #expect(throws: AccessProblem.notFound("tenant 'default'")) { try tenants(ann, "default") }
        let user = installation.by(try installation.principal("uma"))
        #expect(throws: AccessProblem.refused(.notAllowed(.viewAudit))) { try tenants(user) }
    }

    @Test func anActWhoseOutcomeIsElsewhereIsRecordedBeforeAndWhereItFails() async throws {
        struct Broken: Error {}
        let installation = try Installation()
        let root = installation.root
        await #expect(throws: Broken.self) {
            try await installation.administration.recorded("test", .manageConfiguration, by: root) { throw Broken() }
        }
        #expect(installation.audit.events.suffix(2).map(\.outcome) == [.done, .failed])
        installation.audit.isFull = true
        await #expect(throws: AccessProblem.self) {
            try await installation.administration.recorded("test", .manageConfiguration, by: root) {
                Issue.record("it was done although it could not be recorded")
            }
        }
    }
}
