import Foundation
import HadalJSON
import HadalWire
import NIOHTTP1

/// What a server tells of itself without being asked to generate.
struct UpstreamIdentity: Sendable {
    var kind: UpstreamKind
    var version = ""
    /// As the server calls the model that is meant.
    var contextLength: Int?
    var architecture: String
    var vocabularySize = 0
    var parameters = 0
    var weightBytes = 0
    var digest: String?
    /// llama.cpp's sampling settings by their names.
    var settings: Set<String> = []

    /// - Throws: `WorkerFailure` and `UpstreamError` where it is not there, refuses the key, or does not have the
    ///   model.
    static func find(_ http: UpstreamHTTP) async throws -> UpstreamIdentity {
        let wanted = http.settings.model
        let list = try await http.exchange("/v1/models")
        guard list.status == 200 || list.status == 404 else { throw http.failure(list) }
        let entries = list.json?["data"]?.array ?? []
        let entry = entries.first { $0["id"]?.string == wanted || $0["id"]?.string == wanted + ":latest" }
        let kind: UpstreamKind
        if let named = http.settings.kind {
            kind = named
        } else {
            kind = try await guess(http, owner: (entry ?? entries.first)?["owned_by"]?.string, list)
        }
        // These have one model, whatever it is called.
        let isAlone = kind == .llamaServer || kind == .llamaCppPython
        let model = entry ?? (isAlone ? entries.first : nil)
        guard model != nil || entries.isEmpty else {
            let names = entries.prefix(20).compactMap { $0["id"]?.string }.joined(separator: ", ")
            throw UpstreamError.unusable(
                upstream: http.settings.name,
                problem: "model: there is no \"\(wanted)\" there; there is \(http.failures.text(names))")
        }
        var identity = UpstreamIdentity(kind: kind, architecture: kind.rawValue)
        identity.contextLength = positive(model?["max_model_len"])
        if let meta = model?["meta"] {
            identity.vocabularySize = positive(meta["n_vocab"]) ?? 0
            identity.parameters = positive(meta["n_params"]) ?? 0
            identity.weightBytes = positive(meta["size"]) ?? 0
        }
        try await identity.ask(http)
        return identity
    }

    private static func guess(
        _ http: UpstreamHTTP, owner: String?, _ list: UpstreamHTTP.Answer
    ) async throws -> UpstreamKind {
        if let kind = owner.flatMap(UpstreamKind.init(owner:)) { return kind }
        if list.headers.first(name: "server")?.lowercased().hasPrefix("llama.cpp") == true { return .llamaServer }
        switch http.settings.baseURL.host {
        case "api.deepseek.com": return .deepSeek
        case "api.openai.com": return .openAI
        default: break
        }
        // Only then what several of them have.
        if try await value(http, "/get_server_info") != nil { return .sgLang }
        if try await value(http, "/props")?["default_generation_settings"] != nil { return .llamaServer }
        if try await value(http, "/api/version")?["version"] != nil { return .ollama }
        if try await value(http, "/version")?["version"] != nil { return .vLLM }
        return .other
    }

    /// - Returns: nil where there is no such path.
    private static func value(_ http: UpstreamHTTP, _ path: String, _ body: JSON? = nil) async throws -> JSON? {
        let answer = try await http.exchange(path, body)
        return answer.status == 200 ? answer.json : nil
    }

    private static func positive(_ json: JSON?) -> Int? {
        guard let number = json?.int, number > 0 else { return nil }
        return number
    }

    private mutating func ask(_ http: UpstreamHTTP) async throws {
        switch kind {
        case .vLLM: version = try await Self.value(http, "/version")?["version"]?.string ?? ""
        case .sgLang:
            let info = try await Self.value(http, "/get_server_info")
            version = info?["version"]?.string ?? ""
            let model = try await Self.value(http, "/get_model_info")
            architecture = model?["model_type"]?.string ?? architecture
            contextLength = contextLength ?? Self.positive(info?["context_length"])
        case .llamaServer:
            let props = try await Self.value(http, "/props")
            version = props?["build_info"]?.string ?? ""
            let defaults = props?["default_generation_settings"]
            contextLength = Self.positive(defaults?["n_ctx"]) ?? contextLength
            settings = Set(((defaults?["params"] ?? defaults)?.object?.keys ?? []))
        case .ollama: try await askOllama(http)
        case .hadal, .openAI, .deepSeek, .llamaCppPython, .other: break
        }
    }

    private mutating func askOllama(_ http: UpstreamHTTP) async throws {
        version = try await Self.value(http, "/api/version")?["version"]?.string ?? ""
        let name = http.settings.model
        let show = try await Self.value(http, "/api/show", ["model": .string(name)])
        let info = show?["model_info"]
        if let text = info?["general.architecture"]?.string { architecture = text }
        parameters = Self.positive(info?["general.parameter_count"]) ?? 0
        // What is longer than the context that a model was loaded with is cut off there without a word.
        _ = try await Self.value(http, "/api/generate", ["model": .string(name), "prompt": "", "stream": false])
        let running = try await Self.value(http, "/api/ps")?["models"]?.array ?? []
        let loaded = running.first { [name, name + ":latest"].contains($0["name"]?.string) }
        contextLength = Self.positive(loaded?["context_length"])
        digest = loaded?["digest"]?.string
    }
}
