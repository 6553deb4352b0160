import HadalClient
import HadalWire

/// A question, and how long its answer may get.
struct Question: Sendable {
    var messages: [ChatMessage]
    var answerTokens: Int
}

/// Makes questions, one after the other; the same seed makes the same ones.
struct QuestionSource: Sendable {
    private let workload: Workload
    private let text: PromptText
    private var random: SeededGenerator

    /// - Parameter stream: a number for each client, so that clients ask different things.
    init(_ workload: Workload, _ text: PromptText, stream: UInt64) {
        (self.workload, self.text) = (workload, text)
        // Not the sum of both: neighbours' numbers would be the same ones, one later.
        var mixer = SeededGenerator(seed: stream)
        random = SeededGenerator(seed: workload.seed ^ mixer.next())
    }

    /// The first question of a conversation.
    mutating func next() -> Question { Question(messages: opening + [user(random.next())], answerTokens: answer()) }

    /// What is asked after an answer.
    mutating func next(after question: Question, _ answer: ChatMessage) -> Question {
        Question(
            messages: question.messages + [answer, user(random.next())], answerTokens: self.answer())
    }

    /// As it was recorded.
    mutating func next(_ entry: LoadTrace.Entry) -> Question {
        let tokens = min(entry.promptTokens, workload.tokensMax)
        let content: String
        if entry.blocks.isEmpty {
            content = text.text(tokens: tokens, number: random.next())
        } else {
            let whole = (0..<(tokens + LoadTrace.blockTokens - 1) / LoadTrace.blockTokens).map { index in
                // What is beyond what was recorded is nobody else's.
                let number = index < entry.blocks.count ? UInt64(bitPattern: Int64(entry.blocks[index])) : random.next()
                let rest = tokens - index * LoadTrace.blockTokens
                return text.text(tokens: min(rest, LoadTrace.blockTokens), number: number)
            }
            content = whole.joined(separator: " ")
        }
        return Question(
            messages: [ChatMessage(role: .user, content: content)],
            answerTokens: min(entry.answerTokens, workload.tokensMax))
    }

    private var opening: [ChatMessage] {
        guard workload.sharedTokens > 0 else { return [] }
        return [ChatMessage(role: .system, content: text.text(tokens: workload.sharedTokens, number: workload.seed))]
    }

    private mutating func user(_ number: UInt64) -> ChatMessage {
        ChatMessage(role: .user, content: text.text(tokens: workload.prompt.drawn(&random), number: number))
    }

    private mutating func answer() -> Int { workload.answer.drawn(&random) }
}
