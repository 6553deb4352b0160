import Testing

/// The official `openai` client against a scripted model, whose every answer is known.
@Suite(.timeLimit(.minutes(3))) struct OpenAIClientTests {
    @Test(arguments: [
        ["models", "chat", "chat_stream"], ["reasoning", "log_probabilities"], ["completions", "embeddings"],
        ["errors"],
    ])
    func theClientGetsWhatItExpects(topics: [String]) async throws {
        try await Serving.run { serving in
            try await PythonClient.run(base: serving.base, model: "scripted", topics)
        }
    }
}
