import Foundation
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

@testable import HadalAccess

/// `/metrics` of a gateway that is asked this and that.
@Suite(.timeLimit(.minutes(15))) struct MetricsTests {
    // MARK: requests

    @Test func requestsAreCountedByRouteTenantAndStatus() async throws {
        try await Serving.run { serving in
            for _ in 0..<2 { _ = try await serving.chat("") }
            _ = try await serving.post("/v1/chat/completions", #"{"model":"scripted"}"#)
            for path in ["/v1/models/scripted", "/v1/models/secret-name", "/there-is/nothing"] {
                _ = try await serving.get(path)
            }
            let scrape = try await serving.get("/metrics")
            #expect(scrape.status == 200)
            #expect(scrape.headers["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            let requests = "hadal_http_requests_total"
            #expect(scrape.value(requests + #"{route="chat",tenant="default",status="200"}"#) == 2)
            #expect(scrape.value(requests + #"{route="chat",tenant="default",status="400"}"#) == 1)
            #expect(scrape.value(requests + #"{route="model",tenant="default",status="200"}"#) == 1)
            #expect(scrape.value(requests + #"{route="model",tenant="default",status="404"}"#) == 1)
            #expect(scrape.value(requests + #"{route="none",tenant="",status="404"}"#) == 1)
            #expect(scrape.value(#"hadal_http_request_seconds_count{route="chat"}"#) == 3)
            #expect(!scrape.body.contains("secret-name") && !scrape.body.contains("there-is"))
            // It is counted itself, and asks for nothing else.
            let again = try await serving.get("/metrics")
            #expect(again.value(requests + #"{route="metrics",tenant="default",status="200"}"#) == 1)
            #expect(again.value("hadal_requests_in_progress") == 0)
        }
    }

    @Test func aStreamIsCountedWhenItHasEndedHoweverItDoes() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(ScriptedBackend(script: endless.script)) { serving in
            let connection = try RawConnection(port: serving.port)
            let body = #"{"model":"scripted","messages":[{"role":"user","content":"hi"}],"stream":true}"#
            await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let begun = await connection.read(until: "word")
            #expect(begun.contains("word"))
            let series = #"hadal_http_requests_total{route="chat",tenant="default",status="200"}"#
            let during = try await serving.get("/metrics")
            #expect(during.value(series) == nil && during.value("hadal_requests_in_progress") == 1)
            connection.reset()
            // The suite's time limit ends a wait in vain.
            while try await serving.get("/metrics").value(series) != 1 {}
            let cancelled = #"hadal_generations_total{tenant="default",model="scripted",outcome="cancelled"}"#
            while try await serving.get("/metrics").value(cancelled) != 1 {}
        }
    }

    // MARK: models

    @Test func tokensAndOutcomesAreCountedByModel() async throws {
        let backend = ScriptedBackend { request throws(WorkerFailure) in
            let usage = Usage(promptTokens: 100, cachedTokens: 64, completionTokens: 7, reasoningTokens: 2)
            let end: WorkerEvent =
                ScriptedBackend.text(of: request) == "fail"
                ? .failed(WorkerFailure(.deadlineExceeded, "too late"))
                : .finished(GenerationSummary(finish: .stop, usage: usage))
            return ScriptedBackend.stream([.said("yes"), end])
        }
        try await Serving.run(backend) { serving in
            for members in ["", #","stream":true"#] { _ = try await serving.chat(members) }
            let failed = try await serving.chat("", #"[{"role":"user","content":"fail"}]"#)
            #expect(failed.status == 503)
            let embedded = try await serving.post("/v1/embeddings", #"{"model":"scripted","input":["a","b"]}"#)
            #expect(embedded.status == 200)
            let scrape = try await serving.get("/metrics")
            let labels = #"{tenant="default",model="scripted""#
            for (kind, number) in [("prompt", 202.0), ("cached", 128), ("completion", 15), ("reasoning", 4)] {
                #expect(scrape.value("hadal_tokens_total\(labels),kind=\"\(kind)\"}") == number, "\(kind)")
            }
            #expect(scrape.value("hadal_generations_total\(labels),outcome=\"ok\"}") == 2)
            #expect(scrape.value("hadal_generations_total\(labels),outcome=\"failed\"}") == 1)
            #expect(scrape.value("hadal_embeddings_total\(labels),outcome=\"ok\"}") == 1)
            #expect(scrape.value(#"hadal_time_to_first_token_seconds_count{model="scripted"}"#) == 3)
            #expect(scrape.value(#"hadal_generation_seconds_count{model="scripted"}"#) == 2)
            #expect(scrape.value(#"hadal_worker_ready{model="scripted"}"#) == 1)
        }
    }

    @Test func theEnginesFiguresAreAmongThem() async throws {
        var figures = EngineFigures()
        figures.sequencesWaiting = 3
        figures.generatedTokens = 12
        figures.secondsBetweenStarts = 0.25
        try await Serving.run(ScriptedBackend(figures: figures)) { serving in
            var scrape = try await serving.get("/metrics")
            // A worker that does not answer within a second is left out: on a busy machine that happens.
            while scrape.value(#"hadal_engine_sequences_waiting{model="scripted"}"#) == nil {
                scrape = try await serving.get("/metrics")
            }
            #expect(scrape.value(#"hadal_engine_sequences_waiting{model="scripted"}"#) == 3)
            #expect(scrape.value(#"hadal_engine_generated_tokens_total{model="scripted"}"#) == 12)
            #expect(scrape.value(#"hadal_engine_start_interval_seconds{model="scripted"}"#) == 0.25)
        }
    }

    // MARK: contents

    @Test func verdictsAndWhatWasFoundAreCounted() async throws {
        try await Serving.run {
            try! $0.set {
                $0.content.privacy.request.action = .mask
                $0.content.privacy.request.kinds = ["bank_card": .block]
            }
        } _: { serving in
            let mails = #"[{"role":"user","content":"write to anna@example.org and to bob@example.org"}]"#
            let masked = try await serving.chat("", mails)
            let refused = try await serving.chat("", #"[{"role":"user","content":"4111 1111 1111 1111"}]"#)
            #expect(masked.status == 200 && refused.status == 403)
            let scrape = try await serving.get("/metrics")
            let step = #"hadal_content_verdicts_total{tenant="default",step="privacy_request",action="#
            #expect(scrape.value(step + #""change"}"#) == 1)
            #expect(scrape.value(step + #""block"}"#) == 1)
            let found = #"hadal_personal_data_total{tenant="default",direction="request",kind="#
            #expect(scrape.value(found + #""email"}"#) == 2)
            #expect(scrape.value(found + #""bank_card"}"#) == 1)
            #expect(scrape.value(#"hadal_content_seconds_count{step="privacy_request"}"#) == 2)
            let blocked = #"hadal_generations_total{tenant="default",model="scripted",outcome="blocked"}"#
            #expect(scrape.value(blocked) == 1)
            #expect(!scrape.body.contains("example.org"))
        }
    }

    // MARK: who may see them

    @Test func figuresOfAllTenantsAreForWhoRunsTheServer() async throws {
        try await GuardedServing.run(tenants: ["research"]) { guarded in
            // Nothing is needed while there is no key.
            let open = try await guarded.send(.GET, "/metrics")
            #expect(open.status == 200)
            let reader = try guarded.key(["operator"], scopes: [.viewOperations]).secret
            let user = try guarded.key().secret
            let tenants = try guarded.key(["administrator"], tenant: "research").secret
            let chat = try await guarded.chat(key: try guarded.key(tenant: "research").secret)
            let stranger = try await guarded.send(.GET, "/metrics")
            #expect(chat.status == 200 && stranger.status == 401)
            for key in [user, tenants] {
                let refused = try await guarded.send(.GET, "/metrics", key: key)
                #expect(refused.status == 403 && !refused.body.contains("hadal_"), "\(refused.body)")
            }
            let scrape = try await guarded.send(.GET, "/metrics", key: reader)
            let requests = "hadal_http_requests_total"
            #expect(scrape.value(requests + #"{route="chat",tenant="research",status="200"}"#) == 1)
            #expect(scrape.value(requests + #"{route="metrics",tenant="",status="401"}"#) == 1)
            #expect(scrape.value(requests + #"{route="metrics",tenant="",status="403"}"#) == 2)
            let head = try await guarded.send(.HEAD, "/metrics", key: reader)
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }
}

extension Serving.Answer {
    /// - Parameter series: a metric's name and labels as the text has them.
    func value(_ series: String) -> Double? {
        body.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }
}
