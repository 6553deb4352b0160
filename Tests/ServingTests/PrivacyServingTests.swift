import Foundation
import HadalAccess
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalPrivacy
import HadalWire
import NIOHTTP1
import Testing

/// Personal data on their way to a model and back.
@Suite(.timeLimit(.minutes(15))) struct PrivacyServingTests {
    private static func masking(_ configuration: inout GatewayConfiguration) {
        try! configuration.set { $0.content.privacy.request.action = .mask }
    }

    private static let question = #"[{"role":"user","content":"write to anna@example.org and to bob@example.org"}]"#

    @Test func theModelSeesPlaceholdersAndTheClientItsValues() async throws {
        let asked = Asked()
        try await Serving.run(asked.backend(), configure: Self.masking) { serving in
            let whole = try await serving.chat("", Self.question)
            #expect(whole.content == "write to anna@example.org and to bob@example.org")
            #expect(whole.headers.first(name: "x-hadal-content") == "privacy_request=change;email=2")
            let stream = try await serving.chat(#","stream":true"#, Self.question)
            #expect(stream.streamed == "write to anna@example.org and to bob@example.org")
        }
        #expect(asked.texts == Array(repeating: "write to [EMAIL_1] and to [EMAIL_2]", count: 2))
    }

    /// The last message says where the model cuts its answer in two.
    @Test(arguments: 0...22) func aPlaceholderIsRestoredWhereverTheAnswerIsCut(cut: Int) async throws {
        let backend = ScriptedBackend { _ throws(WorkerFailure) in
            let text = "mail \"[EMAIL_1]\" now."
            let place = text.index(text.startIndex, offsetBy: min(cut, text.count))
            return ScriptedBackend.stream([.said(String(text[..<place])), .said(String(text[place...])), .done(.stop)])
        }
        try await Serving.run(backend, configure: Self.masking) { serving in
            let answer = try await serving.chat(#","stream":true"#, Self.question)
            #expect(answer.streamed == "mail \"anna@example.org\" now.")
        }
    }

    @Test func valuesInCallsAreRestoredAsJSON() async throws {
        let asked = Asked()
        let backend = asked.backend(ScriptedBackend.agent)
        let message = #"[{"role":"user","content":"look up anna@example.org"}]"#
        let tools = #","tools":[{"type":"function","function":{"name":"find"}}]"#
        try await Serving.run(backend, configure: Self.masking) { serving in
            let answer = try await serving.chat(tools, message)
            let call = answer.json["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"]
            #expect(call?["arguments"] == #"{"city": "anna@example.org"}"#)
        }
        #expect(asked.texts == ["look up [EMAIL_1]"])
    }

    @Test func textThatLooksLikeAPlaceholderStaysItself() async throws {
        let message = #"[{"role":"user","content":"is [EMAIL_1] for anna@example.org"}]"#
        try await Serving.run(configure: Self.masking) { serving in
            let answer = try await serving.chat("", message)
            #expect(answer.content == "is [EMAIL_1] for anna@example.org")
        }
    }

    @Test func blockedKindsReachNoModel() async throws {
        let asked = Asked()
        try await Serving.run(asked.backend()) {
            try! $0.set { $0.content.privacy.request.kinds = ["bank_card": .block] }
        } _: { serving in
            let card = "4111 1111 1111 1111"
            let chat = try await serving.chat("", #"[{"role":"user","content":"pay with \#(card)"}]"#)
            #expect(chat.status == 403 && chat.errorCode == "content_blocked", "\(chat.body)")
            #expect(!chat.body.contains("4111"))
            let messages = try await serving.post(
                "/anthropic/v1/messages",
                #"{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":"pay with \#(card)"}]}"#)
            #expect(messages.status == 403 && messages.json["type"] == "error", "\(messages.body)")
            let ollama = try await serving.post(
                "/api/chat",
                #"{"model":"scripted","messages":[{"role":"user","content":"pay with \#(card)"}]}"#)
            #expect(ollama.status == 403 && ollama.json["error"]?.string != nil, "\(ollama.body)")
            let embedding = try await serving.post(
                "/v1/embeddings", #"{"model":"scripted","input":["pay with \#(card)"]}"#)
            #expect(embedding.status == 403, "\(embedding.body)")
            let allowed = try await serving.chat("", #"[{"role":"user","content":"write to anna@example.org"}]"#)
            #expect(allowed.status == 200)
        }
        #expect(asked.texts == ["write to anna@example.org"])
    }

    @Test func answersAreRedactedAndGiveNothingAwayByTheirTokens() async throws {
        let backend = ScriptedBackend(script: ScriptedBackend.says(["Call 13912", "345678", " today."]))
        try await Serving.run(backend) {
            try! $0.set { $0.content.privacy.response.action = .redact }
        } _: { serving in
            let whole = try await serving.chat(#","logprobs":true"#)
            #expect(whole.content == "Call [PHONE] today.")
            #expect(!whole.body.contains("345678"))
            let stream = try await serving.chat(#","stream":true"#)
            #expect(stream.streamed == "Call [PHONE] today.")
            #expect(!stream.body.contains("13912"))
        }
    }

    @Test func anAnswerEndsBeforeWhatMayNotBeGivenOut() async throws {
        let backend = ScriptedBackend(
            script: ScriptedBackend.says(["The card is ", "4111 1111 1111", " 1111", " and more."]))
        try await Serving.run(backend) {
            try! $0.set { $0.content.privacy.response.kinds = ["bank_card": .block] }
        } _: { serving in
            let whole = try await serving.chat("")
            #expect(whole.finish == "content_filter" && !whole.body.contains("4111"), "\(whole.body)")
            let stream = try await serving.chat(#","stream":true"#)
            #expect(stream.streamedFinish == "content_filter" && !stream.body.contains("1111"), "\(stream.body)")
        }
    }

    @Test func aTenantHasItsOwnPolicy() async throws {
        let asked = Asked()
        try await GuardedServing.run(asked.backend(), tenants: ["clinic"]) {
            try! $0.set { settings in
                var clinic = TenantContentSettings()
                clinic.tenant = "clinic"
                clinic.content.privacy.request.action = .redact
                settings.tenantContent = [clinic]
            }
        } _: { guarded in
            let message: JSON = [["role": "user", "content": "write to anna@example.org"]]
            for tenant in [nil, "clinic"] {
                let key = try guarded.key(tenant: tenant).secret
                let answer = try await guarded.chat(key: key, [("messages", message)])
                #expect(answer.status == 200, "\(answer.body)")
                #expect(answer.headers.first(name: "x-hadal-content") == nil)
            }
        }
        #expect(asked.texts == ["write to anna@example.org", "write to [EMAIL]"])
    }

    @Test func aDryRunOnlyTells() async throws {
        let asked = Asked()
        try await Serving.run(asked.backend()) {
            try! $0.set {
                $0.content.dryRun = true
                $0.content.privacy.request.action = .block
                $0.content.privacy.response.action = .redact
            }
        } _: { serving in
            let answer = try await serving.chat("", Self.question)
            #expect(answer.content == "write to anna@example.org and to bob@example.org")
            #expect(
                answer.headers.first(name: "x-hadal-content")
                    == "privacy_request=block;email=2, privacy_response=change;email=2, dry_run")
        }
        #expect(asked.texts == ["write to anna@example.org and to bob@example.org"])
    }

    /// Token ids say as much as text does. The scripted model's ids are the words they stand for.
    @Test func promptsOfTokensAreReadToo() async throws {
        let prompt = #"{"model":"scripted","prompt":[1391234,567],"max_tokens":3}"#
        let input = #"{"model":"scripted","input":[1391234,567]}"#
        let asked = Asked()
        try await Serving.run(asked.backend()) {
            try! $0.useRules(
                """
                  - id: number
                    when: {regex: '1391234 567'}
                    action: replace
                    with: "[number]"
                """)
        } _: { serving in
            let answer = try await serving.post("/v1/completions", prompt)
            #expect(answer.json["choices"]?[0]?["text"] == "[number]", "\(answer.body)")
        }
        #expect(asked.all.map(\.prompt) == [.plain(.text("[number]"))])
        try await Serving.run {
            try! $0.useRules(
                """
                  - id: number
                    when: {regex: '1391234 567'}
                    action: block
                """)
        } _: { serving in
            let refused = try await [serving.post("/v1/completions", prompt), serving.post("/v1/embeddings", input)]
            #expect(refused.map(\.status) == [403, 403], "\(refused.map(\.body))")
        }
    }

    @Test func aBrokenCallIsFilteredAsTheContentItIs() async throws {
        func delta(_ part: GenerationDelta.Part, _ text: String) -> WorkerEvent {
            .delta(GenerationDelta(part: part, text: text, tokens: []))
        }
        let events = [
            delta(.call(index: 0, name: "f"), ""), delta(.call(index: 0, name: nil), "{\"a\": \"13912"),
            delta(.broken(index: 0, whole: "f {\"a\": \"13912345678"), "345678"), delta(.content, " so"), .done(.stop),
        ]
        let backend = ScriptedBackend { _ throws(WorkerFailure) in ScriptedBackend.stream(events) }
        try await Serving.run(backend) {
            try! $0.set { $0.content.privacy.response.action = .redact }
        } _: { serving in
            let answer = try await serving.chat(#","tools":[{"type":"function","function":{"name":"f"}}]"#)
            #expect(answer.content == "f {\"a\": \"[PHONE] so", "\(answer.body)")
        }
    }

    @Test func theKindsOfTheSettingsAreThoseThatAreFound() {
        #expect(PrivacySettings.kinds.sorted() == PersonalDataKind.allCases.map(\.rawValue).sorted())
    }
}
