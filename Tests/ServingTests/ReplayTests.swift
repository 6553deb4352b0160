import Foundation
import HadalAudit
import HadalJSON
import HadalWire
import Logging
import TestSupport
import Testing

@testable import HadalGateway

/// A recorded question asked again, before a scripted model: what is told of the answer, and what cannot be replayed.
@Suite struct ReplayTests {
    private let directory: TemporaryDirectory
    private let backend = ScriptedBackend()

    init() throws { directory = try TemporaryDirectory() }

    private static func question(_ change: (inout WorkerRequest) -> Void = { _ in }) -> WorkerRequest {
        var request = WorkerRequest(id: "chatcmpl-1", prompt: .plain(.text("one two three four")))
        request.sampling.seed = .max
        request.tenant = "acme"
        request.priority = 5
        request.startSeconds = 3
        change(&request)
        return request
    }

    private static func input(_ request: WorkerRequest = question()) -> String {
        JSON.object(.init([("question", request.json)])).text
    }

    /// What the model answers, changed.
    private static func answer(_ change: (inout Exchange.Answer) -> Void = { _ in }) -> Exchange.Answer {
        var answer = Exchange.Answer()
        answer.choice.content = "one two three four"
        answer.tokens = [1, 2, 3, 4]
        change(&answer)
        return answer
    }

    private static func output(_ change: (inout Exchange.Answer) -> Void = { _ in }) -> String {
        answer(change).json.text
    }

