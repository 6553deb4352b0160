import Foundation
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAccess

/// Changing keys, taking one's second factor away and exporting the audit, over HTTP.
@Suite(.timeLimit(.minutes(15))) struct KeyAdministrationTests {
    @Test func aKeyIsChangedAndKeepsItsSecret() async throws {
        try await GuardedServing.run { guarded in
            let root = try guarded.key(["administrator"]).secret
            let new = try guarded.key(models: .only(["other"]))
            let path = "keys/\(new.key.id)"
            #expect(try await guarded.chat(key: new.secret).status == 404)
            let changed = try await guarded.admin(
                .PATCH, path,
                ["name": "ci", "models": ["scripted"], "scopes": ["models.use"], "expires": "2100-01-01T00:00:00Z"],
                key: root)
            #expect(changed.status == 200, "\(changed.body)")
            #expect(changed.json["name"] == "ci" && changed.json["models"] == ["scripted"])
            #expect(changed.json["scopes"] == ["models.use"] && changed.json["expires"] == "2100-01-01T00:00:00Z")
            #expect(!changed.body.contains(new.secret))
            #expect(try await guarded.chat(key: new.secret).status == 200)
            #expect(try await guarded.send(.GET, "/v1/models", key: new.secret).status == 403)
            let freed = try await guarded.admin(.PATCH, path, ["scopes": ["*"], "expires": "none"], key: root)
            #expect(freed.status == 200 && freed.json["scopes"] == nil && freed.json["expires"] == nil)
            #expect(freed.json == (try await guarded.admin(.GET, path, key: root)).json)
            #expect(try await guarded.send(.GET, "/v1/models", key: new.secret).status == 200)
            // Null is what is not there: it stays.
            let same = try await guarded.admin(.PATCH, path, ["name": .null, "models": .null], key: root)
            #expect(same.json == freed.json)
            let past = try await guarded.admin(.PATCH, path, ["expires": "2020-01-01T00:00:00Z"], key: root)
            #expect(past.status == 400 && past.errorField == "expires")
        }
    }

    @Test func nobodyGivesAKeyMoreThanTheyHave() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana", ["administrator"])
            let ana = try await guarded.browser("ana")
            let key = try guarded.key(["auditor"], scopes: [.viewAudit]).key
            let more = try await guarded.admin(.PATCH, "keys/\(key.id)", ["scopes": ["*"]], as: ana)
            #expect(more.status == 403 && more.errorCode == "second_factor_not_set_up")
            let codes = try await guarded.setUpSecondFactor(ana)
            let needed = try await guarded.admin(.PATCH, "keys/\(key.id)", ["scopes": ["*"]], as: ana)
            #expect(needed.errorCode == "second_factor_needed")
            let given = try await guarded.admin(
                .PATCH, "keys/\(key.id)", ["scopes": ["*"]], as: ana, code: codes[0])
            #expect(given.status == 200)
            let event = try guarded.audit.events(tenant: nil).first { $0.event.action == "key.change" }?.event
            #expect(event?.outcome == .done && event?.details["granted"] == "audit.export")
        }
    }

    @Test func aSecondFactorIsTakenAwayWithACodeAndStaysDemanded() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana", ["administrator"])
            try guarded.user("bo")
            let ana = try await guarded.browser("ana")
            let none = try await guarded.admin(.DELETE, "me/second-factor", as: ana, code: "123456")
            #expect(none.status == 409)
            let codes = try await guarded.setUpSecondFactor(ana)
            #expect(try await guarded.admin(.DELETE, "me/second-factor", as: ana).status == 400)
            let wrong = try await guarded.admin(.DELETE, "me/second-factor", as: ana, code: "000000")
            #expect(wrong.status == 401 && wrong.errorCode == "second_factor_wrong")
            #expect(try await guarded.admin(.DELETE, "me/second-factor", as: ana, code: codes[0]).status == 204)
            #expect(try await guarded.admin(.GET, "me", as: ana).status == 401, "their sessions have ended")
            let next = try await guarded.browser("ana")
            let promote = try await guarded.admin(
                .PATCH, "users/bo", ["roles": ["auditor"]], as: next, code: codes[1])
            #expect(promote.status == 403 && promote.errorCode == "second_factor_not_set_up")
        }
    }

    @Test func theAuditIsExportedWithItsPermissionAndASecondFactorAlone() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            _ = try guarded.key(tenant: "red")
            let administrator = try guarded.key(["administrator"]).secret
            let refused = try await guarded.admin(.GET, "audit/export", key: administrator)
            #expect(refused.status == 403 && refused.errorCode == "permission_denied")
            let program = try await guarded.admin(.GET, "audit/export", key: try guarded.key(["auditor"]).secret)
            #expect(program.status == 403 && program.errorCode == "second_factor_not_set_up")
            try guarded.user("judge", ["auditor"])
            let judge = try await guarded.browser("judge")
            #expect(try await guarded.admin(.GET, "audit/export", as: judge).errorCode == "second_factor_not_set_up")
            let codes = try await guarded.setUpSecondFactor(judge)
            let needed = try await guarded.admin(.GET, "audit/export", as: judge)
            #expect(
                needed.status == 401 && needed.errorCode == "second_factor_needed"
                    && !needed.body.contains("key.create"))
            #expect(try await guarded.admin(.GET, "audit/export?limit=5", as: judge, code: codes[0]).status == 400)
            // More than a page of them, so that pages follow each other.
            for index in 0..<AuditLog.pageMax {
                try guarded.audit.record(
                    AuditEvent(by: .local(name: "root"), action: "test", target: "\(index)", details: ["a": "b\nc"]))
            }
            let all = try await guarded.admin(.GET, "audit/export", as: judge, code: codes[1])
            #expect(all.status == 200 && all.headers["content-type"].first == "application/x-ndjson")
            let events = try all.body.split(separator: "\n").map { try JSON(parsing: String($0)) }
            let recorded = try guarded.audit.events(tenant: nil, limit: AuditLog.pageMax)
            #expect(events.count > AuditLog.pageMax)
            #expect(Array(events.prefix(AuditLog.pageMax)) == recorded.map(\.json))
            #expect(events.map { $0["number"]?.int ?? 0 } == (1...events.count).reversed().map { $0 })
            // It is itself what stands there last.
            #expect(events[0]["action"] == "audit.export" && events[0]["outcome"] == "done")
            #expect(events[0]["actorName"] == "judge")
            let red = try await guarded.admin(.GET, "audit/export?tenant=red", as: judge, code: codes[2])
            let theirs = try red.body.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(theirs.map { $0["action"]?.string } == ["key.create"])
            let later = try await guarded.admin(
                .GET, "audit/export?from=2100-01-01T00:00:00Z", as: judge, code: codes[3])
            #expect(later.status == 200 && later.body.isEmpty)
            #expect(events.count { $0["action"] == "audit.export" && $0["outcome"] == "refused" } == 4)
        }
    }

    @Test func anAuditorOfATenantExportsTheirTenantsAlone() async throws {
        try await GuardedServing.run(tenants: ["red", "blue"]) { guarded in
            try guarded.user("judge", ["auditor"], tenant: "red")
            let judge = try await guarded.browser("judge")
            let codes = try await guarded.setUpSecondFactor(judge)
            _ = try guarded.key(tenant: "blue")
            let all = try await guarded.admin(.GET, "audit/export", as: judge, code: codes[0])
            let events = try all.body.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(!events.isEmpty && events.allSatisfy { $0["tenant"] == "red" })
            #expect(try await guarded.admin(.GET, "audit/export?tenant=blue", as: judge, code: codes[1]).status == 404)
        }
    }
}
