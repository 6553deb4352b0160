import HadalJSON
import HadalWire
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamTokensTests {
    @Test func vectorsComeInTheOrderOfTheirInputs() async throws {
        let body =
            #"{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":"AACAPwAAAEA="}],"usage":{"prompt_tokens":5}}"#
        try await withClient(answer: { _, _ in StubServer.json(200, body) }) { client, server async throws in
            let embeddings = try await client.embed(EmbedRequest(id: "e", inputs: [.text("a"), .tokens([1, 2])]))
            #expect(embeddings.vectors.map(\.floats) == [[1, 2], [3, 4]] && embeddings.promptTokens == 5)
            #expect(server.requests[0].json?["input"] == ["a", [1, 2]])
        }
    }

    @Test(arguments: [
        "[]", "{}", #"{"data":[]}"#, #"{"data":[{"index":0,"embedding":[]}]}"#,
        #"{"data":[{"index":7,"embedding":[1]}]}"#,
        #"{"data":[{"index":0,"embedding":["a"]}]}"#, "no JSON",
    ])
    func whatAreNoVectorsIsLost(_ body: String) async throws {
        try await withClient(answer: { _, _ in StubServer.json(200, body) }) { client, _ async throws in
            let problem = try await loss { _ = try await client.embed(EmbedRequest(id: "e", inputs: [.text("a")])) }
            #expect(problem != nil)
        }
    }

    @Test func embeddingsThatAreNotThereAreRefused() async throws {
        try await withClient(.all(.vLLM).without(.embedding), answer: { _, _ in [] }) { client, server async throws in
            let failure = try await refusal { _ = try await client.embed(EmbedRequest(id: "e", inputs: [])) }
            #expect(failure?.code == .unsupported && server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (
            UpstreamKind.vLLM, "/tokenize",
            #"{"model":"m","prompt":"a b","add_special_tokens":true,"return_token_strs":true}"#,
            #"{"count":2,"tokens":[1,2],"token_strs":["a"," b"]}"#
        ),
        (
            .llamaServer, "/tokenize", #"{"content":"a b","add_special":true,"with_pieces":true}"#,
            #"{"tokens":[{"id":1,"piece":"a"},{"id":2,"piece":[32,98]}]}"#
        ),
        (.llamaCppPython, "/extras/tokenize", #"{"model":"m","input":"a b"}"#, #"{"tokens":[1,2]}"#),
        (
            .sgLang, "/tokenize", #"{"model":"m","prompt":"a b","add_special_tokens":true}"#,
            #"{"tokens":[1,2],"count":2}"#
        ),
    ])
    func tokensAreAskedForInEachServersWords(
        _ kind: UpstreamKind, _ path: String, _ asked: String, _ answer: String
    ) async throws {
        try await withClient(.all(kind), answer: { _, _ in StubServer.json(200, answer) }) {
            client, server async throws in
            let prompt = try await client.tokenize(TokenizeRequest(.text("a b")))
            #expect(prompt.tokens == [1, 2])
            #expect(prompt.texts == (answer.contains("[1,2]}") || kind == .sgLang ? ["", ""] : ["a", " b"]))
            #expect(server.requests[0].path == path && server.requests[0].body == asked)
        }
    }

    @Test func conversationsHaveTokensWhereTheServerRendersThem() async throws {
        let answer = StubServer.json(200, #"{"tokens":[5]}"#)
        try await withClient(.all(.hadal), answer: { _, _ in answer }) { client, server async throws in
            let prompt = try await client.tokenize(TokenizeRequest(.question()))
            #expect(prompt.tokens == [5])
            #expect(server.requests[0].json?["messages"]?[0]?["content"] == "Why?")
        }
        try await withClient(.all(.llamaServer), answer: { _, _ in answer }) { client, server async throws in
            let failure = try await refusal { _ = try await client.tokenize(TokenizeRequest(.question())) }
            #expect(failure?.code == .unsupported && server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (UpstreamKind.vLLM, "/detokenize", #"{"prompt":"ab"}"#), (.sgLang, "/detokenize", #"{"text":"ab"}"#),
        (.llamaServer, "/detokenize", #"{"content":"ab"}"#), (.llamaCppPython, "/extras/detokenize", #"{"text":"ab"}"#),
    ])
    func tokensAreWrittenAsText(_ kind: UpstreamKind, _ path: String, _ answer: String) async throws {
        try await withClient(.all(kind), answer: { _, _ in StubServer.json(200, answer) }) {
            client, server async throws in
            let text = try await client.detokenize(DetokenizeRequest(tokens: [1, 2]))
            #expect(text == "ab")
            #expect(server.requests[0].path == path && server.requests[0].json?["tokens"] == [1, 2])
        }
    }
}
