import AsyncHTTPClient
import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import HadalAccess

/// Batches that run only at their time: the real program, whose configuration is read again.
@Suite(.serialized, .timeLimit(.minutes(15))) struct BatchScheduleTests {
    private struct Site: Sendable {
        let hadal: HadalProcess
        let directory: TemporaryDirectory
        let key: String

        func send(_ path: String) async throws -> Serving.Answer {
            try await GuardedServing.send(hadal.serving, .GET, path, key: key)
        }

        func post(_ path: String, _ body: String, type: String = "application/json") async throws -> Serving.Answer {
            try await hadal.serving.post(path, body, type: type, headers: [("authorization", "Bearer \(key)")])
        }

        func batch(_ id: String) async throws -> JSON { try await send("/v1/batches/\(id)").json }

        func becomes(_ id: String, _ isSo: @escaping @Sendable (JSON) -> Bool) async throws -> Bool {
            let end = ContinuousClock.now + .seconds(180)
            while ContinuousClock.now < end {
                if isSo(try await batch(id)) { return true }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }

        /// Returns once the windows count.
        func reload(isOpen: Bool) async throws {
            try directory.write(Array(BatchScheduleTests.configuration(isOpen: isOpen).utf8), "hadal.yaml")
            kill(hadal.process, SIGHUP)
            let window = BatchScheduleTests.window(isOpen: isOpen)
            #expect(
                try await ServingTests.becomes { try await send("/admin/v1/configuration").body.contains(window) })
        }

        func createBatch(lines: Int, tokens: Int) async throws -> String {
            let content = (0..<lines).map { index in
                #"{"custom_id":"r\#(index)","method":"POST","url":"/v1/completions","body":{"model":"guide","prompt":"word \#(index)","max_tokens":\#(tokens),"ignore_eos":true}}"#
            }.joined(separator: "\n")
            let form =
                "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n\(content)\r\n--b--\r\n"
            let file = try await post("/v1/files", form, type: "multipart/form-data; boundary=b")
            let id = try #require(file.json["id"]?.string, "\(file.body)")
            let batch = try await post(
                "/v1/batches", #"{"input_file_id":"\#(id)","endpoint":"/v1/completions","completion_window":"24h"}"#)
            return try #require(batch.json["id"]?.string, "\(batch.body)")
        }
    }

    /// All days but those around today, or all.
    static func window(isOpen: Bool) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        // The first of January 1970 was a Thursday.
        let today = Int(Date().timeIntervalSince1970 / 86_400) % 7
        return isOpen ? "Mon-Sun" : "\(days[(today + 2) % 7])-\(days[(today + 5) % 7])"
    }

    static func configuration(isOpen: Bool) -> String {
        "models: [{name: guide, model: guide, engine: {batch: 8}}]\nbatches: {windows: [\(window(isOpen: isOpen))]}\n"
    }

    private static func run(isOpen: Bool, _ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let administration = AccessAdministration(
            try AccessControl(AccessDatabase(data: directory.url), opensWhenEmpty: false),
            audit: try AuditLog(data: directory.url))
        let key = try administration.createKey(
            KeyRequest(name: "k", owner: .service(roles: ["administrator", "user"], tenant: nil)),
            by: Requester(.local(name: "root"))
        ).secret
        let file = try directory.write(Array(configuration(isOpen: isOpen).utf8), "hadal.yaml")
        let outcome = try await HadalProcess.serve(["--config", file, "--data", directory.path]) { hadal in
            try await body(Site(hadal: hadal, directory: directory, key: key))
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aBatchWaitsForItsTimeAndIsDoneThen() async throws {
        try await Self.run(isOpen: false) { site in
            let id = try await site.createBatch(lines: 12, tokens: 8)
            #expect(try await site.becomes(id) { $0["status"] == "in_progress" })
            // Others are served meanwhile.
            let answer = try await site.post("/v1/completions", #"{"model":"guide","prompt":"a","max_tokens":40}"#)
            #expect(answer.status == 200)
            #expect(try await site.batch(id)["request_counts"]?["completed"] == 0)
            try await site.reload(isOpen: true)
            #expect(try await site.becomes(id) { $0["status"] == "completed" })
            #expect(try await site.batch(id)["request_counts"]?["completed"] == 12)
        }
    }

    @Test func aBatchThatWaitsForItsTimeCanBeCancelled() async throws {
        try await Self.run(isOpen: false) { site in
            let id = try await site.createBatch(lines: 2, tokens: 8)
            #expect(try await site.becomes(id) { $0["status"] == "in_progress" })
            _ = try await site.post("/v1/batches/\(id)/cancel", "{}")
            #expect(try await site.becomes(id) { $0["status"] == "cancelled" })
        }
    }

    @Test func whenItsTimeIsOverNoLineIsBegun() async throws {
        try await Self.run(isOpen: true) { site in
            let count = 80
            let id = try await site.createBatch(lines: count, tokens: 200)
            #expect(try await site.becomes(id) { ($0["request_counts"]?["completed"]?.int ?? 0) >= 2 })
            try await site.reload(isOpen: false)
            // What had begun is finished, and then nothing runs.
            @Sendable func isIdle() async throws -> Bool {
                try await site.send("/metrics").body.contains("\nhadal_requests_in_progress 0\n")
            }
            let stays = try await becomes {
                guard try await isIdle() else { return false }
                // Nor does a person's request let any in.
                let first = try await site.batch(id)["request_counts"]
                let answer = try await site.post(
                    "/v1/completions", #"{"model":"guide","prompt":"a","max_tokens":40}"#)
                let isSame = try await site.batch(id)["request_counts"] == first
                let isStill = try await isIdle()
                return answer.status == 200 && isSame && isStill
            }
            #expect(stays)
            let stopped = try await site.batch(id)
            #expect(stopped["status"] == "in_progress")
            #expect(try #require(stopped["request_counts"]?["completed"]?.int) < count)
            #expect(stopped["request_counts"]?["failed"] == 0)
            try await site.reload(isOpen: true)
            #expect(try await site.becomes(id) { $0["status"] == "completed" })
            #expect(try await site.batch(id)["request_counts"]?["completed"]?.int == count)
        }
    }
}
