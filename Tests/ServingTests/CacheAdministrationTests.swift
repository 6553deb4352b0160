import Foundation
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

@testable import HadalAccess

/// `/admin/v1/cache`.
@Suite(.timeLimit(.minutes(15))) struct CacheAdministrationTests {
    private static func run(_ body: @escaping @Sendable (GuardedServing) async throws -> Void) async throws {
        var backend = ScriptedBackend()
        backend.model.digest = "00ff"
        try await GuardedServing.run(backend, tenants: ["red", "blue"]) {
            try! $0.set { $0.content.cache.lifetime = .seconds(3600) }
        } _: { guarded in
            try await body(guarded)
        }
    }

    /// What the answer's header says of the cache.
    private static func ask(_ guarded: GuardedServing, _ key: String) async throws -> String? {
        let answer = try await guarded.chat(key: key, [("temperature", 0)])
        try #require(answer.status == 200, "\(answer.body)")
        return answer.headers["x-hadal-cache"].first
    }

    @Test func howTheCacheIsUsedCanBeSeen() async throws {
        try await Self.run { guarded in
            let key = try guarded.key(tenant: "red").secret
            for expected in ["miss", "hit", "hit"] {
                let cached = try await Self.ask(guarded, key)
                #expect(cached == expected)
            }
            let watcher = try guarded.key(["operator"]).secret
            let answer = try await guarded.admin(.GET, "cache", key: watcher)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.json["hits"] == 2 && answer.json["misses"] == 1 && answer.json["similarHits"] == 0)
            #expect(answer.json["entries"] == 1 && answer.json["evictions"] == 0)
            #expect(try #require(answer.json["bytesLimit"]?.int) > #require(answer.json["bytes"]?.int))
            #expect(answer.json["tenants"]?[0]?["tenant"] == "red" && answer.json["tenants"]?[0]?["hits"] == 2)
            let unknown = try await guarded.admin(.GET, "cache?tenant=red", key: watcher)
            #expect(unknown.status == 400)
        }
    }

    @Test func oneTenantsAnswersOrAllAreForgottenWhichIsRecorded() async throws {
        try await Self.run { guarded in
            let keys = try ["red", "blue"].map { try guarded.key(tenant: $0).secret }
            func ask() async throws -> [String?] {
                var found: [String?] = []
                for key in keys { found.append(try await Self.ask(guarded, key)) }
                return found
            }
            let first = try await ask()
            let again = try await ask()
            #expect(first == ["miss", "miss"] && again == ["hit", "hit"])
            let `operator` = try guarded.key(["operator"]).secret
            let one = try await guarded.admin(.DELETE, "cache?tenant=red", key: `operator`)
            let afterOne = try await ask()
            #expect(one.status == 204 && afterOne == ["miss", "hit"])
            let all = try await guarded.admin(.DELETE, "cache", key: `operator`)
            let afterAll = try await ask()
            #expect(all.status == 204 && afterAll == ["miss", "miss"])
            let events = try guarded.audit.events(tenant: nil).map(\.event).filter { $0.action == "cache.clear" }
            #expect(events.map(\.target) == ["", "red"] && events.allSatisfy { $0.outcome == .done })
            #expect(events.last?.tenant == "red")
        }
    }

    @Test func whoMayNotOrNamesNoTenantChangesNothing() async throws {
        try await Self.run { guarded in
            let red = try guarded.key(tenant: "red").secret
            _ = try await Self.ask(guarded, red)
            // Who is of a tenant never has what reaches beyond it.
            let local = try guarded.key(["administrator"], tenant: "red").secret
            let auditor = try guarded.key(["auditor"]).secret
            for (method, key) in [(HTTPMethod.GET, red), (.DELETE, red), (.GET, local), (.DELETE, auditor)] {
                let refused = try await guarded.admin(method, "cache", key: key)
                #expect(refused.status == 403 && refused.errorCode == "permission_denied", "\(method)")
            }
            let `operator` = try guarded.key(["operator"]).secret
            let nobodys = try await guarded.admin(.DELETE, "cache?tenant=green", key: `operator`)
            #expect(nobodys.status == 404)
            let mistaken = try await guarded.admin(.DELETE, "cache?tenants=red", key: `operator`)
            #expect(mistaken.status == 400)
            let cached = try await Self.ask(guarded, red)
            #expect(cached == "hit")
        }
    }
}
