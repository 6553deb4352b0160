import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import HadalRouting
import HadalWire
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import HadalAccess

/// Versions that take each other's place while clients ask.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReleaseServingTests {
    @Test func aDeploymentAnswersWithItsVersion() async throws {
        try await ReleaseServing.run([nil]) { serving in
            try await serving.prepare(1)
            // Nothing serves yet, so it is no model.
            #expect(try await serving.ask().status == 404)
            try await serving.wait(try await serving.start(1, "blue-green"), for: "promoted")
            let answer = try await serving.ask()
            #expect(answer.status == 200 && answer.content == "v1", "\(answer.body)")
            #expect(answer.target == "chat@1" && answer.json["model"] == "chat")
            #expect(answer.json["system_fingerprint"] == "fp_v1")
            #expect(try await serving.guarded.serving.get("/v1/models").names.contains("chat"))
            let metrics = try await serving.guarded.serving.get("/metrics").body
            #expect(metrics.contains(#"hadal_worker_ready{model="chat@1"} 1"#), "\(metrics)")
            #expect(metrics.contains(#"model="chat@1",outcome="ok""#), "\(metrics)")
            let workers = try await serving.admin(.GET, "workers").json["data"]?.array ?? []
            #expect(workers.contains { $0["name"] == "chat@1" })
            let steps = try serving.guarded.audit.events(tenant: nil).map(\.event.action)
            #expect(steps.contains("releases.start") && steps.contains("release.traffic.set"), "\(steps)")
        }
    }

    @Test func anAliasMayLeadToARelease() async throws {
        let routes = try RouteTable.load(
            try JSON(parsing: #"[{"alias":"front","default":["chat","base"]}]"#), targets: ["chat", "base"])
        try await ReleaseServing.run([nil, nil], configure: { $0.routes = routes }) { serving in
            #expect(try await serving.guarded.serving.ask("front").target == "base")
            try await serving.release(2)
            let first = try await serving.guarded.serving.ask("front")
            #expect(first.target == "chat@1" && first.content == "v1", "\(first.body)")
            try await serving.wait(try await serving.start(2, "blue-green"), for: "promoted")
            let second = try await serving.guarded.serving.ask("front")
            #expect(second.target == "chat@2" && second.json["model"] == "front", "\(second.body)")
        }
    }

    // MARK: blue-green

    /// Clients that ask again and again until they are told to stop.
    private final class Clients: Sendable {
        private struct State {
            var isOver = false
            var answers: [ContinuousClock.Instant] = []
            var failures: [String] = []
        }

        private let url: String
        private let http: HTTPClient
        private let state = Mutex(State())

        init(_ serving: ReleaseServing, _ http: HTTPClient) {
            url = serving.guarded.serving.base + "/v1/chat/completions"
            self.http = http
        }

        var answers: [ContinuousClock.Instant] { state.withLock { $0.answers } }
        var failures: [String] { state.withLock { $0.failures } }

        func stop() { state.withLock { $0.isOver = true } }

        func run() async {
            while !state.withLock({ $0.isOver }) {
                do {
                    let problem = try await ask()
                    state.withLock { state in
                        state.answers.append(.now)
                        if let problem { state.failures.append(problem) }
                    }
                } catch {
                    state.withLock { $0.failures.append("\(error)") }
                }
            }
        }

        /// - Returns: nil: it was answered by the version that the header names.
        private func ask() async throws -> String? {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(
                ByteBuffer(string: #"{"model":"chat","messages":[{"role":"user","content":"a"}]}"#))
            let response = try await http.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 1 << 20)
            let said = try JSON(parsing: body.readableBytesView)["choices"]?[0]?["message"]?["content"]?.string
            let version = response.headers["x-hadal-model"].first?.replacing("chat@", with: "v")
            return response.status == .ok && said != nil && said == version ? nil : String(buffer: body)
        }
    }

    @Test func blueGreenUnderFiftyClientsFailsNoRequest() async throws {
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(2)
            var configuration = HTTPClient.Configuration()
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 50
            let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let clients = Clients(serving, http)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { clients.stop() }
                for _ in 0..<50 { group.addTask { await clients.run() } }
                #expect(await becomes { clients.answers.count > 500 })
                try await serving.wait(try await serving.start(2, "blue-green"), for: "promoted")
                #expect(try await serving.ask().content == "v2")
                let before = clients.answers.count
                #expect(await becomes { clients.answers.count > before + 500 })
            }
            try await http.shutdown()
            #expect(clients.failures.isEmpty, "\(clients.failures.count): \(clients.failures.first ?? "")")
            let all = clients.answers.sorted()
            let gap = zip(all, all.dropFirst()).map { $1 - $0 }.max() ?? .zero
            print("blue-green under 50 clients: \(all.count) answers, the longest gap \(gap)")
            #expect(gap < .seconds(3))
        }
    }

    @Test func bothAreUpUntilSomebodySwitches() async throws {
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(2)
            let rollout = try await serving.start(2, "blue-green", ["switchesByItself": false])
            try await serving.wait(rollout, for: "running")
            #expect(try await serving.ask().content == "v1")
            #expect(try await serving.version(2)?["isUp"] == true)
            let promoted = try await serving.admin(.POST, "releases/\(rollout)/promote", ["why": "now"])
            #expect(promoted.status == 202, "\(promoted.body)")
            try await serving.wait(rollout, for: "promoted")
            #expect(try await serving.ask().content == "v2")
        }
    }

    @Test func aStreamStaysWithItsVersion() async throws {
        let endless = EndlessGeneration()
        let first = ReleaseServing.verified(endless.script)
        try await ReleaseServing.run([first, nil]) { serving in
            try await serving.release(2)
            async let stream = serving.ask("a long story")
            for await _ in endless.started { break }
            let rollout = try await serving.start(2, "blue-green")
            // The old version is waited for.
            let isDraining = try await becomes {
                try await serving.show(rollout)["pending"]?.array == ["drain version 1"]
            }
            #expect(isDraining)
            #expect(try await serving.ask().content == "v2")
            await endless.finish()
            let answer = try await stream
            #expect(answer.status == 200 && answer.target == "chat@1" && answer.content == "word", "\(answer.body)")
            try await serving.wait(rollout, for: "promoted")
        }
    }

    @Test func anotherModelThanWasReleasedIsNotUsed() async throws {
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(1)
            let added = try await serving.admin(
                .POST, "deployments/chat/versions", ["model": "v2", "digest": "another"])
            #expect(added.status == 201)
            let rollout = try await serving.start(2, "blue-green")
            try await serving.wait(rollout, for: "aborted")
            #expect(try await serving.show(rollout)["reason"]?.string?.contains("digest") == true)
            #expect(try await serving.ask().content == "v1")
            let refused = try await serving.admin(
                .POST, "deployments/chat/versions", ["model": "v2", "digest": "v2", "options": ["listen": "0.0.0.0:1"]])
            #expect(refused.status == 400 && refused.errorField == "options.listen", "\(refused.body)")
        }
    }

    // MARK: rollback

    @Test func aRollbackTakesSeconds() async throws {
        try await ReleaseServing.run([nil, nil, nil]) { serving in
            try await serving.release(3)
            for number in 2...3 {
                try await serving.wait(try await serving.start(number, "blue-green"), for: "promoted")
            }
            let start = ContinuousClock.now
            let answer = try await serving.admin(.POST, "deployments/chat/rollback", ["why": "wrong answers"])
            #expect(answer.status == 202, "\(answer.body)")
            #expect(await becomes { (try? await serving.ask().content) == "v2" })
            let time = ContinuousClock.now - start
            print("rollback: \(time)")
            #expect(time < .seconds(10))
            try await serving.wait(try #require(answer.json["id"]?.int), for: "promoted")
            // What was rolled back from is passed over.
            let again = try await serving.admin(.POST, "deployments/chat/rollback", ["why": "these too"])
            try await serving.wait(try #require(again.json["id"]?.int, "\(again.body)"), for: "promoted")
            #expect(try await serving.ask().content == "v1")
            let named = try await serving.admin(.POST, "deployments/chat/rollback", ["version": 3])
            try await serving.wait(try #require(named.json["id"]?.int, "\(named.body)"), for: "promoted")
            #expect(try await serving.ask().content == "v3")
        }
    }
}
