import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// A request that has been understood.
enum Call: Sendable {
    case chat(ChatRequest)
    case completion(CompletionRequest)
    case embedding(EmbeddingRequest)
    case rerank(RerankRequest)
    case responses(ResponsesRequest)
    case messages(MessagesRequest)
    case messageCount(MessagesRequest)
    case ollama(OllamaRequest)
    case ollamaEmbedding(OllamaEmbedRequest)
    case ollamaShow(model: String)
    case tokenize(TokenizeCall)
    case detokenize(DetokenizeCall)

    var model: String {
        switch self {
        case .chat(let request): request.model
        case .completion(let request): request.model
        case .embedding(let request): request.model
        case .rerank(let request): request.model
        case .responses(let request): request.model
        case .messages(let request), .messageCount(let request): request.model
        case .ollama(let request): request.model
        case .ollamaEmbedding(let request): request.model
        case .ollamaShow(let model): model
        case .tokenize(let request): request.model
        case .detokenize(let request): request.model
        }
    }

    var ability: WorkerModel.Ability? {
        switch self {
        case .chat: .chat
        case .completion(let request): request.suffix == nil ? .completion : .infill
        case .embedding, .rerank: .embedding
        case .responses: .chat
        case .tokenize(let request): request.isChat ? .chat : nil
        case .messages, .messageCount: .chat
        case .ollama(let request):
            switch request.prompt {
            case .nothing: nil
            case .messages: request.isChat ? .chat : .completion
            case .infill: .infill
            case .raw: .completion
            }
        case .ollamaEmbedding: .embedding
        case .ollamaShow, .detokenize: nil
        }
    }
}

/// Reads a request's body and checks every field of it.
struct Validation: Sendable {
    let bodies: RequestBodyReader

    init(_ configuration: GatewayConfiguration) {
        bodies = RequestBodyReader(
            bytesLimit: configuration.bodyBytesLimit, timeLimit: configuration.bodyTimeLimit)
    }

    func call(_ route: Route, _ request: Request, _ connection: ClientConnection) async throws -> Call {
        try Validation.checkJSONType(request)
        let json = try await bodies.json(request, connection)
        switch route {
        case .chat: return .chat(try ChatRequest(json))
        case .completion: return .completion(try CompletionRequest(json))
        case .embedding: return .embedding(try EmbeddingRequest(json))
        case .rerank: return .rerank(try RerankRequest(json))
        case .responses: return .responses(try ResponsesRequest(json))
        case .messages: return .messages(try MessagesRequest(json))
        case .messageCount: return .messageCount(try MessagesRequest(json, counts: true))
        case .ollamaChat: return .ollama(try OllamaRequest(chat: json))
        case .ollamaGenerate: return .ollama(try OllamaRequest(generate: json))
        case .ollamaEmbed: return .ollamaEmbedding(try OllamaEmbedRequest(json, isSingle: false))
        case .ollamaEmbedding: return .ollamaEmbedding(try OllamaEmbedRequest(json, isSingle: true))
        case .ollamaShow:
            guard let name = (json["model"] ?? json["name"])?.string else { throw WireError.missing(field: "model") }
            return .ollamaShow(model: name)
        case .tokenize: return .tokenize(try TokenizeCall(json))
        case .detokenize: return .detokenize(try DetokenizeCall(json))
        default: throw GatewayError.noRoute(path: request.uri.path)
        }
    }

    /// Browsers send this type to other sites only after asking, so that no page can use the server unseen.
    static func checkJSONType(_ request: Request) throws(GatewayError) {
        let type = request.headers[.contentType]
        guard let type, mediaType(type) == "application/json" else { throw .notJSONType(type) }
    }

    /// `application/json; charset=utf-8` without its parameters.
    private static func mediaType(_ header: String) -> String {
        String(header.prefix { $0 != ";" && $0 != " " }).lowercased()
    }
}