    /// The record as the trail gives it, and the texts that it refers to.
    private func recorded(
        input: AuditText = .full(input()), output: AuditText = .full(output()),
        erases: Bool = false, _ change: (inout AuditRecord) -> Void = { _ in }
    ) async throws -> (record: AuditRecord, contents: AuditContents) {
        var settings = AuditSettings()
        settings.reserve = 0
        settings.log.logLevel = .critical
        let trail = try AuditTrail(data: directory.path, keys: nil, settings: settings)
        var record = AuditRecord(.request, outcome: "ok")
        record.tenant = "acme"
        record.user = "ana"
        record.model = "scripted"
        record.modelDigest = "00ff"
        change(&record)
        let appended = try await trail.append(record, input: input, output: output)
        let sequence = try #require(appended)
        if erases { _ = try await trail.erase(AuditPerson(tenant: "acme", user: "ana")) }
        try await trail.close()
        var query = AuditQuery()
        query.after = sequence - 1
        query.before = sequence + 1
        let found = try AuditSearch(data: directory.path).page(query)
        return (try #require(found.first), try AuditContents(data: directory.path))
    }

    private func replay(
        input: AuditText = .full(input()), output: AuditText = .full(output()),
        _ change: (inout AuditRecord) -> Void = { _ in }
    ) async throws -> ReplayResult {
        let (record, contents) = try await recorded(input: input, output: output, change)
        return try await Replay(record, contents: contents).run { try await backend.generate($0) }
    }

    private func refusal(
        input: AuditText = .full(input()), output: AuditText = .full(output()), erases: Bool = false,
        _ change: (inout AuditRecord) -> Void = { _ in }
    ) async throws -> String? {
        let (record, contents) = try await recorded(input: input, output: output, erases: erases, change)
        do throws(ReplayRefusal) {
            _ = try Replay(record, contents: contents)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func theSameAnswerIsIdentical() async throws {
        let result = try await replay()
        #expect(result == .identical(tokens: 4, isPart: false))
        #expect(result.description == "identical: 4 tokens")
        #expect(result.json["result"] == "identical" && result.json["tokens"] == 4)
    }

    @Test func whatTheClientGotInsteadDoesNotCount() async throws {
        #expect(try await replay(output: .full(Self.output { $0.sent = "one ***" })).isIdentical)
    }

    @Test func anotherAnswerIsToldByItsFirstTokenAndText() async throws {
        let other = Self.output {
            $0.choice.content = "one two 3 four"
            $0.tokens = [1, 2, 9, 4]
        }
        guard case .differs(let difference) = try await replay(output: .full(other)) else {
            Issue.record("it is another")
            return
        }
        #expect(difference.token == 3 && difference.part == "content")
        #expect(difference.recorded == "one two 3 four" && difference.now == "one two three four")
        #expect(difference.description.hasPrefix("differs from token 3 on, in content\n"))
    }

    @Test(arguments: ["reasoning", "finish", "call 1", "tokens", "more tokens", "bytes"])
    func everyPartCounts(part: String) async throws {
        let other = Self.output {
            switch part {
            case "reasoning": $0.choice.reasoning = "Hm."
            case "finish": $0.choice.finish = .length
            case "call 1": $0.choice.calls = [.init(index: 0, name: "f", arguments: "{}")]
            case "tokens": $0.tokens[3] = 5
            case "more tokens": $0.tokens.append(5)
            default: break
            }
        }
        let question = part == "bytes" ? Self.question { $0.prompt = .plain(.text("caf\u{E9}")) } : Self.question()
        let output =
            part == "bytes"
            ? Self.output {
                $0.choice.content = "cafe\u{301}"
                $0.tokens = [1]
            } : other
        let result = try await replay(input: .full(Self.input(question)), output: .full(output))
        guard case .differs(let difference) = result else {
            Issue.record("it is another: \(result)")
            return
        }
        switch part {
        case "tokens": #expect(difference.token == 4 && difference.recorded == "1 2 3 5" && difference.part == part)
        case "more tokens": #expect(difference.token == 5 && difference.part == "tokens")
        case "bytes": #expect(difference.token == nil && difference.part == "content")
        default: #expect(difference.part == part && difference.token == nil)
        }
    }

    @Test(arguments: ["blocked", "cancelled", "failed"])
    func anAnswerThatWasEndedIsComparedAsFarAsItCame(outcome: String) async throws {
        let part = Self.output {
            $0.choice.content = "one two"
            $0.tokens = [1, 2]
            $0.choice.finish = .contentFilter
        }
        #expect(try await replay(output: .full(part)) { $0.outcome = outcome } == .identical(tokens: 2, isPart: true))
        let other = Self.output {
            $0.choice.content = "one 2"
            $0.tokens = [1, 2]
        }
        #expect(try await !replay(output: .full(other)) { $0.outcome = outcome }.isIdentical)
    }

    @Test func whoseQuestionItWasAndHowLongItMightWaitDoNotMatter() async throws {
        let (record, contents) = try await recorded()
        let replay = try Replay(record, contents: contents)
        let question = replay.question
        #expect(question.tenant.isEmpty && question.priority == 0 && question.startSeconds == nil)
        #expect(question.sampling.seed == .max && question.prompt == Self.question().prompt)
    }

    @Test func anotherModelIsRefused() async throws {
        let (record, contents) = try await recorded()
        let replay = try Replay(record, contents: contents)
        #expect(try replay.checkModel(digest: "00ff"))
        #expect {
            _ = try replay.checkModel(digest: "ff00")
        } throws: { error in
            "\(error)" == "the model is another: recorded 00ff, now ff00"
        }
        let (unknown, texts) = try await recorded { $0.modelDigest = nil }
        #expect(try !Replay(unknown, contents: texts).checkModel(digest: "ff00"))
    }

    @Test func aHashTellsWhetherTheAnswerIsTheSame() async throws {
        #expect(try await replay(output: .hash(Self.output())) == .identical(tokens: 4, isPart: false))
        #expect(try await replay(output: .hash(Self.output { $0.tokens[0] = 7 })) == .otherHash)
    }

    @Test func aMaskedAnswerInWhichNothingWasMaskedIsCompared() async throws {
        #expect(try await replay(output: .masked(Self.output())).isIdentical)
        #expect(try await replay(input: .masked(Self.input())).isIdentical)
        // Only what the client got instead was.
        let sent = try await replay(output: .masked(Self.output())) { $0.details = ["output_altered": true] }
        #expect(sent.isIdentical)
        let other = Self.output { $0.tokens[1] = 7 }
        #expect(try await !replay(output: .masked(other)).isIdentical)
    }

    @Test func whatWasNotKeptCannotBeReplayed() async throws {
        let cases: [(AuditText, AuditText, String)] = [
            (.none, .full(Self.output()), "the input of record 2 was not kept"),
            (.hash(Self.input()), .full(Self.output()), "was kept as a hash only"),
            (.full(Self.input()), .none, "was not kept"),
            (.masked(#"{"prompt":"x"}"#), .full(Self.output()), "has no question"),
            (.full(#"{"question":{"inputs":["a"]}}"#), .full(Self.output()), "embeddings"),
            (.full(#"{"question":{"id":"x"}}"#), .full(Self.output()), "another version"),
            (.full("text"), .full(Self.output()), "no JSON"), (.full(Self.input()), .full("[]"), "no answer"),
            (.full(Self.input(Self.question { $0.sampling.seed = nil })), .full(Self.output()), "has no seed"),
        ]
        for (input, output, reason) in cases {
            try? FileManager.default.removeItem(atPath: directory.file("audit"))
            let said = try await refusal(input: input, output: output)
            #expect(said?.contains(reason) == true, "\(reason): \(said ?? "replayed")")
        }
        for output in [AuditText.full(Self.output()), .hash(Self.output())] {
            let said = try await refusal(output: output, erases: true)
            #expect(said?.contains("was erased") == true, "\(said ?? "replayed")")
        }
    }

    @Test func whatTheModelWasNotAskedCannotBeReplayed() async throws {
        let blocked = try await refusal {
            $0.outcome = "blocked"
            $0.details = ["code": "content_blocked"]
        }
        #expect(blocked?.contains("before the model was asked") == true)
        #expect(try await refusal { $0.outcome = "review" }?.contains("before the model was asked") == true)
        #expect(try await refusal { $0.details = ["input_altered": true] }?.contains("was masked") == true)
        let masked = Self.output {
            $0.choice.content = "one ***"
            $0.tokens = []
        }
        let altered = try await refusal(output: .masked(masked)) { $0.details = ["output_altered": true] }
        #expect(altered?.contains("answer was masked") == true)
        let none = try await refusal(output: .full(Self.output { $0.tokens = [] })) { $0.outcome = "failed" }
        #expect(none?.contains("no answer (failed)") == true)
        let hash = try await refusal(output: .hash(Self.output())) { $0.outcome = "cancelled" }
        #expect(hash?.contains("only its hash") == true)
        #expect(try await refusal { $0.kind = .act }?.contains("no request") == true)
    }
}
