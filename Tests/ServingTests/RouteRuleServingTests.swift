import Foundation
import HadalAccess
import HadalGateway
import HadalJSON
import HadalRouting
import NIOHTTP1
import Testing

/// Rules of routes by what a request costs, who waits for it, and when it comes.
@Suite(.timeLimit(.minutes(15))) struct RouteRuleServingTests {
    private static let models = [
        (name: "small", workers: [RoutedWorkers.named("small")]),
        (name: "large", workers: [RoutedWorkers.named("large")]),
    ]

    /// `alias`, whose requests go to `large` under a condition.
    private static func route(_ alias: String, when condition: String) -> String {
        #"{"alias":"\#(alias)","rules":[{"name":"r","when":\#(condition),"use":"large"}],"default":"small"}"#
    }

    @Test func whatIsDearGoesItsOwnWay() async throws {
        let condition = #"{"cost":{"above":4}}"#
        let routes = "[\(Self.route("chat", when: condition)),\(Self.route("free", when: condition))]"
        try await RoutedWorkers.serve(
            Self.models, routes: routes,
            configure: {
                // A hundredth for a token, of the alias alone.
                $0.access.limits.prices = [
                    try! ModelPrice(pattern: "chat", promptPerMillion: 10_000, answerPerMillion: 10_000)
                ]
            }
        ) { (serving) async throws in
            let long = String(repeating: "word ", count: 800)
            let brief = #","max_tokens":9"#
            #expect(try await serving.ask("chat", "a", brief).content == "small")
            #expect(try await serving.ask("chat", long, brief).content == "large")
            #expect(try await serving.ask("chat", "a", #","max_tokens":900"#).content == "large")
            // Of what has no price nobody knows what it costs.
            #expect(try await serving.ask("free", long, #","max_tokens":900"#).content == "small")
        }
    }

    @Test func linesOfBatchesGoTheirOwnWay() async throws {
        let routes = "[\(Self.route("chat", when: #"{"background":true}"#))]"
        try await RoutedWorkers.guarded(Self.models, routes: routes) { guarded in
            let serving = guarded.serving
            #expect(try await serving.ask("chat").content == "small")
            let line =
                #"{"custom_id":"r","method":"POST","url":"/v1/chat/completions","body":{"model":"chat","messages":[{"role":"user","content":"one"}]}}"#
            let form =
                "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n\(line)\r\n--b--\r\n"
            let file = try await serving.post("/v1/files", form, type: "multipart/form-data; boundary=b")
            let input = try #require(file.json["id"]?.string, "\(file.body)")
            let made = try await serving.post(
                "/v1/batches",
                #"{"input_file_id":"\#(input)","endpoint":"/v1/chat/completions","completion_window":"24h"}"#)
            let batch = try await serving.batch(try #require(made.json["id"]?.string, "\(made.body)")) {
                $0["status"] == "completed"
            }
            let output = try #require(batch["output_file_id"]?.string, "\(batch.text)")
            let lines = try await serving.get("/v1/files/\(output)/content").body
            let answer = try JSON(parsing: lines.trimmingCharacters(in: .newlines))
            let message = answer["response"]?["body"]?["choices"]?[0]?["message"]
            #expect(message?["content"] == "large", "\(lines)")
        }
    }

    @Test func theTimeOfDayDecides() async throws {
        // The first of January 1970 was a Thursday.
        let today = (Int(Date().timeIntervalSince1970 / 86_400) + 3) % 7
        // Neither today nor tomorrow, which may begin before this test ends.
        let others = (2...5).map { #""\#(TimeWindow.dayNames[(today + $0) % 7])""# }.joined(separator: ",")
        let routes = [
            Self.route("always", when: #"{"time":[{"from":"00:00","to":"24:00"}]}"#),
            Self.route("otherwise", when: #"{"time":[{"days":[\#(others)],"from":"00:00","to":"24:00"}]}"#),
            Self.route("either", when: #"{"time":[{"days":[\#(others)]},{"from":"00:00","to":"24:00"}]}"#),
        ]
        try await RoutedWorkers.serve(Self.models, routes: "[\(routes.joined(separator: ","))]") {
            (serving) async throws in
            #expect(try await serving.ask("always").content == "large")
            #expect(try await serving.ask("otherwise").content == "small")
            #expect(try await serving.ask("either").content == "large")
        }
    }
}
