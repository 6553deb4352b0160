import HadalJSON

/// The body of a worker's `POST /tokenize`: what would be generated from, and how to write it.
public struct TokenizeRequest: Sendable, Hashable {
    public var request: WorkerRequest
    /// Whether a plain text gets the token that begins texts.
    public var addsSpecialTokens = true

    public init(_ request: WorkerRequest) { self.request = request }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        request = try WorkerRequest(try fields.required("request"))
        addsSpecialTokens = try fields.bool("add_special_tokens") ?? true
        try fields.finish()
    }

    public var json: JSON { ["request": request.json, "add_special_tokens": .bool(addsSpecialTokens)] }
}

/// A worker's answer to `POST /tokenize`.
public struct TokenizedPrompt: Sendable, Hashable {
    public var tokens: [Int32]
    /// Of each token; parts of characters are replacement characters.
    public var texts: [String]

    public init(tokens: [Int32], texts: [String]) {
        self.tokens = tokens
        self.texts = texts
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        tokens = try fields.required("tokens").tokens(at: "tokens")
        texts = (try fields.required("texts").array ?? []).compactMap(\.string)
    }

    public var json: JSON {
        ["tokens": .array(tokens.map { .int(Int64($0)) }), "texts": .array(texts.map(JSON.string))]
    }
}

/// The body of a worker's `POST /detokenize`; its answer is `{"text"}`.
public struct DetokenizeRequest: Sendable, Hashable {
    public var tokens: [Int32]

    public init(tokens: [Int32]) { self.tokens = tokens }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        tokens = try fields.required("tokens").tokens(at: "tokens")
        try fields.finish()
    }

    public var json: JSON { ["tokens": .array(tokens.map { .int(Int64($0)) })] }
}
