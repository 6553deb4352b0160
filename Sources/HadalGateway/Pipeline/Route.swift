import Foundation
import HTTPTypes

/// Which of the gateway's answers a request asks for.
enum Route: Sendable, Hashable {
    case home, live, ready, models
    case model(String)
    case chat, completion, embedding, tokenize, detokenize
    case messages, messageCount
    case ollamaChat, ollamaGenerate, ollamaEmbed, ollamaEmbedding, ollamaShow, ollamaTags, ollamaRunning, ollamaVersion
    /// What the word says that would be done with the store of models.
    case ollamaStore(String)

    /// DeepSeek's clients leave out the version, or write `/beta` for prefixes and gaps.
    private static let roots = ["/v1", "/beta/v1", "/beta", ""]

    /// The path below `/v1`, `/beta` or neither.
    private static func resource(_ path: String) -> String {
        roots.first { path.hasPrefix($0 + "/") }.map { String(path.dropFirst($0.count)) } ?? path
    }

    /// The paths of Anthropic's and Ollama's own, and how they are asked for.
    private static let others: [String: (route: Route, method: HTTPRequest.Method)] = {
        var routes: [String: (Route, HTTPRequest.Method)] = [
            "/api/chat": (.ollamaChat, .post), "/api/generate": (.ollamaGenerate, .post),
            "/api/embed": (.ollamaEmbed, .post), "/api/embeddings": (.ollamaEmbedding, .post),
            "/api/show": (.ollamaShow, .post), "/api/tags": (.ollamaTags, .get), "/api/ps": (.ollamaRunning, .get),
            "/api/version": (.ollamaVersion, .get), "/api/delete": (.ollamaStore("delete"), .delete),
        ]
        for action in ["pull", "push", "create", "copy"] { routes["/api/" + action] = (.ollamaStore(action), .post) }
        for root in ["/anthropic/v1", "/v1"] {
            routes[root + "/messages"] = (.messages, .post)
            routes[root + "/messages/count_tokens"] = (.messageCount, .post)
        }
        return routes
    }()

    init(method: HTTPRequest.Method, path: String) throws(GatewayError) {
        if let other = Route.others[path] {
            guard method == other.method || (method == .head && other.method == .get) else {
                throw .methodNotAllowed(method: method.rawValue, path: path, allowed: [other.method.rawValue])
            }
            self = other.route
            return
        }
        let isRead: Bool
        switch Route.resource(path) {
        case "/" where path == "/": (self, isRead) = (.home, true)
        case "/health/live" where path == "/health/live": (self, isRead) = (.live, true)
        case "/health/ready" where path == "/health/ready": (self, isRead) = (.ready, true)
        case "/models": (self, isRead) = (.models, true)
        case "/chat/completions": (self, isRead) = (.chat, false)
        case "/completions": (self, isRead) = (.completion, false)
        case "/embeddings": (self, isRead) = (.embedding, false)
        case "/tokenize": (self, isRead) = (.tokenize, false)
        case "/detokenize": (self, isRead) = (.detokenize, false)
        case let resource:
            let prefix = "/models/"
            guard resource.hasPrefix(prefix), resource.utf8.count > prefix.utf8.count,
                let name = String(resource.dropFirst(prefix.count)).removingPercentEncoding
            else { throw .noRoute(path: path) }
            (self, isRead) = (.model(name), true)
        }
        guard isRead ? method == .get || method == .head : method == .post else {
            throw .methodNotAllowed(method: method.rawValue, path: path, allowed: isRead ? ["GET"] : ["POST"])
        }
    }
}
