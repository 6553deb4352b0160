import Foundation
import HadalGateway
import Testing

/// The official `openai` client against a scripted model, whose every answer is known.
@Suite(.timeLimit(.minutes(15))) struct OpenAIClientTests {
    @Test(arguments: [
        ["models", "chat", "chat_stream", "resumable"], ["reasoning", "log_probabilities"],
        ["completions", "embeddings"],
        ["errors"], ["responses", "response_stream"],
    ])
    func theClientGetsWhatItExpects(topics: [String]) async throws {
        try await Serving.run { serving in
            try await PythonClient.run(base: serving.base, model: "scripted", topics)
        }
    }

    @Test func langChainGetsWhatItExpects() async throws {
        try await Serving.run { serving in
            try await PythonClient.run(
                "langchain_client.py", base: serving.base, model: "scripted", ["chat", "responses", "embeddings"])
        }
    }

    @Test func theClientRunsBatches() async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                try await PythonClient.run(base: serving.base, model: "scripted", ["batches"])
            }
        }
    }
}

/// The same for models that call tools, and for the official clients of the other protocols.
@Suite(.timeLimit(.minutes(15))) struct ToolClientTests {
    @Test(arguments: [
        ("openai_client.py", ["tools", "tool_stream", "response_tools", "prefix_and_gaps", "tokens"]),
        ("anthropic_client.py", ["messages", "thinking", "stream", "tools", "tool_stream", "errors"]),
        ("langchain_client.py", ["tools"]),
        ("ollama_client.py", ["models", "chat", "generate", "tools", "embeddings", "errors"]),
    ])
    func theClientGetsWhatItExpects(script: String, topics: [String]) async throws {
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.agent)) { serving in
            try await PythonClient.run(script, base: serving.base, model: "scripted", topics)
        }
    }
}
