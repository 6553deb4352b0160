import Foundation
import Testing

@testable import HadalAccess

/// Who sees questions that wait for a person, and who decides on them.
@Suite struct ReviewActTests {
    private let installation: Installation
    private let store: ReviewStore

    init() throws {
        installation = try Installation()
        store = try ReviewStore(data: nil)
        let (administration, root) = (installation.administration, installation.root)
        for tenant in ["red", "blue"] { try administration.createTenant(name: tenant, by: root) }
        try administration.createRole(name: "reviewer", permissions: [.viewAudit, .readConversations], by: root)
        for (number, tenant) in ["default", "red", "blue"].enumerated() {
            try store.add(
                ReviewQuestion(
                    id: "chatcmpl-\(tenant)", digest: Data(repeating: UInt8(number), count: 32), tenant: tenant,
                    user: "user:1", userName: "ana", model: "guide", verdicts: "firewall=review",
                    time: installation.now))
        }
    }

    private func ids(_ principal: Principal, tenant: String? = nil) throws -> [String] {
        try installation.administration.reviews(in: store, tenant: tenant, by: installation.by(principal))
            .map(\.question.id)
    }

    private func problem(_ id: String, by requester: Requester, isAllowed: Bool = true) -> AccessProblem? {
        do throws(AccessProblem) {
            _ = try installation.administration.review(id, isAllowed: isAllowed, in: store, by: requester)
            return nil
        } catch {
            return error
        }
    }

    private var waiting: [String] {
        get throws { try store.entries(waitingOnly: true).map(\.question.id).reversed() }
    }

    @Test func aDecisionCountsAndIsRecordedWithWhoseQuestionItWas() throws {
        let eva = try installation.confirmed("eva", roles: ["reviewer"])
        let allowed = try installation.administration.review(
            "chatcmpl-red", isAllowed: true, in: store, by: installation.by(eva))
        #expect(allowed.decision?.isAllowed == true && allowed.decision?.by == eva.id)
        #expect(allowed.decision?.expires == installation.now + ReviewStore.decisionSeconds)
        let event = try #require(installation.audit.events.last)
        #expect(event.action == "review.allow" && event.target == "chatcmpl-red" && event.outcome == .done)
        #expect(event.tenant == "red" && event.actor == eva.id)
        #expect(event.details == ["user": "user:1", "model": "guide"])
        #expect(problem("chatcmpl-default", by: installation.by(eva), isAllowed: false) == nil)
        #expect(installation.audit.events.last?.action == "review.refuse")
        #expect(try waiting == ["chatcmpl-blue"])
    }

    @Test func itNeedsPermissionAndASecondFactor() throws {
        for role in ["user", "administrator", "auditor", "operator"] {
            let principal = try installation.confirmed("the-\(role)", roles: [role])
            let refused = problem("chatcmpl-red", by: installation.by(principal))
            #expect(refused == .refused(.notAllowed(.readConversations)), "\(role)")
            #expect(installation.audit.events.last?.outcome == .refused)
        }
        let eva = try installation.principal("eva", roles: ["reviewer"])
        #expect(
            problem("chatcmpl-red", by: installation.by(eva)) == .refused(.secondFactorNotSetUp(.readConversations)))
        let (secret, _) = try installation.setUpSecondFactor(eva)
        #expect(problem("chatcmpl-red", by: installation.by(eva)) == .refused(.secondFactorNeeded(.readConversations)))
        #expect(try waiting.count == 3)
        #expect(problem("chatcmpl-red", by: installation.by(eva, code: installation.code(secret))) == nil)
        #expect(try waiting == ["chatcmpl-default", "chatcmpl-blue"])
    }

    @Test func seeingThemNeedsAnotherPermission() throws {
        let auditor = try installation.principal("auditor", roles: ["auditor"])
        #expect(try ids(auditor) == ["chatcmpl-blue", "chatcmpl-red", "chatcmpl-default"])
        #expect(try ids(auditor, tenant: "red") == ["chatcmpl-red"])
        let user = try installation.principal("bo")
        #expect(throws: AccessProblem.refused(.notAllowed(.viewAudit))) { try ids(user) }
        #expect(installation.audit.events.last?.action == "review.list")
    }

    @Test func whoIsOfATenantReachesNoOther() throws {
        let eva = try installation.confirmed("eva", roles: ["reviewer"], tenant: "red")
        #expect(try ids(eva) == ["chatcmpl-red"])
        #expect(throws: AccessProblem.self) { try ids(eva, tenant: "blue") }
        for id in ["chatcmpl-blue", "chatcmpl-default", "chatcmpl-none"] {
            guard case .notFound = problem(id, by: installation.by(eva)) else {
                Issue.record("\(id) is there for them")
                continue
            }
            let event = try #require(installation.audit.events.last)
            #expect(event.outcome == .refused && event.target == id && event.tenant == "red")
        }
        #expect(try waiting.count == 3)
        #expect(problem("chatcmpl-red", by: installation.by(eva)) == nil)
    }

    @Test func aDecisionThatCannotBeRecordedDoesNotCount() throws {
        installation.audit.isFull = true
        guard case .store = problem("chatcmpl-red", by: installation.root) else {
            Issue.record("it was recorded")
            return
        }
        #expect(try waiting.count == 3)
        #expect(try !store.hasAllowed(now: installation.now))
    }
}
