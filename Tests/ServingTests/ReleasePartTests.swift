import Foundation
import HadalAccess
import Testing

@testable import HadalGateway
@testable import HadalReleases

/// What releases are made of in the gateway, each for itself.
@Suite struct ReleasePartTests {
    @Test func aVersionsOptionsTakeThePlaceOfThoseForAll() throws {
        let all = ["--context", "4096", "--no-prefix-cache", "--threads", "4"]
        func arguments(_ options: [String: String], others: [String] = []) throws -> [String] {
            try Self.model(options, others: others).workerArguments
        }
        #expect(try arguments([:], others: all) == all)
        #expect(
            try arguments(["context": "512", "kv_format": "int8"], others: all)
                == ["--no-prefix-cache", "--threads", "4", "--context=512", "--kv-format=int8"])
        #expect(try arguments(["prefix_cache": "true"], others: all) == ["--context", "4096", "--threads", "4"])
        #expect(try arguments(["prefix_cache": "false"]) == ["--no-prefix-cache"])
        // A value is never an option.
        #expect(try arguments(["draft_model": "--listen"]) == ["--draft-model=--listen"])
        for options in [["listen": "0.0.0.0:1"], ["socket": "/tmp/x"], ["prefix_cache": "perhaps"]] {
            #expect(throws: ReleaseError.self) { try VersionOptions.check(options) }
        }
    }

    private static func model(_ options: [String: String], others: [String] = []) throws -> ServedModel {
        var model = ServedModel(name: "chat@1", reference: "r1")
        try VersionOptions.apply(options, others: others, to: &model)
        return model
    }

    @Test func aVersionHasLimitsAsAModelHas() throws {
        let options = ["memory_limit": "64GiB", "idle_unload": "30m", "context": "512"]
        let model = try Self.model(options, others: ["--context", "4096"])
        #expect(model.memoryLimit == 64 << 30 && model.idleUnload == .seconds(1800))
        #expect(model.workerArguments == ["--context=512"])
        let plain = try Self.model([:])
        #expect(plain.memoryLimit == nil && plain.idleUnload == nil)
        for wrong in [
            ["memory_limit": "much"], ["memory_limit": "1KiB"], ["memory_limit": ""], ["idle_unload": "30"],
            ["idle_unload": "10ms"], ["idle_unload": "31d"],
        ] {
            #expect(throws: ReleaseError.self, "\(wrong)") { try VersionOptions.check(wrong) }
        }
    }

    @Test func refusalsAreToldByHowAnswersBegin() {
        for text in [
            "I'm sorry, but I can't help with that.", "I\u{2019}m sorry, but I can\u{2019}t.", "很抱歉，我无法回答。",
            "  **Es tut mir leid, aber** das geht nicht.",
        ] {
            #expect(Refusal.isOne(text), "\(text)")
        }
        for text in ["", "Sorry seems to be the hardest word, a song.", "The answer is 4.", "我认为可以。"] {
            #expect(!Refusal.isOne(text), "\(text)")
        }
    }

    @Test func ofAnsweredRequestsTheLastAreKnown() {
        let answered = AnsweredRequests(limit: 3)
        func note(_ id: String, _ version: Int) {
            answered.note(
                id,
                AnsweredRequests.Answer(
                    version: VersionName("chat", version), subject: "s", asker: "a", tenant: "default"))
        }
        for (version, id) in ["a", "b", "c", "b", "d"].enumerated() { note(id, version) }
        #expect(answered.answer("a") == nil)
        #expect(["b", "c", "d"].map { answered.answer($0)?.version.number } == [3, 2, 4])
    }

    private static func traffic(_ revision: Int64, _ shares: [Int: TrafficShare]) throws -> Traffic {
        Traffic(
            revision: revision, allocation: try #require(Allocation.none.adjusted(to: shares)), stickiness: .tenant,
            mirror: nil, salt: Data([1]))
    }

    private static func principal(_ tenant: String) -> Principal {
        Principal(id: "key:1", name: "k", tenant: tenant, method: .key, permissions: [])
    }

    @Test func aLaterTrafficCountsAndAnEarlierDoesNot() throws {
        let router = ReleaseRouter()
        let asker = ReleaseAsker(Self.principal("bank"))
        router.set(try Self.traffic(2, [2: .all]), of: "chat")
        router.set(try Self.traffic(1, [1: .all]), of: "chat")
        #expect(router.traffic(of: "chat")?.revision == 2)
        // Its worker is not wanted yet.
        #expect(router.deployment("chat", for: asker) == nil && router.isKnown("chat") && !router.isReady)
    }

    @Test func aTenantsRequestsStayTogether() throws {
        let traffic = try Self.traffic(1, [1: .half, 2: .half])
        let versions = Set(
            (0..<20).map { _ in traffic.version(for: ReleaseAsker(Self.principal("bank")).subject(.tenant)) })
        #expect(versions.count == 1)
        // Of those who need not say who they are, each request is somebody else's.
        let anybody = Principal(id: "open", name: "open", tenant: "default", method: .open, permissions: [])
        #expect(ReleaseAsker(anybody).subject(.user) != ReleaseAsker(anybody).subject(.user))
    }
}
