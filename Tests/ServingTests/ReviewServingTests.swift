import Foundation
import HadalGateway
import HadalJSON
import NIOHTTP1
import Subprocess
import Testing

@testable import HadalAccess

/// Questions that a rule holds back until somebody has allowed them.
@Suite(.timeLimit(.minutes(15))) struct ReviewServingTests {
    private static let rules = """
          - id: merger
            applies: {direction: input}
            when: {keywords: [project anvil, "7 7 7"]}
            action: require_review
            message: Somebody looks at that first.
          - id: elsewhere
            applies: {direction: input, endpoints: [/api/chat]}
            when: {keywords: [project anvil]}
            action: block
            message: Never on this way.
        """

    private static func run(
        _ backend: ScriptedBackend = ScriptedBackend(),
        _ body: @escaping @Sendable (GuardedServing) async throws -> Void
    ) async throws {
        try await GuardedServing.run(backend, tenants: ["red", "blue"]) {
            try! $0.useRules(rules)
        } _: { guarded in
            try guarded.administration.createRole(
                name: "reviewer", permissions: [.viewAudit, .readConversations], by: guarded.root())
            try await body(guarded)
        }
    }

    private static func chat(_ text: String) -> JSON {
        ["model": "scripted", "messages": [["role": "user", "content": .string(text)]]]
    }

    private static func ask(
        _ guarded: GuardedServing, _ key: String, _ text: String = "when is Project Anvil due"
    ) async throws -> Serving.Answer {
        try await guarded.send(.POST, "/v1/chat/completions", chat(text), key: key)
    }

    /// Of an answer that says that the question waits.
    private static func id(_ answer: Serving.Answer) throws -> String {
        #expect(answer.status == 403 && answer.errorCode == "content_review", "\(answer.body)")
        let message = try #require(answer.json["error"]?["message"]?.string)
        #expect(message.hasPrefix("Somebody looks at that first."))
        let match = try #require(message.firstMatch(of: /[a-z]+-[0-9a-z]{24}/), "\(message)")
        return String(match.0)
    }

    @Test func whatIsAllowedPassesForWhoAskedItAndNothingElseDoes() async throws {
        let asked = Asked()
        try await Self.run(asked.backend()) { guarded in
            let key = try guarded.key().secret
            let id = try Self.id(try await Self.ask(guarded, key))
            let again = try Self.id(try await Self.ask(guarded, key))
            #expect(id.hasPrefix("chatcmpl-") && again == id)
            try guarded.user("eva", ["reviewer"])
            let eva = try await guarded.browser("eva")
            let codes = try await guarded.setUpSecondFactor(eva)
            let allowed = try await guarded.admin(
                .POST, "reviews/\(id)", ["decision": "allow"], as: eva, code: codes[0])
            #expect(allowed.status == 200, "\(allowed.body)")
            #expect(allowed.json["decision"] == "allowed" && allowed.json["decidedByName"] == "eva")

            let passed = try await Self.ask(guarded, key)
            #expect(passed.status == 200 && passed.content == "when is Project Anvil due", "\(passed.body)")
            // What is blocked stays so, whoever has allowed the same words elsewhere.
            let blocked = try await guarded.send(
                .POST, "/api/chat", Self.chat("when is Project Anvil due"), key: key)
            #expect(blocked.status == 403 && blocked.body.contains("Never on this way."), "\(blocked.body)")
            let other = try Self.id(try await Self.ask(guarded, key, "where is Project Anvil due"))
            let others = try Self.id(try await Self.ask(guarded, try guarded.key().secret))
            let elsewhere = try Self.id(try await Self.ask(guarded, try guarded.key(tenant: "red").secret))
            #expect(Set([id, other, others, elsewhere]).count == 4)

            let refused = try await guarded.admin(
                .POST, "reviews/\(id)", ["decision": "refuse"], as: eva, code: codes[1])
            #expect(refused.status == 200 && refused.json["decision"] == "refused", "\(refused.body)")
            let withdrawn = try await Self.ask(guarded, key)
            #expect(withdrawn.status == 403 && withdrawn.errorCode == "content_blocked", "\(withdrawn.body)")
            let waiting = try await guarded.admin(.GET, "reviews?waiting=true", as: eva)
            #expect(waiting.names == [elsewhere, others, other], "\(waiting.body)")
            let acts = try guarded.audit.events(tenant: nil).map(\.event).filter { $0.action.hasPrefix("review.") }
            #expect(acts.map(\.action) == ["review.refuse", "review.allow"])
            #expect(acts.allSatisfy { $0.outcome == .done && $0.target == id && $0.actorName == "eva" })
        }
        #expect(asked.texts == ["when is Project Anvil due"])
    }

    @Test func whatWaitsIsListedWithoutItsTextForThoseWhoMaySeeIt() async throws {
        try await Self.run { guarded in
            let red = try Self.id(try await Self.ask(guarded, try guarded.key(tenant: "red").secret))
            let blue = try Self.id(try await Self.ask(guarded, try guarded.key(tenant: "blue").secret))
            let auditor = try guarded.key(["auditor"]).secret
            let listed = try await guarded.admin(.GET, "reviews?waiting=true", key: auditor)
            #expect(listed.status == 200 && listed.names == [blue, red], "\(listed.body)")
            #expect(!listed.body.lowercased().contains("anvil"))
            let entry = try #require(listed.json["data"]?[1])
            #expect(entry["id"]?.string == red && entry["tenant"] == "red" && entry["userName"] == "program")
            #expect(entry["model"] == "scripted" && entry["verdicts"] == "rules_request=review;rule=merger")
            #expect(entry["time"]?.string != nil && entry["decision"] == nil)
            let first = try await guarded.admin(.GET, "reviews?limit=1", key: auditor)
            #expect(first.json["hasMore"] == true && first.json["data"]?[0]?["id"]?.string == blue)
            let number = try #require(first.json["data"]?[0]?["number"]?.int)
            let next = try await guarded.admin(.GET, "reviews?limit=1&after=\(number)", key: auditor)
            #expect(next.json["hasMore"] == false && next.json["data"]?[0]?["id"]?.string == red)
            let one = try await guarded.admin(.GET, "reviews?tenant=red", key: auditor)
            #expect(one.json["data"]?.array?.count == 1 && one.json["data"]?[0]?["id"]?.string == red)
            let local = try guarded.key(["auditor"], tenant: "red").secret
            let own = try await guarded.admin(.GET, "reviews", key: local)
            #expect(own.json["data"]?.array?.count == 1 && own.json["data"]?[0]?["id"]?.string == red)
            let foreign = try await guarded.admin(.GET, "reviews?tenant=blue", key: local)
            #expect(foreign.status == 404)
            for query in ["waiting=yes", "limit=0", "limit=501", "after=x", "user=ana"] {
                let mistaken = try await guarded.admin(.GET, "reviews?\(query)", key: auditor)
                #expect(mistaken.status == 400, "\(query)")
            }
        }
    }

    @Test func nobodyElseSeesOrDecides() async throws {
        try await Self.run { guarded in
            let key = try guarded.key().secret
            let id = try Self.id(try await Self.ask(guarded, key))
            let allow: JSON = ["decision": "allow"]
            let seen = try await guarded.admin(.GET, "reviews", key: key)
            #expect(seen.status == 403 && seen.errorCode == "permission_denied")
            for role in ["user", "auditor", "administrator"] {
                let refused = try await guarded.admin(
                    .POST, "reviews/\(id)", allow, key: try guarded.key([role]).secret)
                #expect(refused.status == 403 && refused.errorCode == "permission_denied", "\(role)")
            }
            try guarded.user("eva", ["reviewer"])
            try guarded.user("ron", ["reviewer"], tenant: "red")
            let eva = try await guarded.browser("eva")
            let none = try await guarded.admin(.POST, "reviews/\(id)", allow, as: eva)
            #expect(none.status == 403 && none.errorCode == "second_factor_not_set_up")
            let codes = try await guarded.setUpSecondFactor(eva)
            let missing = try await guarded.admin(.POST, "reviews/\(id)", allow, as: eva)
            #expect(missing.status == 401 && missing.errorCode == "second_factor_needed")
            let ron = try await guarded.browser("ron")
            let rons = try await guarded.setUpSecondFactor(ron)
            let foreign = try await guarded.admin(.POST, "reviews/\(id)", allow, as: ron, code: rons[0])
            #expect(foreign.status == 404 && foreign.errorCode == "not_found")
            let unknown = try await guarded.admin(.POST, "reviews/chatcmpl-0", allow, as: eva, code: codes[0])
            #expect(unknown.status == 404)
            let mistaken = try await guarded.admin(
                .POST, "reviews/\(id)", ["decision": "maybe"], as: eva, code: codes[1])
            #expect(mistaken.status == 400 && mistaken.errorField == "decision")
            let still = try Self.id(try await Self.ask(guarded, key))
            #expect(still == id)
        }
    }

    @Test func whatWasAllowedIsAllowedAfterARestart() async throws {
        try await BatchTests.withDirectory { data in
            func serve<Result: Sendable>(
                _ body: @escaping @Sendable (Serving) async throws -> Result
            ) async throws -> Result {
                try await Serving.run(
                    configure: {
                        $0.dataDirectory = data.path
                        try! $0.useRules(Self.rules)
                    }, body)
            }
            let question = Self.chat("about project anvil").text
            let id = try await serve { serving in
                try Self.id(try await serving.post("/v1/chat/completions", question))
            }
            try await serve { serving in
                let waits = try Self.id(try await serving.post("/v1/chat/completions", question))
                #expect(waits == id)
                let allowed = try await GuardedServing.send(
                    serving, .POST, "/admin/v1/reviews/\(id)", ["decision": "allow"])
                #expect(allowed.status == 200, "\(allowed.body)")
            }
            try await serve { serving in
                let passed = try await serving.post("/v1/chat/completions", question)
                #expect(passed.status == 200 && passed.content == "about project anvil", "\(passed.body)")
            }
        }
    }

    /// What is asked by token ids has no text that could tell one question from another.
    @Test func tokenIdsAndTextsToEmbedWaitForThemselves() async throws {
        try await Self.run { guarded in
            let key = try guarded.key().secret
            func ask(_ path: String, _ member: String, _ value: JSON) async throws -> Serving.Answer {
                let body = JSON.object(JSON.Object([("model", "scripted"), (member, value)]))
                return try await guarded.send(.POST, path, body, key: key)
            }
            let cases: [(path: String, member: String, value: JSON, other: JSON)] = [
                ("/v1/completions", "prompt", [7, 7, 7], [7, 7, 7, 1]),
                ("/v1/embeddings", "input", ["project anvil"], ["project anvil", "and more"]),
            ]
            for (path, member, value, other) in cases {
                let id = try Self.id(try await ask(path, member, value))
                let store = try ReviewStore(data: guarded.data)
                _ = try guarded.administration.review(id, isAllowed: true, in: store, by: guarded.root())
                let passed = try await ask(path, member, value)
                #expect(passed.status == 200, "\(passed.body)")
                let waits = try Self.id(try await ask(path, member, other))
                #expect(waits != id)
            }
        }
    }

    @Test func commandsDecideBesideARunningServer() async throws {
        try await Self.run { guarded in
            let data = guarded.data.path
            @Sendable func reviews(
                _ arguments: String...
            ) async throws -> (status: TerminationStatus, output: String, errors: String) {
                try await HadalProcess.run(["reviews"] + arguments + ["--data", data])
            }
            let key = try guarded.key().secret
            let id = try Self.id(try await Self.ask(guarded, key))
            let listed = try await reviews("list", "--waiting", "--json")
            #expect(listed.status == .exited(0), "\(listed.errors)")
            let waiting = try JSON(parsing: listed.output)
            #expect(waiting.array?.count == 1 && waiting[0]?["id"]?.string == id)
            let table = try await reviews("list", "--tenant", "default")
            #expect(table.output.contains(id) && table.output.contains("waiting"), "\(table.output)\(table.errors)")
            let allowed = try await reviews("allow", id)
            #expect(allowed.status == .exited(0) && allowed.output.hasPrefix("allowed until "), "\(allowed.errors)")
            let passed = try await Self.ask(guarded, key)
            #expect(passed.status == 200, "\(passed.body)")
            let refused = try await reviews("refuse", id)
            #expect(refused.status == .exited(0) && refused.output == "refused \(id)\n", "\(refused.errors)")
            let withdrawn = try await Self.ask(guarded, key)
            #expect(withdrawn.status == 403)
            let unknown = try await reviews("allow", "chatcmpl-0")
            #expect(unknown.status == .exited(1) && unknown.errors.contains("hadal reviews list"), "\(unknown.errors)")
            let foreign = try await reviews("list", "--tenant", "green")
            #expect(foreign.status == .exited(1) && foreign.errors.contains("hadal tenants list"))
            let wrong = try await reviews("list", "--limit", "0")
            #expect(wrong.status == .exited(2))
        }
    }
}
