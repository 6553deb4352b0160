import HadalClient
import HadalWire
import Testing

@testable import HadalLoad

@Suite(.timeLimit(.minutes(15)))
struct WorkloadTests {
    private func words(_ text: String) -> Int { text.split(separator: " ").count }

    @Test func lengthsAreAsTheyAreSaid() {
        var workload = Workload()
        workload.prompt = .init(300)
        workload.sharedTokens = 90
        var text = PromptText()
        text.tokensPerWord = 1.5
        var source = QuestionSource(workload, text, stream: 0)
        let question = source.next()
        #expect(question.messages.map(\.role) == [.system, .user])
        #expect(question.messages.map { words($0.content) } == [60, 200])
        #expect(question.answerTokens == 128)
    }

    @Test func spreadHasItsMedian() {
        var random = SeededGenerator(seed: 3)
        let lengths = (0..<20_001).map { _ in Workload.Length(200, spread: 0.5).drawn(&random) }.sorted()
        #expect(abs(lengths[10_000] - 200) < 6)
        #expect(lengths[5000] > 138 && lengths[5000] < 148)
    }

    @Test func allShareTheBeginningAndNothingElse() {
        var workload = Workload()
        workload.sharedTokens = 50
        var one = QuestionSource(workload, PromptText(), stream: 1)
        var other = QuestionSource(workload, PromptText(), stream: 2)
        let (first, second, third) = (one.next(), one.next(), other.next())
        #expect(first.messages[0] == second.messages[0] && first.messages[0] == third.messages[0])
        #expect(Set([first, second, third].map(\.messages[1].content)).count == 3)
    }

    @Test func aTurnHasAllThatWasSaid() {
        var source = QuestionSource(Workload(), PromptText(), stream: 0)
        let first = source.next()
        let said = ChatMessage(role: .assistant, content: "yes")
        let second = source.next(after: first, said)
        #expect(Array(second.messages.prefix(2)) == first.messages + [said])
        #expect(second.messages.count == 3 && second.messages[2].role == .user)
    }

    /// Prompts whose recorded blocks are alike begin alike, and end where they are to.
    @Test func blocksAreTexts() throws {
        let trace = try LoadTrace(
            text: """
                {"timestamp": 0, "input_length": 1100, "output_length": 6, "hash_ids": [5, 6, 7]}
                {"timestamp": 0, "input_length": 1100, "output_length": 6, "hash_ids": [5, 6, 8]}
                {"timestamp": 0, "input_length": 1100, "output_length": 6, "hash_ids": [4, 6, 7]}
                """, file: "t")
        var workload = Workload()
        var source = QuestionSource(workload, PromptText(), stream: 0)
        let texts = trace.entries.map { source.next($0).messages[0].content.split(separator: " ") }
        #expect(texts.allSatisfy { $0.count == 1100 })
        #expect(texts[0].prefix(1024) == texts[1].prefix(1024))
        #expect(texts[0].suffix(76) != texts[1].suffix(76))
        #expect(texts[0].prefix(10) != texts[2].prefix(10))
        workload.tokensMax = 700
        source = QuestionSource(workload, PromptText(), stream: 0)
        #expect(
            source.next(trace.entries[0]).messages[0].content.split(separator: " ") == texts[0].prefix(700).map { $0 })
    }
}
