import Foundation
import HadalStore

/// Where models come from.
public struct ModelSource: Sendable, Hashable {
    enum Kind: Sendable {
        case huggingFace, modelScope
    }

    /// `huggingface`, `modelscope`, or a mirror's address; also for `--from`.
    public let name: String
    let kind: Kind
    /// Without a last `/`.
    let endpoint: String
    let token: String?
    /// For advice.
    let tokenVariable: String

    /// - Parameter text: `huggingface` (`HF_ENDPOINT`, `HF_TOKEN`), `modelscope` (`MODELSCOPE_DOMAIN`,
    ///   `MODELSCOPE_API_TOKEN`), or the address of a mirror with Hugging Face's paths, which gets no token.
    public init(_ text: String, environment: [String: String]) throws(PullError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        name = text
        switch text {
        case "huggingface":
            kind = .huggingFace
            endpoint = try Self.endpoint(value("HF_ENDPOINT") ?? "https://huggingface.co")
            (token, tokenVariable) = (value("HF_TOKEN"), "HF_TOKEN")
        case "modelscope":
            kind = .modelScope
            endpoint = try Self.endpoint("https://" + (value("MODELSCOPE_DOMAIN") ?? "www.modelscope.cn"))
            (token, tokenVariable) = (value("MODELSCOPE_API_TOKEN"), "MODELSCOPE_API_TOKEN")
        default:
            kind = .huggingFace
            endpoint = try Self.endpoint(text)
            (token, tokenVariable) = (nil, "HF_TOKEN, and the address in HF_ENDPOINT")
        }
        try checkToken()
    }

    /// For tests: a ModelScope that is elsewhere.
    init(modelScope endpoint: String, token: String?) {
        (name, kind, self.endpoint, self.token) = ("modelscope", .modelScope, endpoint, token)
        tokenVariable = "MODELSCOPE_API_TOKEN"
    }

    var defaultRevision: String { kind == .huggingFace ? "main" : "master" }

    /// What a request to the endpoint shows; a redirect to another host goes without.
    var credentials: [(name: String, value: String)] {
        guard let token else { return [] }
        return kind == .huggingFace ? [("Authorization", "Bearer \(token)")] : [("Cookie", "m_session_id=\(token)")]
    }

    private func checkToken() throws(PullError) {
        guard let token else { return }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badSource(name, problem: "what \(tokenVariable) holds is no token")
        }
        let host = URL(string: endpoint)?.host() ?? ""
        if endpoint.hasPrefix("http://"), !["localhost", "127.0.0.1", "::1"].contains(host) {
            throw .tokenInTheClear(url: endpoint)
        }
    }

    private static func endpoint(_ text: String) throws(PullError) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host()?.isEmpty == false,
            url.query() == nil, url.fragment() == nil, url.user() == nil
        else { throw .badSource(text, problem: "this is no address (https://HOST)") }
        return text
    }

    /// A part of a URL's path, or (without `/`) of its query.
    static func escaped(_ text: String, keepsSlashes: Bool) -> String {
        var allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        if keepsSlashes { allowed.insert("/") }
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }
}
