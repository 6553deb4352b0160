import HTTPTypes

/// Which of the gateway's answers a request asks for.
enum Route: Sendable, Hashable {
    case home, live, ready, metrics, description, models
    case model(String)
    case chat, completion, embedding, rerank, tokenize, detokenize
    case responses
    case response(String)
    case responseDeletion(String)
    case responseInput(String)
    case files, fileUpload
    case file(String)
    case fileDeletion(String)
    case fileContent(String)
    case batches, batchCreation
    case batch(String)
    case batchCancellation(String)
    case messages, messageCount
    case ollamaChat, ollamaGenerate, ollamaEmbed, ollamaEmbedding, ollamaShow, ollamaTags, ollamaRunning, ollamaVersion
    case ollamaCreate, ollamaCopy, ollamaDelete, ollamaPull, ollamaPush

    /// What a path and a method ask for. `*` stands for one segment, which the route is given.
    private struct Entry: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let pattern: PathPattern
        let route: @Sendable (String) -> Route
    }

    /// OpenAI's and DeepSeek's, below any of `roots`.
    private static let shared: [Entry] = [
        entry(.get, "/models") { _ in .models }, entry(.get, "/models/*") { .model($0) },
        entry(.post, "/chat/completions") { _ in .chat }, entry(.post, "/completions") { _ in .completion },
        entry(.post, "/embeddings") { _ in .embedding }, entry(.post, "/rerank") { _ in .rerank },
        entry(.post, "/tokenize") { _ in .tokenize }, entry(.post, "/detokenize") { _ in .detokenize },
        entry(.post, "/responses") { _ in .responses }, entry(.get, "/responses/*") { .response($0) },
        entry(.delete, "/responses/*") { .responseDeletion($0) },
        entry(.get, "/responses/*/input_items") { .responseInput($0) },
        entry(.get, "/files") { _ in .files }, entry(.post, "/files") { _ in .fileUpload },
        entry(.get, "/files/*") { .file($0) }, entry(.delete, "/files/*") { .fileDeletion($0) },
        entry(.get, "/files/*/content") { .fileContent($0) },
        entry(.get, "/batches") { _ in .batches }, entry(.post, "/batches") { _ in .batchCreation },
        entry(.get, "/batches/*") { .batch($0) }, entry(.post, "/batches/*/cancel") { .batchCancellation($0) },
    ]

    /// DeepSeek's clients leave out the version, or write `/beta` for prefixes and gaps.
    private static let roots = ["/v1", "/beta/v1", "/beta", ""]

    /// Those with one path.
    private static let own: [Entry] =
        [
            entry(.get, "/") { _ in .home }, entry(.get, "/health/live") { _ in .live },
            entry(.get, "/health/ready") { _ in .ready }, entry(.get, "/metrics") { _ in .metrics },
            entry(.get, "/openapi.json") { _ in .description },
            // Cohere's present version.
            entry(.post, "/v2/rerank") { _ in .rerank }, entry(.post, "/api/chat") { _ in .ollamaChat },
            entry(.post, "/api/generate") { _ in .ollamaGenerate },
            entry(.post, "/api/embed") { _ in .ollamaEmbed }, entry(.post, "/api/embeddings") { _ in .ollamaEmbedding },
            entry(.post, "/api/show") { _ in .ollamaShow }, entry(.get, "/api/tags") { _ in .ollamaTags },
            entry(.get, "/api/ps") { _ in .ollamaRunning }, entry(.get, "/api/version") { _ in .ollamaVersion },
            entry(.post, "/api/create") { _ in .ollamaCreate }, entry(.post, "/api/copy") { _ in .ollamaCopy },
            entry(.delete, "/api/delete") { _ in .ollamaDelete }, entry(.post, "/api/pull") { _ in .ollamaPull },
            entry(.post, "/api/push") { _ in .ollamaPush },
        ]
        + ["/anthropic/v1", "/v1"].flatMap { root in
            [
                entry(.post, root + "/messages") { _ in .messages },
                entry(.post, root + "/messages/count_tokens") { _ in .messageCount },
            ]
        }

    private static func entry(
        _ method: HTTPRequest.Method, _ path: String, _ route: @escaping @Sendable (String) -> Route
    ) -> Entry {
        Entry(method: method, path: path, pattern: PathPattern(path), route: route)
    }

    private static let all: [Entry] =
        own + roots.flatMap { root in shared.map { entry($0.method, root + $0.path, $0.route) } }

    init(method: HTTPRequest.Method, path: String) throws(GatewayError) {
        let segments = PathPattern.segments(path)
        var allowed: [String] = []
        for entry in Route.all {
            guard let names = entry.pattern.names(in: segments) else { continue }
            if entry.method == method || (entry.method == .get && method == .head) {
                self = entry.route(names.first ?? "")
                return
            }
            allowed.append(entry.method.rawValue)
        }
        guard !allowed.isEmpty else { throw .noRoute(path: path) }
        throw .methodNotAllowed(method: method.rawValue, path: path, allowed: allowed)
    }

    /// Whether a model writes an answer to it.
    var generates: Bool {
        switch self {
        case .chat, .completion, .responses, .messages, .ollamaChat, .ollamaGenerate: true
        default: false
        }
    }

    var isAboutVariants: Bool {
        switch self {
        case .ollamaCreate, .ollamaCopy, .ollamaDelete, .ollamaPull: true
        default: false
        }
    }

    var isAboutFiles: Bool {
        switch self {
        case .files, .fileUpload, .file, .fileDeletion, .fileContent, .batches, .batchCreation, .batch,
            .batchCancellation:
            true
        default: false
        }
    }
}
