import HadalJSON
import HadalWire

extension UpstreamClient {
    private func need(_ feature: UpstreamFeature, _ what: String) throws(WorkerFailure) {
        guard capabilities.can(feature) else {
            throw WorkerFailure(.unsupported, "the model is served by \(settings.name), which \(what)", field: "model")
        }
    }

    /// Asks only to see whether it is there.
    public func look() async throws {
        // llama_cpp.server breaks a running answer off for who asks about its models; this it answers beside it.
        let path = capabilities.kind == .llamaCppPython ? "/openapi.json" : "/v1/models"
        _ = try await http.value(path, limit: settings.timeouts.betweenEvents)
    }

    func checkEmbeds(_ request: EmbedRequest) throws(WorkerFailure) {
        try need(.embedding, "gives no embeddings")
        if request.inputs.contains(where: { $0.text == nil }) { try need(.tokenPrompts, "takes no token ids") }
    }

    /// - Returns: a vector for each input.
    public func embed(_ request: EmbedRequest) async throws -> Embeddings {
        try checkEmbeds(request)
        let inputs = request.inputs.map { input -> JSON in
            switch input {
            case .text(let text): .string(text)
            case .tokens(let tokens): .array(tokens.map { .int(Int64($0)) })
            }
        }
        let json = try await http.value(
            "/v1/embeddings", ["model": .string(settings.model), "input": .array(inputs), "encoding_format": "float"])
        guard let data = json["data"]?.array, data.count == inputs.count else {
            throw http.lost("not as many vectors came as were asked for")
        }
        var vectors = [Embeddings.Vector?](repeating: nil, count: inputs.count)
        for (position, element) in data.enumerated() {
            let index = element["index"]?.int ?? position
            guard vectors.indices.contains(index), vectors[index] == nil,
                let vector = Self.vector(element["embedding"])
            else { throw http.lost("vectors in a shape that is not known") }
            vectors[index] = vector
        }
        return Embeddings(
            vectors: vectors.compactMap { $0 }, promptTokens: max(json["usage"]?["prompt_tokens"]?.int ?? 0, 0))
    }

    static func vector(_ json: JSON?) -> Embeddings.Vector? {
        switch json {
        case .string(let text):
            let vector = Embeddings.Vector(base64: text)
            return vector.floats.isEmpty ? nil : vector
        case .array(let elements):
            let floats = elements.compactMap { $0.double.map(Float.init) }
            return floats.isEmpty || floats.count != elements.count ? nil : Embeddings.Vector(floats)
        default: return nil
        }
    }

    /// Token texts are empty where the upstream does not tell them.
    public func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt {
        try need(.tokenize, "does not tell tokens")
        guard let call = try TokenCalls(settings, capabilities).tokenize(request) else {
            throw WorkerFailure(
                .unsupported, "\(settings.name) tells the tokens of plain texts only", field: "messages")
        }
        let json = try await http.value(call.path, call.body)
        guard let elements = json["tokens"]?.array else { throw http.lost("no tokens came") }
        var prompt = TokenizedPrompt(tokens: [], texts: [])
        for element in elements {
            guard let id = (element.int ?? element["id"]?.int).flatMap(Int32.init(exactly:)) else {
                throw http.lost("tokens in a shape that is not known")
            }
            prompt.tokens.append(id)
            if let piece = element["piece"] {
                let bytes = (piece.array ?? []).compactMap { $0.int.flatMap(UInt8.init(exactly:)) }
                prompt.texts.append(piece.string ?? String(decoding: bytes, as: UTF8.self))
            }
        }
        if let texts = json["token_strs"]?.array, texts.count == elements.count {
            prompt.texts = texts.map { $0.string ?? "" }
        }
        if prompt.texts.count != prompt.tokens.count { prompt.texts = prompt.tokens.map { _ in "" } }
        return prompt
    }

    public func detokenize(_ request: DetokenizeRequest) async throws -> String {
        try need(.detokenize, "does not write tokens as text")
        let call = TokenCalls(settings, capabilities).detokenize(request)
        let json = try await http.value(call.path, call.body)
        guard let text = (json["prompt"] ?? json["text"] ?? json["content"])?.string else {
            throw http.lost("no text came")
        }
        return text
    }
}
