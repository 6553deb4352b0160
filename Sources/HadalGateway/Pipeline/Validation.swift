import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// A request that has been understood.
enum Call: Sendable {
    case chat(ChatRequest)
    case completion(CompletionRequest)
    case embedding(EmbeddingRequest)

    var model: String {
        switch self {
        case .chat(let request): request.model
        case .completion(let request): request.model
        case .embedding(let request): request.model
        }
    }

    var ability: WorkerModel.Ability {
        switch self {
        case .chat: .chat
        case .completion: .completion
        case .embedding: .embedding
        }
    }
}

/// Reads a request's body and checks every field of it.
struct Validation: Sendable {
    private let bodies: RequestBodyReader

    init(_ configuration: GatewayConfiguration) {
        bodies = RequestBodyReader(bytesLimit: configuration.bodyBytesLimit)
    }

    func call(_ route: Route, _ request: Request) async throws -> Call {
        let type = request.headers[.contentType]
        // Browsers send this type to other sites only after asking, so that no page can use the server unseen.
        guard let type, Validation.mediaType(type) == "application/json" else { throw GatewayError.notJSONType(type) }
        let json = try await bodies.json(request)
        switch route {
        case .chat: return .chat(try ChatRequest(json))
        case .completion: return .completion(try CompletionRequest(json))
        case .embedding: return .embedding(try EmbeddingRequest(json))
        default: throw GatewayError.noRoute(path: request.uri.path)
        }
    }

    /// `application/json; charset=utf-8` without its parameters.
    private static func mediaType(_ header: String) -> String {
        String(header.prefix { $0 != ";" && $0 != " " }).lowercased()
    }
}
