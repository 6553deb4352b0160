import Foundation
import HadalJSON
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import HadalAccess

/// Whether somebody can find out, through the prefix cache, what another tenant has asked. A real engine is measured by the
/// tokens that it computed: what it did not compute is what one could notice by the time it takes.
@Suite(.timeLimit(.minutes(15))) struct TenantCacheTests {
    private enum API: String, CaseIterable {
        case chat = "/v1/chat/completions"
        case completions = "/v1/completions"
        case responses = "/v1/responses"

        /// Several blocks of the cache long, and like no other one's.
        private var prompt: String {
            "\(self): " + (0..<40).map { "secret\($0) of the \(self)" }.joined(separator: ", ")
        }

        var body: JSON {
            switch self {
            case .chat:
                [
                    "model": "guide", "max_tokens": 2, "temperature": 0,
                    "messages": [["role": "user", "content": .string(prompt)]],
                ]
            case .completions: ["model": "guide", "max_tokens": 2, "temperature": 0, "prompt": .string(prompt)]
            case .responses: ["model": "guide", "max_output_tokens": 16, "temperature": 0, "input": .string(prompt)]
            }
        }

        func usage(_ answer: JSON) throws -> (prompt: Int, cached: Int) {
            let usage = answer["usage"]
            let (total, details) =
                self == .responses
                ? ("input_tokens", "input_tokens_details") : ("prompt_tokens", "prompt_tokens_details")
            return (
                try #require(usage?[total]?.int, "\(answer.text)"),
                try #require(usage?[details]?["cached_tokens"]?.int, "\(answer.text)")
            )
        }
    }

    private struct Asked {
        let prompt: Int
        let cached: Int
        /// Of the prompt, by what the engine says.
        let computed: Int
        let usage: JSON?
        /// Those that are the same each time.
        let headers: [String: String]
    }

    /// Different for each answer, whoever asks.
    private static let changing: Set = [
        "date", "x-request-id", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
    ]

    private static func computed(_ serving: Serving, _ key: String) async throws -> Int {
        let answer = try await GuardedServing.send(serving, .GET, "/health/ready", key: key)
        return try #require(answer.json["engines"]?["guide"]?["prompt_tokens"]?.int, "\(answer.body)")
    }

    @Test func whatOneTenantAskedIsComputedAnewForAnother() async throws {
        let directory = try TemporaryDirectory()
        let administration = AccessAdministration(
            try AccessControl(AccessDatabase(data: directory.url), opensWhenEmpty: false),
            audit: try AuditLog(data: directory.url))
        let root = Requester(.local(name: "root"))
        func key(_ roles: Set<String> = ["user"], tenant: String? = nil) throws -> String {
            try administration.createKey(
                KeyRequest(name: "k", owner: .service(roles: roles, tenant: tenant)), by: root
            ).secret
        }
        let watcher = try key(["operator"])
        // Each API has tenants of its own, so that what one of them asked over another is not in the way.
        var keys: [API: (red: String, blue: String)] = [:]
        for api in API.allCases {
            for color in ["red", "blue"] { try administration.createTenant(name: "\(color)-\(api)", by: root) }
            keys[api] = (try key(tenant: "red-\(api)"), try key(tenant: "blue-\(api)"))
        }
        let outcome = try await HadalProcess.serve(["--data", directory.path]) { [keys] hadal in
            for api in API.allCases {
                let (red, blue) = try #require(keys[api])
                func ask(_ key: String) async throws -> Asked {
                    let before = try await Self.computed(hadal.serving, watcher)
                    let answer = try await GuardedServing.send(hadal.serving, .POST, api.rawValue, api.body, key: key)
                    try #require(answer.status == 200, "\(api): \(answer.body)")
                    let usage = try api.usage(answer.json)
                    let headers = answer.headers.filter { !Self.changing.contains($0.name.lowercased()) }
                    return Asked(
                        prompt: usage.prompt, cached: usage.cached,
                        computed: try await Self.computed(hadal.serving, watcher) - before,
                        usage: answer.json["usage"],
                        headers: Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" })
                }
                let first = try await ask(red)
                #expect(first.cached == 0 && first.computed == first.prompt && first.prompt > 96, "\(api): \(first)")
                let again = try await ask(red)
                #expect(again.cached > 64 && again.computed == again.prompt - again.cached, "\(api): \(again)")
                let other = try await ask(blue)
                #expect(other.cached == 0 && other.computed == other.prompt, "\(api): \(other)")
                #expect(other.usage == first.usage, "\(api)")
                #expect(other.headers == first.headers, "\(api)")
                // Its own it finds again, as much as the other did.
                let own = try await ask(blue)
                #expect(own.cached == again.cached && own.computed == again.computed, "\(api): \(own)")
            }
        }
        #expect(outcome.status == .exited(0))
    }
}
