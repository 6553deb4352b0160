import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

/// An organisation's own rules on the way of requests and answers.
@Suite(.timeLimit(.minutes(15))) struct RuleServingTests {
    @Test func rulesBlockReplaceAndSendElsewhere() async throws {
        let asked = Asked()
        try await Serving.run(asked.backend()) {
            var other = $0.models[0]
            other.name = "strict"
            $0.models.append(other)
            try! $0.useRules(
                """
                  - id: merger
                    applies: {direction: input}
                    when: {keywords: [project anvil]}
                    action: block
                    message: Nobody speaks of that.
                  - id: name
                    applies: {direction: input}
                    when: {keywords: [Initech]}
                    action: replace
                    with: the client
                  - id: law
                    applies: {direction: input}
                    when: {keywords: [lawsuit]}
                    action: route
                    model: strict
                """)
        } _: { serving in
            let blocked = try await serving.chat("", #"[{"role":"user","content":"when is Project ANVIL due"}]"#)
            #expect(blocked.status == 403 && blocked.body.contains("Nobody speaks of that."), "\(blocked.body)")
            #expect(blocked.headers.first(name: "x-hadal-content") == "rules_request=block;rule=merger")
            let replaced = try await serving.chat("", #"[{"role":"user","content":"greet Initech"}]"#)
            #expect(replaced.content == "greet the client", "\(replaced.body)")
            let routed = try await serving.chat("", #"[{"role":"user","content":"about the lawsuit"}]"#)
            #expect(routed.headers.first(name: "x-hadal-model") == "strict", "\(routed.headers)")
        }
        #expect(asked.texts == ["greet the client", "about the lawsuit"])
    }

    @Test func anAnswerIsEndedWhereARuleSaysSoInEveryProtocol() async throws {
        let backend = ScriptedBackend(
            script: ScriptedBackend.says(["The code is ", "swordf", "ish today", " and on."]))
        try await Serving.run(backend) {
            try! $0.useRules(
                """
                  - id: code
                    applies: {direction: output}
                    when: {keywords: [swordfish]}
                    action: block
                    message: That stays here.
                """)
        } _: { serving in
            let chat = try await serving.chat("")
            #expect(chat.content == "The code is " && chat.finish == "content_filter", "\(chat.body)")
            let stream = try await serving.chat(#","stream":true"#)
            #expect(stream.streamed == "The code is " && stream.streamedFinish == "content_filter", "\(stream.body)")
            let messages = try await serving.post(
                "/anthropic/v1/messages",
                #"{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":"a"}]}"#)
            #expect(messages.json["stop_reason"] == "refusal", "\(messages.body)")
            let responses = try await serving.post("/v1/responses", #"{"model":"scripted","input":"a"}"#)
            #expect(responses.json["incomplete_details"]?["reason"] == "content_filter", "\(responses.body)")
            for answer in [chat, stream, messages, responses] { #expect(!answer.body.contains("sword")) }
        }
    }

    /// What can only be judged at the end goes out at the end.
    @Test func aRuleOnTheWholeAnswerHoldsTheStreamBack() async throws {
        let rule = """
              - id: long
                applies: {direction: output}
                when: {length: {max: 8}}
                action: block
                message: Too short.
            """
        let backend = ScriptedBackend(script: ScriptedBackend.says(["short", " and", " long", " enough"]))
        try await Serving.run(backend) {
            try! $0.useRules(rule)
        } _: { serving in
            let stream = try await serving.chat(#","stream":true"#)
            #expect(stream.streamed == "short and long enough" && stream.streamedFinish == "stop", "\(stream.body)")
        }
        let curt = ScriptedBackend(script: ScriptedBackend.says(["sh", "ort"]))
        try await Serving.run(curt) {
            try! $0.useRules(rule)
        } _: { serving in
            let stream = try await serving.chat(#","stream":true"#)
            #expect(stream.streamed == "" && stream.streamedFinish == "content_filter", "\(stream.body)")
        }
    }

    @Test func rulesSeeWhatTheOthersFound() async throws {
        try await Serving.run {
            try! $0.useRules(
                """
                  - id: many
                    applies: {direction: input}
                    when: {score: pii.email, at_least: 2}
                    action: block
                """
            ) { $0.content.privacy.request.action = .log }
        } _: { serving in
            let one = try await serving.chat("", #"[{"role":"user","content":"a@example.org"}]"#)
            #expect(one.status == 200)
            let two = try await serving.chat("", #"[{"role":"user","content":"a@example.org b@example.org"}]"#)
            #expect(two.status == 403, "\(two.body)")
        }
    }
}
