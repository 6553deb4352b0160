import HadalClient
import HadalWire

/// Finds out how many tokens a word of our texts is to a model, so that prompts are about as long as they are to be.
enum Calibration {
    /// - Throws: `LoadError.noAnswer`, `CancellationError`.
    static func text(_ client: HadalClient, _ model: String) async throws -> PromptText {
        var text = PromptText()
        let counts = [16, 216]
        var tokens: [Int] = []
        for count in counts {
            var call = ChatCall(
                model: model,
                messages: [ChatMessage(role: .user, content: text.text(tokens: count, number: UInt64(count)))])
            call.maximumTokens = 1
            do { tokens.append(try await client.answer(call).usage.promptTokens) } catch {
                try Task.checkCancellation()
                throw LoadError.noAnswer(problem: "\(error)")
            }
        }
        // The template's own tokens are in both. A server that counts none leaves a word to be one.
        let perWord = Double(tokens[1] - tokens[0]) / Double(counts[1] - counts[0])
        if perWord > 0.5, perWord < 10 { text.tokensPerWord = perWord }
        return text
    }
}
