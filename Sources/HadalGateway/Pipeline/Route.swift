import Foundation
import HTTPTypes

/// Which of the gateway's answers a request asks for.
enum Route: Sendable, Hashable {
    case home, live, ready, models
    case model(String)
    case chat, completion, embedding

    init(method: HTTPRequest.Method, path: String) throws(GatewayError) {
        let isRead: Bool
        switch path {
        case "/": (self, isRead) = (.home, true)
        case "/health/live": (self, isRead) = (.live, true)
        case "/health/ready": (self, isRead) = (.ready, true)
        case "/v1/models": (self, isRead) = (.models, true)
        case "/v1/chat/completions": (self, isRead) = (.chat, false)
        case "/v1/completions": (self, isRead) = (.completion, false)
        case "/v1/embeddings": (self, isRead) = (.embedding, false)
        default:
            let prefix = "/v1/models/"
            guard path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count,
                let name = String(path.dropFirst(prefix.count)).removingPercentEncoding
            else { throw .noRoute(path: path) }
            (self, isRead) = (.model(name), true)
        }
        guard isRead ? method == .get || method == .head : method == .post else {
            throw .methodNotAllowed(method: method.rawValue, path: path, allowed: isRead ? ["GET"] : ["POST"])
        }
    }
}
