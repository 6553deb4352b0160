import HadalJSON
import HadalWire

/// What `/openapi.json` tells: the API for programs, as `docs/api.md` is for people. Change both with the API; a test holds
/// the server to it.
enum APIDescription {
    static let json: JSON = [
        "openapi": "3.1.0",
        "info": [
            "title": "Hadal", "version": "1",
            "description":
                "DeepSeek models on your own machine, by the APIs of OpenAI, DeepSeek, Anthropic and Ollama. docs/api.md tells what each parameter does.",
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [["url": "/"]],
        "paths": .object(JSON.Object(paths + administrationPaths + releasePaths)),
        "components": [
            "schemas": .object(JSON.Object(openAISchemas + furtherSchemas + administrationSchemas + releaseSchemas)),
            "securitySchemes": [
                "key": ["type": "http", "scheme": "bearer"],
                "apiKey": ["type": "apiKey", "in": "header", "name": "x-api-key"],
                "session": ["type": "apiKey", "in": "cookie", "name": .string(ShownCredentials.sessionCookie)],
            ],
        ],
        // Nothing is needed on loopback while there are neither users nor keys.
        "security": [["key": []], ["apiKey": []], ["session": []], [:]],
    ]

    private static let paths: [(String, JSON)] = [
        ("/v1/chat/completions", [post("chat", "Chat (OpenAI, DeepSeek).", "ChatRequest", "ChatCompletion", events)]),
        (
            "/v1/completions",
            [post("complete", "Text completion, and gaps.", "CompletionRequest", "Completion", events)]
        ),
        ("/v1/responses", [post("respond", "Responses (OpenAI).", "ResponsesRequest", "Response", events)]),
        (
            "/v1/responses/{id}",
            [
                get("getResponse", "A response that is kept.", "Response", named, [404]),
                delete("deleteResponse", "Forget a response.", [404]),
            ]
        ),
        (
            "/v1/responses/{id}/input_items",
            [get("getResponseInput", "What a response was asked with.", "List", named, [404])]
        ),
        ("/v1/embeddings", [post("embed", "Embeddings.", "EmbeddingRequest", "EmbeddingList")]),
        (
            "/v1/rerank",
            [post("rerank", "Order documents by their likeness to a query.", "RerankRequest", "RerankResult")]
        ),
        ("/v1/models", [get("listModels", "The models.", "ModelList")]),
        ("/v1/models/{id}", [get("getModel", "A model.", "Model", named, [404])]),
        (
            "/v1/files",
            [
                get(
                    "listFiles", "The files.", "List",
                    page + [query("purpose", word("batch", "batch_output", "user_data"))], [400, 501]),
                upload,
            ]
        ),
        (
            "/v1/files/{id}",
            [
                get("getFile", "A file.", "File", named, [404, 501]),
                delete("deleteFile", "Delete a file.", [404, 501]),
            ]
        ),
        (
            "/v1/files/{id}/content",
            [
                operation(
                    "get", "getFileContent", "What is in a file.", parameters: named,
                    answers: ["application/octet-stream": binary], refusals: [404, 421, 501])
            ]
        ),
        (
            "/v1/batches",
            [
                get("listBatches", "The batches.", "List", page, [400, 501]),
                post(
                    "createBatch", "Run a file of requests when nobody waits.", "BatchRequest", "Batch", further: [501]),
            ]
        ),
        ("/v1/batches/{id}", [get("getBatch", "A batch.", "Batch", named, [404, 501])]),
        (
            "/v1/batches/{id}/cancel",
            [
                operation(
                    "post", "cancelBatch", "End a batch early.", parameters: named, answers: answer("Batch"),
                    refusals: [404, 409, 421, 501])
            ]
        ),
        ("/tokenize", [post("tokenize", "A text or conversation as tokens (vLLM).", "TokenizeRequest", "Tokens")]),
        ("/detokenize", [post("detokenize", "Tokens as text (vLLM).", "DetokenizeRequest", "Text")]),
        (
            "/anthropic/v1/messages",
            [
                post(
                    "message", "Messages (Anthropic).", "MessagesRequest", "AnthropicMessage", events,
                    error: "AnthropicError")
            ]
        ),
        (
            "/anthropic/v1/messages/count_tokens",
            [
                post(
                    "countTokens", "How many tokens a request has (Anthropic).", "CountRequest", "TokenCount",
                    error: "AnthropicError")
            ]
        ),
        (
            "/api/chat",
            [post("ollamaChat", "Chat (Ollama).", "OllamaChatRequest", "OllamaAnswer", lines, error: "OllamaError")]
        ),
        (
            "/api/generate",
            [
                post(
                    "ollamaGenerate", "Text (Ollama).", "OllamaGenerateRequest", "OllamaAnswer", lines,
                    error: "OllamaError")
            ]
        ),
        (
            "/api/embed",
            [post("ollamaEmbed", "Embeddings (Ollama).", "OllamaEmbedRequest", "Object", error: "OllamaError")]
        ),
        (
            "/api/embeddings",
            [
                post(
                    "ollamaEmbedding", "An embedding (Ollama, older).", "OllamaEmbeddingRequest", "Object",
                    error: "OllamaError")
            ]
        ),
        ("/api/show", [post("ollamaShow", "A model (Ollama).", "Object", "Object", error: "OllamaError")]),
        (
            "/api/create",
            [
                post(
                    "ollamaCreate", "Make a variant of a model: defaults under a name (Ollama).", "OllamaCreateRequest",
                    "OllamaStatus", lines, error: "OllamaError")
            ]
        ),
        (
            "/api/copy",
            [change("post", "ollamaCopy", "Make a variant that is like another (Ollama).", "OllamaCopyRequest")]
        ),
        ("/api/delete", [change("delete", "ollamaDelete", "Delete a variant (Ollama).", "OllamaModelRequest")]),
        (
            "/api/pull",
            [
                post(
                    "ollamaPull", "Whether a model is here; others cannot be fetched (Ollama).", "OllamaModelRequest",
                    "OllamaStatus", lines, error: "OllamaError")
            ]
        ),
        ("/api/tags", [get("ollamaTags", "The models (Ollama).", "Object", error: "OllamaError")]),
        ("/api/ps", [get("ollamaRunning", "The models that are loaded (Ollama).", "Object", error: "OllamaError")]),
        ("/api/version", [get("ollamaVersion", "The version (Ollama).", "Object", error: "OllamaError")]),
        ("/health/live", [get("live", "Whether the process is there.", "Health")]),
        (
            "/health/ready",
            [
                operation(
                    "get", "ready", "Whether every model can be used.", answers: answer("Health"),
                    alsoAnswers: [503], refusals: [421])
            ]
        ),
        (
            "/metrics",
            [
                operation(
                    "get", "metrics", "Figures of the server, for Prometheus.", answers: ["text/plain": string],
                    refusals: [421])
            ]
        ),
        ("/openapi.json", [get("describe", "This description.", "Object")]),
    ].map { path, operations in (path, .object(JSON.Object(operations))) }

    // MARK: operations

    typealias Operation = (String, JSON)

    private static let events: Members = ["text/event-stream": string]
    private static let lines: Members = ["application/x-ndjson": string]
    private static let named: [JSON] = [
        ["name": "id", "in": "path", "required": true, "schema": ["type": "string", "minLength": 1]]
    ]
    private static let page = [
        query("after", string), query("limit", integer(1...10_000)), query("order", word("asc", "desc")),
    ]

    static func query(_ name: String, _ schema: JSON) -> JSON {
        ["name": .string(name), "in": "query", "schema": schema]
    }

    static func answer(_ schema: String) -> Members { ["application/json": reference(schema)] }

    private static func post(
        _ id: String, _ summary: String, _ request: String, _ reply: String, _ streamed: Members = [:],
        error: String = "Error", further: [Int] = []
    ) -> Operation {
        let busy = error == "AnthropicError" ? 529 : 503
        return operation(
            "post", id, summary, body: answer(request), answers: answer(reply), streamed: streamed,
            refusals: [400, 404, 408, 413, 415, 421, 429, 502, busy] + further, error: error)
    }

    private static func get(
        _ id: String, _ summary: String, _ reply: String, _ parameters: [JSON] = [], _ refusals: [Int] = [],
        error: String = "Error"
    ) -> Operation {
        operation(
            "get", id, summary, parameters: parameters, answers: answer(reply), refusals: refusals + [421], error: error
        )
    }

    /// What is answered without a body, in Ollama's way.
    private static func change(_ method: String, _ id: String, _ summary: String, _ request: String) -> Operation {
        operation(
            method, id, summary, body: answer(request), answers: [:],
            refusals: [400, 404, 408, 413, 415, 421, 429, 503], error: "OllamaError")
    }

    private static func delete(_ id: String, _ summary: String, _ refusals: [Int]) -> Operation {
        operation("delete", id, summary, parameters: named, answers: answer("Deleted"), refusals: refusals + [421])
    }

    private static let upload = operation(
        "post", "uploadFile", "Upload a file.",
        body: ["multipart/form-data": object(["file": binary, "purpose": word("batch", "user_data")])],
        answers: answer("File"), refusals: [400, 413, 421, 501])

    /// - Parameters:
    ///   - status: of the answer.
    ///   - refusals: beside those of who may not.
    static func operation(
        _ method: String, _ id: String, _ summary: String, parameters: [JSON] = [], body: Members = [:],
        answers: Members, status: Int = 200, streamed: Members = [:], alsoAnswers: [Int] = [], refusals: [Int],
        error: String = "Error"
    ) -> Operation {
        func content(_ schemas: [(key: String, value: JSON)]) -> JSON {
            .object(JSON.Object(schemas.map { ($0.key, ["schema": $0.value]) }))
        }
        let bodies = Array(answers) + Array(streamed)
        let answer = JSON.compact([
            ("description", "The answer."), ("content", bodies.isEmpty ? nil : content(bodies)),
        ])
        let refusal: JSON = [
            "description": "Refused; the message says why.",
            "content": content([("application/json", reference(error))]),
        ]
        let responses =
            [("\(status)", answer)] + alsoAnswers.map { ("\($0)", answer) }
            + ([401, 403] + refusals).map { ("\($0)", refusal) }
        return (
            method,
            .compact([
                ("operationId", .string(id)), ("summary", .string(summary)),
                ("parameters", parameters.isEmpty ? nil : .array(parameters)),
                ("requestBody", body.isEmpty ? nil : ["required": true, "content": content(Array(body))]),
                ("responses", .object(JSON.Object(responses))),
            ])
        )
    }
}
