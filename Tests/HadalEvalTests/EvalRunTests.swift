import Foundation
import HadalClient
import HadalJSON
import Hummingbird
import Synchronization
import Testing

@testable import HadalEval

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Against a real server that answers by rule.
@Suite(.timeLimit(.minutes(15)))
struct EvalRunTests {
    private static func serving(
        _ answer: @escaping @Sendable (JSON) -> String?, _ body: (HadalClient) async throws -> Void
    ) async throws {
        let router = Router()
        router.post("/v1/chat/completions") { request, _ in
            let json = try JSON(parsing: Array(buffer: try await request.body.collect(upTo: 1 << 22)))
            guard let text = answer(json) else { return Response(status: .internalServerError) }
            let reply: JSON = [
                "choices": [["message": ["content": .string(text)], "finish_reason": "stop"]],
                "usage": ["prompt_tokens": 3, "completion_tokens": 5],
            ]
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: reply.text)))
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress!.port!) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let number = try #require(await ports.first { _ in true })
            try await body(HadalClient(URL(string: "http://127.0.0.1:\(number)")!))
            group.cancelAll()
        }
    }

    private static let suite = """
        name: s
        scenarios:
          - name: words
            category: c
            items:
              - {ask: good, grade: [{exact: good}]}
              - {ask: bad, grade: [{exact: good}]}
              - {ask: fails, grade: [{exact: good}]}
              - {turns: [first, second], grade: [{exact: "second, after first and its answer"}]}
          - name: boxes
            category: c
            labels: [a, b]
            items: [{ask: a, label: a}, {ask: b, label: b}, {ask: a, label: b}, {ask: neither, label: b}]
          - name: same
            category: c
            consistency: true
            items: [{ask: good, grade: [{lacks: [z]}]}, {ask: good, grade: [{lacks: [z]}]}, {ask: bad, grade: [{lacks: [z]}]}]
          - name: judged
            category: c
            items: [{ask: polite, grade: [{judge: is it polite}]}, {ask: rude, grade: [{judge: is it polite}]}]
        """

    private static func answer(_ json: JSON) -> String? {
        let messages = json["messages"]?.array ?? []
        let last = messages.last?["content"]?.string ?? ""
        if json["model"] == "judge" {
            return last.contains("assistant: polite")
                ? #"{"reason":"fine","yes":true}"# : #"{"reason":"it is rude","yes":false}"#
        }
        if last == "fails" { return nil }
        if last == "second" {
            return messages.count == 3 ? "second, after \(messages[0]["content"]?.string ?? "") and its answer" : "lost"
        }
        return last
    }

    private static func run(judge: String? = nil) async throws -> EvalResult {
        let found = Mutex<EvalResult?>(nil)
        try await serving(answer) { client in
            var options = EvalRun.Options()
            options.judge = judge
            let suite = try EvalSuite(text: suite, file: "s")
            let result = await EvalRun(client, model: "m", options).run(suite)
            found.withLock { $0 = result }
        }
        return try #require(found.withLock { $0 })
    }

    @Test func itemsPassOrSayWhyNot() async throws {
        let result = try await Self.run(judge: "judge")
        #expect(result.scenarios[0].items.map(\.hasPassed) == [true, false, false, true])
        #expect(result.scenarios[0].items[2].problems[0].contains("500"))
        #expect(result.scenarios[1].items.map(\.hasPassed) == [true, true, false, false])
        #expect(result.scenarios[1].confusion == [[1, 0, 0], [1, 1, 1]])
        // a: 1 of 2 said, all of 1; b: 1 of 1 said, 1 of 3.
        let wanted: Double = (2 / 3.0 + 0.5) / 2
        let macroF1 = try #require(result.scenarios[1].macroF1)
        #expect(abs(macroF1 - wanted) < 1e-9)
        #expect(result.scenarios[2].items.map(\.hasPassed) == [true, true, false])
        #expect(result.scenarios[3].items.map(\.hasPassed) == [true, false])
        #expect(result.scenarios[3].items[1].problems[0].contains("it is rude"))
        #expect(result.passed == 7 && result.items == 13)
        #expect(try EvalResult(try JSON(parsing: result.json.text), file: "r") == result.withoutFractions)
    }

    @Test func withoutAJudgeThereAreOpenQuestions() async throws {
        let result = try await Self.run()
        #expect(result.scenarios[3].items.map(\.open) == [["is it polite"], ["is it polite"]])
        #expect(EvalReport.text(result, nil).contains("2 not judged"))
    }

    @Test func reportsAreWellFormed() async throws {
        var result = try await Self.run()
        result.scenarios[0].items[1].answer = "<b>&\u{1}"
        let junit = XMLParser(data: Data(EvalReport.junit(result).utf8))
        #expect(junit.parse(), "\(String(describing: junit.parserError))")
        let page = EvalReport.html(result, Baseline(result, result)).replacing(/<meta [^>]*>/, with: "")
            .replacing("<!doctype html>", with: "")
        let html = XMLParser(data: Data(page.utf8))
        #expect(html.parse(), "\(String(describing: html.parserError))")
        #expect(page.contains("&lt;b&gt;&amp;"))
    }

    /// 1 better and 9 worse: p = 2 (1 + 10) / 1024, by hand.
    @Test func aRunIsComparedItemByItem() async throws {
        var before = try await Self.run()
        before.scenarios = [before.scenarios[0]]
        before.scenarios[0].items = (0..<12).map { EvalResult.Item(answer: "", problems: $0 == 0 ? ["x"] : []) }
        var now = before
        for index in 0..<12 { now.scenarios[0].items[index].problems = index == 0 || index > 9 ? [] : ["x"] }
        let baseline = Baseline(before, now)
        #expect((baseline.better, baseline.worse.count, baseline.compared) == (["words[0]"], 9, 12))
        #expect(abs(baseline.pValue - 22 / 1024.0) < 1e-12 && baseline.isRegression)
        #expect(Baseline(now, before).isRegression == false && Baseline(now, now).pValue == 1)
    }
}

extension EvalResult {
    /// As the file has it.
    fileprivate var withoutFractions: EvalResult {
        var result = self
        result.started = Date(timeIntervalSince1970: started.timeIntervalSince1970.rounded(.down))
        return result
    }
}
