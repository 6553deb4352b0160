import Foundation
import HadalAccess
import HadalAudit
import HadalConfiguration
import HadalJSON
import NIOHTTP1
import Testing

/// What of requests comes into the audit trail.
@Suite(.timeLimit(.minutes(15))) struct TrailTests {
    @Test func everyRequestIsRecordedWithItsFacts() async throws {
        try await TrailServing.run { guarded in
            let key = try guarded.key()
            let answer = try await guarded.chat(
                key: key.secret, [("seed", 7), ("temperature", 0.5), ("stop", ["quagga"])])
            #expect(answer.status == 200, "\(answer.body)")
            let record = try #require(try guarded.records().first)
            #expect(record.requestID == answer.json["id"]?.string && record.outcome == "ok")
            #expect(record.action == "/v1/chat/completions" && record.model == "scripted")
            #expect(record.tenant == "default" && record.user == key.key.id && record.key == key.key.id)
            #expect(record.address == "127.0.0.1" && record.seed == 7)
            #expect(record.tokens == AuditTokens(prompt: 3, completion: 3))
            #expect(record.timings?.firstToken ?? 0 > 0)
            #expect(record.timings?.total ?? 0 >= record.timings?.firstToken ?? 0)
            #expect(record.verdicts?["action"] == "pass" && record.details?["finish"] == "stop")
            #expect(record.parameters?["temperature"] == 0.5)
            // How many, not which.
            #expect(record.parameters?["messages"] == 1 && record.parameters?["stop"] == 1)
            let text = String(decoding: record.canonicalBytes, as: UTF8.self)
            #expect(!text.contains("quagga") && !text.contains("three") && !text.contains(key.secret))
        }
    }

    /// Those who are known and got no answer; strangers would fill the disk.
    @Test func refusalsOfThoseWhoAreKnownAreRecorded() async throws {
        try await TrailServing.run { guarded in
            let key = try guarded.key()
            let unknown = try await guarded.chat(key: key.secret, model: "absent")
            let wrong = try await guarded.chat(key: key.secret, [("temperature", 9)])
            let stranger = try await guarded.chat(key: "hdl-nothing")
            let statuses: [Int] = [unknown.status, wrong.status, stranger.status]
            #expect(statuses == [404, 400, 401])
            let records = try guarded.records()
            #expect(records.map(\.outcome) == ["refused", "refused"])
            #expect(records.compactMap { $0.details?["code"]?.string } == ["model_not_found", "invalid_value"])
            #expect(records.allSatisfy { $0.key == key.key.id && $0.action == "/v1/chat/completions" })
        }
    }

    @Test func allWaysToAskAreRecorded() async throws {
        try await TrailServing.run { guarded in
            let long = String(repeating: "word ", count: 100)
            let paths: [(path: String, body: JSON)] = [
                (
                    "/v1/chat/completions",
                    ["model": "scripted", "stream": true, "messages": [["role": "user", "content": "a b"]]]
                ),
                ("/v1/completions", ["model": "scripted", "prompt": "a b"]),
                ("/v1/embeddings", ["model": "scripted", "input": ["a", "b"]]),
                ("/v1/responses", ["model": "scripted", "input": "a b"]),
                (
                    "/anthropic/v1/messages",
                    ["model": "scripted", "max_tokens": 9, "messages": [["role": "user", "content": "a b"]]]
                ),
                ("/api/generate", ["model": "scripted", "prompt": "a b", "stream": false]),
                ("/v1/completions", ["model": "scripted", "prompt": .string(long)]),
            ]
            for (path, body) in paths { _ = try await guarded.send(.POST, path, body) }
            let records = try guarded.records()
            #expect(records.compactMap(\.action) == paths.map(\.path))
            #expect(records.dropLast().allSatisfy { $0.outcome == "ok" })
            // What the model refused is recorded too.
            #expect(records.last?.outcome == "refused")
            #expect(records.last?.details?["code"] == "context_length_exceeded")
        }
    }

    @Test func whatIsKeptOfTextsIsAsTheTenantsPolicySays() async throws {
        let policies = RecordSettings.Text.allCases
        try await TrailServing.run(tenants: policies.map(\.rawValue)) { settings in
            for policy in policies {
                var item = TenantContentSettings()
                item.tenant = policy.rawValue
                item.content.record.input = policy
                item.content.record.output = policy
                settings.tenantContent.append(item)
            }
        } _: { guarded in
            for policy in policies {
                let key = try guarded.key(tenant: policy.rawValue)
                #expect(try await guarded.ask("mail ana@example.org please", key: key.secret).status == 200)
            }
            let records = try guarded.records().reduce(into: [:]) { $0[$1.tenant ?? ""] = $1 }
            let contents = try AuditContents(data: guarded.data.path)

            let none = try #require(records["none"])
            #expect(none.input == nil && none.output == nil)

            let full = try #require(records["full"])
            let input = try JSON(parsing: contents.input(of: full))
            #expect(input["question"]?["messages"]?[0]?["content"] == "mail ana@example.org please")
            let output = try contents.output(of: full)
            #expect(try JSON(parsing: output)["content"] == "mail ana@example.org please")
            #expect(try JSON(parsing: output)["tokens"] == [1, 2, 3])

            let hash = try #require(records["hash"])
            #expect(hash.input?.form == .hash && hash.output?.form == .hash)
            #expect(contents.isOutput(output, of: hash) == true)
            #expect(contents.isOutput(output + " ", of: hash) == false)

            let masked = try #require(records["masked"])
            #expect(masked.input?.form == .masked && masked.output?.form == .masked)
            let maskedInput = try contents.input(of: masked)
            #expect(maskedInput.contains("mail [EMAIL] please") && !maskedInput.contains("ana@"))
            let maskedOutput = try JSON(parsing: contents.output(of: masked))
            // Tokens would say what the text does not.
            #expect(maskedOutput["content"] == "mail [EMAIL] please" && maskedOutput["tokens"] == [])
            #expect(masked.details?["input_altered"] == true && masked.details?["output_altered"] == true)
            #expect(full.details?["input_altered"] == nil)
        }
    }

    @Test func whatIsBlockedIsRecordedWithItsVerdict() async throws {
        try await TrailServing.run {
            TrailServing.keepAll(&$0)
            $0.content.privacy.request.kinds = ["bank_card": .block]
        } _: { guarded in
            #expect(try await guarded.ask("pay with 4111 1111 1111 1111").status == 403)
            let record = try #require(try guarded.records().first)
            #expect(record.outcome == "blocked" && record.details?["code"] == "content_blocked")
            #expect(record.verdicts?["privacy_request"]?["kinds"]?["bank_card"] == 1)
            #expect(record.input?.form == .full && record.output == nil)
        }
    }
}
