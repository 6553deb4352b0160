import HadalJSON

/// What a model is told before every conversation, and what holds where a request does not say.
public struct ModelDefaults: Sendable, Hashable {
    /// Of all of it, as JSON.
    public static let bytesLimit = 256 << 10
    public static let messagesLimit = 256
    private static let licensesLimit = 16
    /// What Ollama's models may say of the machine and of samplers that are not here.
    public static let ignoredParameters = [
        "num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "numa", "low_vram", "f16_kv",
        "logits_all", "vocab_only", "use_mmap", "use_mlock", "embedding_only", "repeat_last_n", "penalize_newline",
        "tfs_z", "mirostat", "mirostat_tau", "mirostat_eta", "draft_num_predict",
    ]

    /// Empty: none.
    public let system: String
    /// As they were given, those that make no difference here included.
    public let parameters: JSON.Object
    /// Examples, in Ollama's shape, that stand between the system prompt and the conversation.
    public let messages: [JSON]
    public let licenses: [String]
    private let options: OllamaOptions
    private let examples: [ChatMessage]

    /// None.
    public init() {
        (system, parameters, messages, licenses) = ("", JSON.Object(), [], [])
        (options, examples) = (OllamaOptions(), [])
    }

    init(
        system: String, parameters: JSON.Object, messages: [JSON], licenses: [String]
    ) throws(WireError) {
        self.system = system
        self.parameters = JSON.Object(parameters.members.filter { !$0.value.isNull }.map { ($0.key, $0.value) })
        self.messages = messages
        self.licenses = licenses
        options = try Self.options(self.parameters)
        examples = try OllamaRequest.messages(messages)
        if let index = examples.firstIndex(where: { $0.role == .system }) {
            throw .outOfRange(
                field: "messages[\(index)].role",
                expected: "user, assistant or tool; the system prompt has its own field")
        }
        guard licenses.count <= Self.licensesLimit else {
            throw .outOfRange(field: "license", expected: "at most \(Self.licensesLimit) texts, those of from included")
        }
        guard JSON.compact(members).bytes.count <= Self.bytesLimit else {
            throw .outOfRange(
                field: "system",
                expected: "at most \(Self.bytesLimit) bytes long, with parameters, messages and license together")
        }
    }

    /// Takes `system`, `parameters`, `messages` and `license` out of a request or a file.
    init(_ fields: inout FieldReader) throws(WireError) {
        guard let parameters = (fields.value("parameters") ?? [:]).object else {
            throw .wrongType(field: "parameters", expected: "an object")
        }
        try self.init(
            system: try fields.string("system") ?? "", parameters: parameters,
            messages: try fields.array("messages", limit: Self.messagesLimit) ?? [],
            licenses: try Self.licenses(&fields))
    }

    private static func licenses(_ fields: inout FieldReader) throws(WireError) -> [String] {
        guard let value = fields.value("license") else { return [] }
        let elements = value.array ?? [value]
        let texts = elements.compactMap(\.string)
        guard texts.count == elements.count else {
            throw .wrongType(field: "license", expected: "a string or an array of strings")
        }
        return texts.filter { !$0.isEmpty }
    }

    private static func options(_ parameters: JSON.Object) throws(WireError) -> OllamaOptions {
        var reader = try FieldReader(.object(parameters), at: "parameters")
        var options = try OllamaOptions(&reader)
        // Any seed is another one for each request.
        if let seed = parameters["seed"]?.int, seed <= 0 { options.sampling.seed = nil }
        reader.ignore(ignoredParameters)
        try reader.finish()
        return options
    }

    /// These before those of the model that is made into another: texts and messages take the place of others, parameters
    /// one by one, and licenses stay.
    public func over(_ others: ModelDefaults) throws(WireError) -> ModelDefaults {
        var parameters = others.parameters
        for (name, value) in self.parameters.members { parameters[name] = value }
        return try ModelDefaults(
            system: system.isEmpty ? others.system : system, parameters: parameters,
            messages: messages.isEmpty ? others.messages : messages,
            licenses: others.licenses + licenses.filter { !others.licenses.contains($0) })
    }

    /// Adds to a request what it leaves open. A text that goes to the model as it is stays so.
    public func fill(_ request: inout WorkerRequest) {
        request.sampling.fill(from: options.sampling)
        request.stop.texts = request.stop.texts ?? options.stop.texts
        request.maximumTokens = request.maximumTokens ?? options.maximumTokens
        guard case .messages(var messages, let variables) = request.prompt else { return }
        if !system.isEmpty, !messages.contains(where: Self.isSystem) {
            messages.insert(ChatMessage(role: .system, content: system).json, at: 0)
        }
        messages.insert(contentsOf: examples.map(\.json), at: messages.prefix(while: Self.isSystem).count)
        request.prompt = .messages(messages, variables: variables)
    }

    private static func isSystem(_ message: JSON) -> Bool {
        message["role"]?.string == ChatMessage.Role.system.rawValue
    }

    var members: [(String, JSON?)] {
        [
            ("system", system.isEmpty ? nil : .string(system)),
            ("parameters", parameters.isEmpty ? nil : .object(parameters)),
            ("messages", messages.isEmpty ? nil : .array(messages)),
            ("license", licenses.isEmpty ? nil : .array(licenses.map(JSON.string))),
        ]
    }
}
