import Foundation
import HadalAudit
import HadalConfiguration
import HadalGateway
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAccess

/// Acts in the trail, and who may see what of it.
@Suite(.timeLimit(.minutes(15))) struct TrailAdministrationTests {
    @Test func actsOfCommandsAndOfTheServerArrive() async throws {
        try await TrailServing.run { guarded in
            let root = try guarded.key(["administrator"]).secret
            try guarded.user("ana")
            _ = try await guarded.logIn("ana", "wrong")
            #expect(try await guarded.admin(.POST, "tenants", ["name": "red"], key: root).status == 201)
            let acts = try await guarded.waitForActs(
                ["key.create", "user.create", "session.begin", "tenant.create"], key: root)
            let login = try #require(acts.first { $0["action"] == "session.begin" })
            #expect(login["kind"] == "log-in" && login["outcome"] == "refused" && login["address"] == "127.0.0.1")
            let made = try #require(acts.first { $0["action"] == "user.create" })
            #expect(made["kind"] == "act" && made["outcome"] == "ok" && made["user"] == "local:root")
            #expect(made["details"]?["actor_name"] == "root" && made["details"]?["row"]?.int != nil)
        }
    }

    @Test func actsAreCopiedOnceHoweverOftenTheServerStarts() async throws {
        try await BatchTests.withDirectory { data in
            let log = try AuditLog(data: data)
            for start in 1...3 {
                try log.record(AuditEvent(by: .local(name: "root"), action: "test.act", target: "\(start)"))
                try await Serving.run {
                    $0.dataDirectory = data.path
                    $0.audit = AuditTrailConfiguration()
                } _: { _ in
                }
            }
            let acts = try TrailServing.records(data, [.act]).filter { $0.action == "test.act" }
            #expect(acts.map(\.target) == ["1", "2", "3"])
            #expect(acts.map { $0.details?["row"]?.int } == [1, 2, 3])
            #expect(try TrailServing.isValid(data))
        }
    }

    @Test func nobodySeesRecordsOfOtherTenants() async throws {
        try await TrailServing.run(tenants: ["red", "blue"]) { guarded in
            let red = try guarded.key(tenant: "red")
            let asked = try await guarded.ask("one two", key: red.secret)
            let id = try #require(asked.json["id"]?.string)
            let number = try #require(try guarded.records().first?.sequence)
            let redAuditor = try guarded.key(["auditor"], tenant: "red").secret
            let blueAuditor = try guarded.key(["auditor"], tenant: "blue").secret
            let auditor = try guarded.key(["auditor"]).secret
            for key in [redAuditor, auditor] {
                let found = try await guarded.admin(.GET, "trail?kind=request", key: key)
                #expect(found.json["data"]?.array?.compactMap { $0["request_id"]?.string } == [id], "\(found.body)")
                for name in [id, "\(number)"] {
                    let shown = try await guarded.admin(.GET, "trail/records/\(name)", key: key)
                    #expect(shown.json["data"]?[0]?["seq"]?.int == Int(number), "\(shown.body)")
                }
            }
            let found = try await guarded.admin(.GET, "trail", key: blueAuditor).json["data"]?.array ?? []
            #expect(found.allSatisfy { $0["tenant"] == "blue" })
            for path in ["trail/records/\(id)", "trail/records/\(number)", "trail?tenant=red", "trail/records/1"] {
                #expect(try await guarded.admin(.GET, path, key: blueAuditor).status == 404, "\(path)")
            }
            // What all tenants share is the installation's to judge.
            for (method, path) in [(HTTPMethod.GET, "trail/status"), (.POST, "trail/verify")] {
                #expect(try await guarded.admin(method, path, key: redAuditor).status == 403, "\(path)")
                #expect(try await guarded.admin(method, path, key: auditor).status == 200, "\(path)")
            }
            let blueAdministrator = try guarded.key(["administrator"], tenant: "blue").secret
            let person: JSON = ["tenant": "red", "user": .string(red.key.id)]
            #expect(try await guarded.admin(.POST, "trail/erase", person, key: blueAdministrator).status == 404)
            let user = try guarded.key().secret
            let requests: [(HTTPMethod, String, JSON?)] = [
                (.GET, "trail", nil), (.GET, "trail/records/\(id)", nil), (.GET, "trail/status", nil),
                (.GET, "trail/export", nil), (.POST, "trail/verify", nil), (.POST, "trail/erase", ["user": "open"]),
            ]
            for (method, path, body) in requests {
                #expect(try await guarded.admin(method, path, body, key: user).status == 403, "\(path)")
            }
        }
    }

    @Test func textsAreReadWithPermissionAndSecondFactorAndThatIsRecorded() async throws {
        try await TrailServing.run(settings: TrailServing.keepAll) { guarded in
            let key = try guarded.key().secret
            let id = try await guarded.ask("one quagga", key: key).json["id"]?.string ?? ""
            let auditor = try guarded.key(["auditor"]).secret
            let refused = try await guarded.admin(.GET, "trail/records/\(id)?texts=true", key: auditor)
            #expect(refused.status == 403 && !refused.body.contains("quagga"), "\(refused.body)")
            try guarded.administration.createRole(
                name: "reader", permissions: [.viewAudit, .readConversations], by: guarded.root())
            try guarded.user("ana", ["reader"])
            let before = try await guarded.browser("ana")
            #expect(try await guarded.admin(.GET, "trail/records/\(id)?texts=true", as: before).status == 403)
            let codes = try await guarded.setUpSecondFactor(before)
            let ana = try await guarded.browser("ana", code: codes[0])
            let read = try await guarded.admin(.GET, "trail/records/\(id)?texts=true", as: ana, code: codes[1])
            #expect(read.status == 200, "\(read.body)")
            #expect(read.json["data"]?[0]?["input"]?["text"]?.text.contains("one quagga") == true)
            #expect(read.json["data"]?[0]?["output"]?["text"]?["content"] == "one quagga")
            let masks = try await guarded.admin(.GET, "trail/records/\(id)?masks=true", as: ana, code: codes[2])
            #expect(masks.status == 403, "\(masks.body)")
            let reads = try guarded.audit.events(tenant: nil).map(\.event).filter { $0.action == "audit.readText" }
            #expect(reads.filter { $0.outcome == .done }.map(\.actorName) == ["ana"])
            #expect(reads.count { $0.outcome == .refused } == 3)
        }
    }
}
