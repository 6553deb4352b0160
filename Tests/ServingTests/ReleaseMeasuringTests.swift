import Foundation
import HadalGateway
import HadalJSON
import HadalWire
import HadalWorker
import NIOHTTP1
import Synchronization
import Testing

@testable import HadalAccess

/// Versions that are measured before they are used, or against each other.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReleaseMeasuringTests {
    private static let errors: JSON = [["metric": "error_rate", "absolute": 0.1, "minimumSamples": 30]]

    @Test func aBadCanaryIsAbortedByItself() async throws {
        let broken = ReleaseServing.verified { _ throws(WorkerFailure) in
            throw WorkerFailure(.internal, "its weights are broken")
        }
        try await ReleaseServing.run([nil, broken]) { serving in
            try await serving.release(2)
            let rollout = try await serving.start(
                2, "canary", ["steps": [ReleaseServing.step(50), ReleaseServing.step(100)], "guardrails": Self.errors])
            try await serving.wait(rollout, for: "running")
            var failed = 0
            while try await serving.show(rollout)["state"] == "running" {
                let answer = try await serving.ask()
                if answer.status >= 500 { failed += 1 } else { #expect(answer.content == "v1") }
            }
            #expect(failed >= 30)
            try await serving.wait(rollout, for: "aborted")
            let reason = try await serving.show(rollout)["reason"]?.string ?? ""
            #expect(reason.contains("error_rate"), "\(reason)")
            for _ in 0..<50 { #expect(try await serving.ask().content == "v1") }
            #expect(try await serving.version(2)?["isUp"] == false)
        }
    }

    @Test func aGoodCanaryIsPromotedStepByStep() async throws {
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(2)
            let steps = [25, 50, 100].map { ReleaseServing.step($0) }
            let rollout = try await serving.start(
                2, "canary", ["steps": .array(steps), "guardrails": Self.errors])
            try await serving.wait(rollout, for: "running")
            var seen: Set<String> = []
            while try await serving.show(rollout)["state"] == "running" {
                let answer = try await serving.ask()
                #expect(answer.status == 200, "\(answer.body)")
                seen.insert(answer.content ?? "")
            }
            #expect(seen == ["v1", "v2"])
            try await serving.wait(rollout, for: "promoted")
            let events = try await serving.admin(.GET, "releases/\(rollout)/events").json["data"]?.array ?? []
            let shares = events.compactMap { event in
                event["action"] == "rollout.step" ? event["after"]?.string : nil
            }
            #expect(shares.reversed() == ["running", "50 %", "100 %"], "\(shares)")
        }
    }

    @Test func everybodyKeepsTheirVersionInATest() async throws {
        try await ReleaseServing.run([nil, nil]) { open in
            var serving = open
            serving.key = try open.guarded.key(["administrator"]).secret
            try await serving.release(2)
            let rollout = try await serving.start(2, "ab", ["share": 50, "plannedSubjects": 10])
            try await serving.wait(rollout, for: "running")
            var versions: [String: Int] = [:]
            var last = ""
            for _ in 0..<24 {
                let key = try serving.guarded.key().secret
                var answers: Set<String> = []
                for _ in 0..<3 {
                    let answer = try await serving.ask(key: key)
                    answers.insert(try #require(answer.content, "\(answer.body)"))
                    last = try #require(answer.json["id"]?.string)
                }
                #expect(answers.count == 1)
                let version = try #require(answers.first)
                versions[version, default: 0] += 1
                let said = try await serving.guarded.admin(
                    .POST, "feedback",
                    ["request": .string(last), "metric": "solved", "value": .bool(version == "v2")], key: key)
                #expect(said.status == 200, "\(said.body)")
            }
            #expect(Set(versions.keys) == ["v1", "v2"], "\(versions)")
            // Nobody says it of another's answer.
            let other = try await serving.guarded.admin(
                .POST, "feedback", ["request": .string(last), "metric": "solved", "value": true],
                key: try serving.guarded.key().secret)
            #expect(other.status == 403, "\(other.body)")
            let labels = (0..<4).map { index -> JSON in
                [
                    "case": .string("\(index)"), "version": 2, "actual": "spam",
                    "predicted": .string(index == 0 ? "ham" : "spam"),
                ]
            }
            let labelled = try await serving.admin(.POST, "releases/\(rollout)/labels", ["answers": .array(labels)])
            #expect(labelled.status == 200, "\(labelled.body)")
            let results = try await serving.admin(.GET, "releases/\(rollout)/results").json
            let metric = results["metrics"]?[0]
            #expect(metric?["metric"] == "solved", "\(results.text)")
            #expect(metric?["candidate"]?["subjects"]?.int == versions["v2"])
            #expect(metric?["candidate"]?["mean"]?.double == 1 && metric?["baseline"]?["mean"]?.double == 0)
            #expect(results["confusion"]?[0]?["accuracy"]?.double == 0.75, "\(results.text)")
            let finished = try await serving.admin(.POST, "releases/\(rollout)/finish", ["why": "seen enough"])
            #expect(finished.status == 202, "\(finished.body)")
            try await serving.wait(rollout, for: "ended")
            #expect(try await serving.ask().content == "v1")
        }
    }

    @Test func feedbackMayComeWhenATestIsOver() async throws {
        try await ReleaseServing.run([nil, nil]) { open in
            var serving = open
            serving.key = try open.guarded.key(["administrator"]).secret
            try await serving.release(2)
            let rollout = try await serving.start(2, "ab")
            try await serving.wait(rollout, for: "running")
            let user = try serving.guarded.key().secret
            let answer = try await serving.ask(key: user)
            let version = try #require(answer.target?.split(separator: "@").last.flatMap { Int64($0) })
            _ = try await serving.admin(.POST, "releases/\(rollout)/finish", ["why": "seen enough"])
            try await serving.wait(rollout, for: "ended")
            let own = try await serving.guarded.admin(
                .POST, "feedback",
                ["request": .string(try #require(answer.json["id"]?.string)), "metric": "solved", "value": true],
                key: user)
            #expect(own.status == 200 && own.json["rollout"]?.int == rollout, "\(own.body)")
            // Of a system that knows its cases better than this server does.
            func told(_ members: [(String, JSON)], key: String?) async throws -> Serving.Answer {
                let body: [(String, JSON)] = [
                    ("request", "case-17"), ("subject", "user:17"), ("version", .int(3 - version)),
                    ("metric", "solved"), ("value", false),
                ]
                let all = JSON.object(JSON.Object(body + members))
                return try await serving.guarded.admin(.POST, "feedback", all, key: key)
            }
            let number = JSON.int(Int64(rollout))
            #expect(try await told([("rollout", number)], key: serving.key).status == 200)
            #expect(try await told([("rollout", number), ("alias", "chat")], key: serving.key).status == 200)
            #expect(try await told([("rollout", number)], key: user).status == 403)
            #expect(try await told([("rollout", 99)], key: serving.key).status == 404)
            #expect(try await told([("rollout", "7")], key: serving.key).errorField == "rollout")
            #expect(try await told([("alias", "chat")], key: serving.key).status == 409)
            let metric = try await serving.admin(.GET, "releases/\(rollout)/results").json["metrics"]?[0]
            #expect(metric?["candidate"]?["answers"]?.int == 1 && metric?["baseline"]?["answers"]?.int == 1)
        }
    }

    @Test(arguments: [false, true]) func aShadowNeverAnswers(isBroken: Bool) async throws {
        let asked = Asked()
        let script = ReleaseServing.verified { request throws(WorkerFailure) in
            asked.take(request)
            if isBroken { throw WorkerFailure(.internal, "it is broken") }
            return ScriptedBackend.stream([.said("v1"), .done(.stop)])
        }
        try await ReleaseServing.run([nil, script]) { serving in
            try await serving.release(2)
            let rollout = try await serving.start(2, "shadow", ["share": 100])
            try await serving.wait(rollout, for: "running")
            for _ in 0..<20 {
                let answer = try await serving.ask()
                #expect(answer.status == 200 && answer.target == "chat@1", "\(answer.body)")
            }
            let isCompared = try await becomes {
                (try await serving.show(rollout)["shadow"]?["compared"]?.int ?? 0) >= 20
            }
            let shadow = try await serving.show(rollout)["shadow"]
            #expect(isCompared, "\(shadow?.text ?? "")")
            #expect(shadow?["failed"]?.int == (isBroken ? 20 : 0) && shadow?["identical"]?.int == (isBroken ? 0 : 20))
            #expect(asked.count == 20 && asked.texts.allSatisfy { $0 == "one two" })
            #expect(asked.all.allSatisfy { $0.priority == WorkerRequest.priorities.lowerBound })
            let ended = try await serving.admin(.POST, "releases/\(rollout)/finish", ["why": "seen"])
            #expect(ended.status == 202, "\(ended.body)")
            try await serving.wait(rollout, for: "ended")
        }
    }

    @Test func aSecondPersonApproves() async throws {
        try await ReleaseServing.run([nil]) { serving in
            let guarded = serving.guarded
            try guarded.user("ana", ["administrator"])
            try guarded.user("ben", ["administrator"])
            let (ana, ben) = (try await guarded.browser("ana"), try await guarded.browser("ben"))
            let settings: JSON = ["approvals": ["kinds": ["blue-green"], "required": 1]]
            let made = try await guarded.admin(.POST, "deployments", ["alias": "chat", "settings": settings], as: ana)
            #expect(made.status == 201, "\(made.body)")
            _ = try await guarded.admin(
                .POST, "deployments/chat/versions", ["model": "v1", "digest": "v1"], as: ana)
            let asked = try await guarded.admin(
                .POST, "releases", ["alias": "chat", "kind": "blue-green", "candidate": 1], as: ana)
            #expect(asked.status == 202 && asked.json["state"] == "waiting", "\(asked.body)")
            let id = try #require(asked.json["id"]?.int)
            let digest = try #require(asked.json["digest"])
            let own = try await guarded.admin(.POST, "releases/\(id)/approve", ["digest": digest], as: ana)
            #expect(own.status == 403 && own.errorCode == "own_request", "\(own.body)")
            let unseen = try await guarded.admin(.POST, "releases/\(id)/approve", ["digest": "0"], as: ben)
            #expect(unseen.status == 409, "\(unseen.body)")
            let key = try guarded.key(["administrator"]).secret
            let service = try await guarded.admin(.POST, "releases/\(id)/approve", ["digest": digest], key: key)
            #expect(service.status == 403 && service.errorCode == "person_needed", "\(service.body)")
            let weaker = try await guarded.admin(.POST, "deployments/chat/settings", [:], as: ben)
            #expect(weaker.status == 409, "\(weaker.body)")
            #expect(try await guarded.chat(key: key, model: "chat").status == 404)
            let approved = try await guarded.admin(.POST, "releases/\(id)/approve", ["digest": digest], as: ben)
            #expect(approved.status == 202, "\(approved.body)")
            let isServed = try await becomes { try await guarded.chat(key: key, model: "chat").content == "v1" }
            #expect(isServed)
            let user = try guarded.key().secret
            #expect(try await guarded.admin(.GET, "releases", key: user).status == 403)
            #expect(try await guarded.admin(.POST, "deployments", ["alias": "x"], key: user).status == 403)
        }
    }
}
