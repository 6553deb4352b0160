import Foundation
import HadalJSON
import HadalWire
import TestSupport
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamEventReaderTests {
    private let failures = UpstreamFailures(upstream: "up", secrets: ["sk-1"])

    private func reader(
        _ request: WorkerRequest = .toolQuestion(), _ can: UpstreamCapabilities = .all(.vLLM)
    ) throws -> UpstreamEventReader {
        UpstreamEventReader(call: try request.call(can), failures: failures)
    }

    private func read(
        _ chunks: [String], _ request: WorkerRequest = .toolQuestion(), _ can: UpstreamCapabilities = .all(.vLLM)
    ) throws -> [WorkerEvent] {
        var reader = try reader(request, can)
        var events: [WorkerEvent] = []
        for chunk in chunks { events += try reader.read(ServerSentEvent(data: chunk)) }
        if case .failed = events.last { return events }
        return events + (try reader.close(firstTokenSeconds: 1, decodeSeconds: 2))
    }

    private func gathered(_ events: [WorkerEvent]) -> Choice {
        var choice = Choice()
        for event in events {
            if case .delta(let delta) = event { choice.append(delta) }
            if case .finished(let summary) = event { choice.close(summary) }
        }
        return choice
    }

    private func ending(_ events: [WorkerEvent]) -> GenerationSummary? {
        if case .finished(let summary) = events.last { summary } else { nil }
    }

    @Test func anAnswerIsReadWithAllItsParts() throws {
        let events = try read(answerChunks)
        let choice = gathered(events)
        #expect(choice.reasoning == "Hm. ü" && choice.content == "It is so — 是")
        #expect(choice.calls.map(\.name) == ["look", "tell"] && choice.calls.map(\.arguments) == [#"{"a":1}"#, "{}"])
        #expect(choice.calls.map(\.index) == [0, 1])
        let summary = try #require(ending(events))
        #expect(summary.finish == .toolCalls && summary.warnings.isEmpty)
        #expect(summary.firstTokenSeconds == 1 && summary.decodeSeconds == 2)
        #expect(
            summary.usage == Usage(promptTokens: 9, cachedTokens: 3, completionTokens: 4, reasoningTokens: 1))
        guard case .started = events.first else {
            Issue.record("started goes first")
            return
        }
        #expect(events.filter { if case .started = $0 { true } else { false } }.count == 1)
    }

    @Test func startedTellsWhatTheFirstChunkKnows() throws {
        let first = chunk(#"{"content":"a"}"#, usage: #"{"prompt_tokens":17,"completion_tokens":1}"#)
        #expect(try read([first, chunk("{}", finish: "stop")]).first == .started(promptTokens: 17))
        var request = WorkerRequest.text("")
        request.prompt = .plain(.tokens([1, 2, 3]))
        let text = #"{"id":"c","choices":[{"index":0,"text":"a","finish_reason":"stop"}]}"#
        #expect(try read([text], request).first == .started(promptTokens: 3))
    }

    @Test func withoutUsageTokensAreEstimatedAndThatIsSaid() throws {
        let events = try read([
            chunk(#"{"reasoning":"a"}"#), chunk(#"{"content":"b"}"#), chunk(#"{"content":"c"}"#),
            chunk("{}", finish: "stop"), "[DONE]",
        ])
        let summary = try #require(ending(events))
        #expect(summary.usage.completionTokens == 3 && summary.usage.reasoningTokens == 1)
        #expect(summary.usage.promptTokens > 0 && summary.warnings.count == 1)
    }

    @Test func aUsageOfZerosIsNotBelieved() throws {
        let usage = #"{"prompt_tokens":0,"completion_tokens":0}"#
        let last = try read([chunk(#"{"content":"a"}"#), chunk("{}", finish: "stop", usage: usage)])
        #expect(ending(last)?.usage.completionTokens == 1 && ending(last)?.warnings.count == 1)
    }

    @Test func reasonsToEndAreTranslated() throws {
        let reasons: [(String, FinishReason)] = [
            ("stop", .stop), ("eos", .stop), ("length", .length), ("content_filter", .contentFilter),
            ("tool_calls", .stop),
        ]
        for (word, finish) in reasons {
            #expect(try ending(read([chunk(#"{"content":"a"}"#, finish: word)]))?.finish == finish)
        }
        let odd = try #require(ending(try read([chunk(#"{"content":"a"}"#, finish: "tired")])))
        #expect(odd.finish == .stop && odd.warnings.contains { $0.contains("tired") })
        // Ollama ends calls with `stop`.
        let call = chunk(
            #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{}"}}]}"#, finish: "stop")
        #expect(try ending(read([call]))?.finish == .toolCalls)
        for word in ["abort", "insufficient_system_resource"] {
            guard case .failed(let failure) = try read([chunk("{}", finish: word)]).last else {
                Issue.record("\(word) is a failure")
                continue
            }
            #expect(failure.code == .cancelled && failure.message.contains(word))
        }
    }

    @Test func theStopThatEndedItIsToldWhereItWasAskedFor() throws {
        var request = WorkerRequest.question()
        request.stop.texts = ["END"]
        for (member, stop) in [("stop_reason", "END"), ("matched_stop", "END"), ("stop_reason", "other")] {
            let end = chunk(#"{"content":"a"}"#, finish: "stop", more: ",\"\(member)\":\"\(stop)\"")
            #expect(try ending(read([end], request))?.stop == (stop == "END" ? "END" : nil))
        }
        let end = chunk(#"{"content":"a"}"#, finish: "stop", more: #","stop_reason":2"#)
        #expect(try ending(read([end], request))?.stop == nil)
    }

    // MARK: calls

    @Test func callsThatShareANumberAreToldApartByTheirIds() throws {
        let events = try read([
            chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{}"}}]}"#),
            chunk(#"{"tool_calls":[{"index":0,"id":"b","function":{"name":"tell","arguments":"{\"b\":2}"}}]}"#),
            chunk("{}", finish: "tool_calls"),
        ])
        #expect(gathered(events).calls.map(\.name) == ["look", "tell"])
        #expect(gathered(events).calls.map(\.index) == [0, 1])
    }

    @Test func aNameThatIsRepeatedBeginsNothingNew() throws {
        let piece = #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"#
        let events = try read([
            chunk(piece + #""{\"a\":"}}]}"#), chunk(piece + #""1}"}}]}"#), chunk("{}", finish: "tool_calls"),
        ])
        #expect(gathered(events).calls.map(\.arguments) == [#"{"a":1}"#])
    }

    @Test func argumentsThatAreAnObjectBecomeText() throws {
        let call = #"{"tool_calls":[{"id":"a","function":{"name":"look","arguments":{"a":1}}}]}"#
        #expect(gathered(try read([chunk(call, finish: "stop")])).calls.map(\.arguments) == [#"{"a":1}"#])
    }

    @Test func aCallOfNoToolIsWarnedOf() throws {
        let call = #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"rob","arguments":"{}"}}]}"#
        #expect(try ending(read([chunk(call, finish: "stop")]))?.warnings.contains { $0.contains("rob") } == true)
    }

    // MARK: tokens

    @Test func logProbabilitiesOfChatsAreRead() throws {
        var request = WorkerRequest.question()
        request.topLogProbabilities = 1
        let element = """
            {"token":"ü","logprob":-0.5,"bytes":[195,188],"top_logprobs":[{"token":"ü","logprob":-0.5,"bytes":null},\
            {"token":"u","logprob":null}]}
            """
        let more = ",\"logprobs\":{\"content\":[\(element)]},\"token_ids\":[31]"
        let events = try read([chunk(#"{"content":"ü"}"#, finish: "stop", more: more)], request)
        let token = try #require(gathered(events).contentTokens.first)
        #expect(token.id == 31 && token.chosen?.id == 31 && token.chosen?.bytes == [195, 188])
        #expect(token.chosen?.logProbability == -0.5 && token.alternatives.map(\.text) == ["ü"])
    }

    @Test func logProbabilitiesOfCompletionsAreRead() throws {
        var request = WorkerRequest.text("a")
        request.topLogProbabilities = 2
        let text = """
            {"choices":[{"index":0,"text":" b c","finish_reason":"stop","logprobs":{"tokens":[" b"," c"],\
            "token_logprobs":[-1,null],"top_logprobs":[{" x":-3," b":-1," y":-9},null],"text_offset":[0,2]}}]}
            """
        let tokens = gathered(try read([text], request)).contentTokens
        #expect(tokens.map { $0.chosen?.text } == [" b", " c"] && tokens.map(\.id) == [-1, -1])
        #expect(tokens[0].alternatives.map(\.text) == [" b", " x"] && tokens[1].alternatives.isEmpty)
    }

    @Test func withoutWordOfTokensEachPieceIsOne() throws {
        let events = try read([chunk(#"{"content":"a"}"#), chunk(#"{"content":"b"}"#, finish: "stop")])
        #expect(gathered(events).contentTokens.map(\.id) == [-1, -1])
    }

    // MARK: gaps in llama.cpp's own stream

    @Test func theNativeStreamIsRead() throws {
        var request = WorkerRequest(id: "r", prompt: .infill(before: "a", after: "b"))
        request.stop.texts = ["\n\n"]
        let events = try read(
            [
                #"{"index":0,"content":"x","tokens":[5],"stop":false}"#,
                #"{"content":"","tokens":[],"stop":true,"stop_type":"word","stopping_word":"\n\n","tokens_predicted":2,"tokens_evaluated":11}"#,
            ], request, .all(.llamaServer))
        let summary = try #require(ending(events))
        #expect(gathered(events).content == "x" && gathered(events).contentTokens.map(\.id) == [5])
        #expect(summary.stop == "\n\n" && summary.usage == Usage(promptTokens: 11, completionTokens: 2))
    }

    // MARK: errors and lies

    @Test func errorsWithinAStreamAreFailures() throws {
        let errors: [(String, WorkerFailure.Code)] = [
            (#"{"error":{"message":"boom","code":500}}"#, .internal),
            (#"{"error":{"message":"busy","code":429}}"#, .queueFull),
            (
                #"{"error":{"message":"This model's maximum context length is 8 tokens","type":"x"}}"#,
                .contextLengthExceeded
            ),
            (#"{"error":"it broke"}"#, .internal), (#"{"object":"error","message":"no","code":400}"#, .invalidRequest),
        ]
        for (text, code) in errors {
            guard case .failed(let failure) = try read([chunk(#"{"content":"a"}"#), text]).last else {
                Issue.record("\(text) is a failure")
                continue
            }
            #expect(failure.code == code, "\(text)")
        }
    }

    @Test(arguments: [
        ["no JSON"], ["[1]"], ["{}"], ["[DONE]"], [#"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#],
        [chunk(#"{"content":"a"}"#, finish: "stop"), chunk(#"{"content":"b"}"#)],
        [chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#)],
        [chunk(#"{"content":"a"}"#, usage: #"{"prompt_tokens":-1}"#)],
        [chunk(#"{"content":"a"}"#, usage: #"{"completion_tokens":9e15}"#)],
        [
            chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look"}}]}"#),
            chunk(#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"tell"}}]}"#),
            chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{}"}}]}"#),
        ],
    ])
    func whatCannotBeAnAnswerIsNotUnderstood(_ chunks: [String]) throws {
        #expect(throws: UpstreamEventReader.NotUnderstood.self) { try read(chunks) }
    }

    @Test func aCallWithoutToolsIsNotUnderstood() throws {
        let call = chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{}"}}]}"#)
        #expect(throws: UpstreamEventReader.NotUnderstood.self) { try read([call], .question()) }
    }

    @Test func anAnswerThatIsCutBeforeItsEndIsNeverFinished() throws {
        for count in 0..<answerChunks.firstIndex(where: { $0.contains("\"tool_calls\"}") })! {
            #expect(throws: UpstreamEventReader.NotUnderstood.self) { try read(Array(answerChunks[..<count])) }
        }
    }

    /// Members of the chunks replaced by nonsense at random: an answer, a failure or an error, but never a crash.
    @Test func nonsenseIsBorne() throws {
        var random = SplitMix(state: 11)
        let nonsense: [JSON] = [.null, true, -1, 1e300, "x", [], [:], [["a": 1]], ["index": "0"]]
        func spoil(_ json: JSON) -> JSON {
            if Int.random(in: 0..<12, using: &random) == 0 { return nonsense.randomElement(using: &random) ?? .null }
            switch json {
            case .array(let elements): return .array(elements.map(spoil))
            case .object(let object): return .object(JSON.Object(object.members.map { ($0.key, spoil($0.value)) }))
            default: return json
            }
        }
        for _ in 0..<2000 {
            let chunks = try answerChunks.dropLast().map { spoil(try JSON(parsing: $0)).text } + ["[DONE]"]
            do {
                let events = try read(chunks)
                let last = try #require(events.last)
                switch last {
                case .finished, .failed: break
                default: Issue.record("an end is missing: \(chunks)")
                }
            } catch is UpstreamEventReader.NotUnderstood {}
        }
    }
}
