import Foundation
import HadalGateway
import HadalJSON
import HadalWire
import HadalWorker
import NIOHTTP1
import TestSupport
import Testing

/// A gateway with a deployment `chat`, whose versions are scripted workers `v1`, `v2` and so on that say their names.
struct ReleaseServing: Sendable {
    let guarded: GuardedServing
    /// Of who manages releases; nil: nobody has to say who they are.
    var key: String?

    /// - Parameters:
    ///   - scripts: of the versions from 1 on; nil: says its name.
    ///   - routes: as JSON.
    static func run(
        _ scripts: [ScriptedBackend.Script?],
        configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ReleaseServing) async throws -> Void
    ) async throws {
        let versions = scripts.enumerated().map { index, script in
            let name = "v\(index + 1)"
            let backend = script.map { RoutedWorkers.named(name, $0) } ?? RoutedWorkers.named(name)
            return (name: name, workers: [backend])
        }
        try await RoutedWorkers.run([(name: "base", workers: [RoutedWorkers.named("base")])] + versions) { served in
            try await GuardedServing.run {
                $0.models = [served[0]]
                $0.runningWorkers = Dictionary(
                    uniqueKeysWithValues: served.dropFirst().compactMap { model in model.socket.map { (model.name, $0) }
                    })
                configure(&$0)
            } _: { guarded in
                try await body(ReleaseServing(guarded: guarded))
            }
        }
    }

    /// Says one text to the question of who verifies, and does what `script` does with all others.
    static func verified(_ script: @escaping ScriptedBackend.Script) -> ScriptedBackend.Script {
        { request throws(WorkerFailure) in
            if ScriptedBackend.text(of: request) == "Hello!" {
                return ScriptedBackend.stream([.said("Hello."), .done(.stop)])
            }
            return try script(request)
        }
    }

    // MARK: administration

    func admin(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> Serving.Answer {
        try await guarded.admin(method, path, body, key: key)
    }

    /// Makes the deployment with versions from 1 to `count`, none of them released.
    func prepare(_ count: Int, settings: JSON = [:]) async throws {
        let made = try await admin(.POST, "deployments", ["alias": "chat", "settings": settings])
        #expect(made.status == 201, "\(made.body)")
        for number in 1...count {
            let name = JSON.string("v\(number)")
            let added = try await admin(.POST, "deployments/chat/versions", ["model": name, "digest": name])
            #expect(added.status == 201 && added.json["number"]?.int == number, "\(added.body)")
        }
    }

    /// The same with the first version in use.
    func release(_ count: Int, settings: JSON = [:]) async throws {
        try await prepare(count, settings: settings)
        try await wait(try await start(1, "blue-green"), for: "promoted")
    }

    /// - Returns: the rollout.
    func start(_ version: Int, _ kind: String, _ plan: JSON = [:]) async throws -> Int {
        let answer = try await admin(
            .POST, "releases",
            ["alias": "chat", "kind": .string(kind), "candidate": .int(Int64(version)), "plan": plan])
        #expect(answer.status == 202, "\(answer.body)")
        return try #require(answer.json["id"]?.int)
    }

    /// Of a canary's plan.
    static func step(_ share: Double, requests: Int = 40) -> JSON {
        [
            "share": .double(share), "minimumSeconds": 0.1, "minimumRequests": .int(Int64(requests)),
            "maximumSeconds": 120,
        ]
    }

    func show(_ rollout: Int) async throws -> JSON { try await admin(.GET, "releases/\(rollout)").json }

    func wait(_ rollout: Int, for state: String) async throws {
        let isSo = try await becomes { try await show(rollout)["state"]?.string == state }
        let found = try await show(rollout)
        try #require(isSo, "\(found.text)")
    }

    func version(_ number: Int) async throws -> JSON? {
        try await admin(.GET, "deployments/chat").json["versions"]?.array?.first { $0["number"]?.int == number }
    }

    // MARK: clients

    /// - Parameter system: instructions that the model gets before the text.
    func ask(
        _ text: String = "one two", model: String = "chat", system: String? = nil, key: String? = nil
    ) async throws -> Serving.Answer {
        let said = [("system", system), ("user", text)].compactMap { role, text -> JSON? in
            text.map { ["role": .string(role), "content": .string($0)] }
        }
        return try await guarded.send(
            .POST, "/v1/chat/completions", ["model": .string(model), "messages": .array(said)], key: key ?? self.key)
    }
}
