import Foundation
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct WebhookTests {
    private static let time: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_800_000_000.25) }

    private static func problem(_ body: () async throws(AlertError) -> Void) async -> AlertError? {
        do throws(AlertError) {
            try await body()
            return nil
        } catch { return error }
    }

    @Test func aMessageIsPosted() async throws {
        let server = try await StubServer.start { _ in .init() }
        let channel = try WebhookChannel(
            name: "hook", url: server.url + "/alerts?from=hadal", headers: [("Authorization", "Bearer token")],
            secret: "secret", now: Self.time)
        let message = AlertMessage.sample([
            .sample(.recovered, nil, previous: .serious, model: "b"), .sample(action: .restart),
        ])
        try await channel.send(message)
        let request = try #require(server.requests.first)
        #expect(request.path == "/alerts?from=hadal")
        #expect(request.headers["authorization"] == ["Bearer token"] && request.headers["idempotency-key"] == ["m1"])
        #expect(request.headers["content-type"] == ["application/json"])
        // printf '1800000000.%s' BODY | openssl dgst -sha256 -hmac secret
        #expect(request.headers["x-hadal-timestamp"] == ["1800000000"])
        let process = try await Shell.output(
            ["openssl", "dgst", "-sha256", "-hmac", "secret"], input: Array("1800000000.".utf8) + request.body)
        #expect(
            request.headers["x-hadal-signature"].first.map { process.hasSuffix("= " + $0.dropFirst(7) + "\n") } == true)
        let json = try #require(request.json)
        #expect(json["version"] == 1 && json["source"] == "gpu1" && json["level"] == "critical")
        #expect(json["title"] == "[gpu1] CRITICAL: The model deepseek cannot be asked. (and 1 more)")
        #expect(json["events"]?.array?.count == 2)
        #expect(
            json["events"]?[0]
                == [
                    "kind": "firing", "time": "2027-01-15T08:00:00Z", "id": .string(message.events[0].id),
                    "rule": "HadalWorkerDown", "labels": ["model": "deepseek"], "level": "critical",
                    "previous_level": .null, "value": 0.0, "value_text": "0", "since": "2027-01-15T07:58:00Z",
                    "summary": "The model deepseek cannot be asked.", "advice": "Look at the log.", "action": "restart",
                ])
        #expect(json["events"]?[1]?["kind"] == "recovered" && json["events"]?[1]?["level"] == .null)
        try await server.stop()
    }

    @Test(arguments: [
        (500, false), (502, false), (429, false), (408, false), (400, true), (401, true), (404, true), (302, true),
    ])
    func aStatusSaysWhetherToTryAgain(_ status: Int, _ isFinal: Bool) async throws {
        let server = try await StubServer.start { _ in
            .init(status: status, body: "no\nway", headers: "location: http://127.0.0.1:1/\r\n")
        }
        let channel = try WebhookChannel(name: "hook", url: server.url + "/secret-path")
        let error = await Self.problem { () throws(AlertError) in try await channel.send(.sample()) }
        #expect(error == .delivery(problem: "127.0.0.1 answers with the status \(status): no way", isFinal: isFinal))
        try await server.stop()
    }

    @Test func anAddressWhereNobodyIsIsNoSecret() async throws {
        let channel = try WebhookChannel(name: "hook", url: "http://127.0.0.1:1/secret-path")
        let error = await Self.problem { () throws(AlertError) in try await channel.send(.sample()) }
        #expect(error?.isFinal == false && error?.description.contains("127.0.0.1 does not answer") == true)
        #expect(error?.description.contains("secret-path") == false)
    }

    @Test(arguments: ["", "example.org", "ftp://example.org/", "https://", "http://a b/"])
    func badAddressesAreRefused(_ url: String) {
        #expect(throws: AlertError.channel("hook", field: "url", problem: "is no address: write https://HOST/PATH")) {
            try WebhookChannel(name: "hook", url: url)
        }
    }

    @Test func badHeadersAndAuthoritiesAreRefused() {
        for header in [("A b", "c"), ("", "c"), ("A", "b\r\nC: d")] {
            #expect(throws: AlertError.self) { try WebhookChannel(name: "hook", url: "http://a/", headers: [header]) }
        }
        #expect(throws: AlertError.self) {
            try WebhookChannel(name: "hook", url: "https://a/", authority: "/nowhere.pem")
        }
    }
}
