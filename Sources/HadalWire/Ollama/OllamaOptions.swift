import HadalJSON

/// Ollama's `options` of a request, which are a model's `parameters` too.
public struct OllamaOptions: Sendable, Hashable {
    public var sampling = SamplingSettings()
    public var stop = StopSettings()
    /// nil: nothing is said of it.
    public var maximumTokens: Int?

    public init() {}

    init(_ options: inout FieldReader) throws(WireError) {
        sampling.temperature = try options.number("temperature", in: 0...2)
        sampling.topP = try options.number("top_p", in: 0...1)
        sampling.topK = try options.int("top_k", in: -1...Int(Int32.max)).map { max($0, 0) }
        sampling.minP = try options.number("min_p", in: 0...1)
        sampling.typicalP = try options.number("typical_p", in: 0...1)
        sampling.repetitionPenalty = try options.number("repeat_penalty", in: 0.01...100)
        sampling.frequencyPenalty = try options.number("frequency_penalty", in: -2...2)
        sampling.presencePenalty = try options.number("presence_penalty", in: -2...2)
        // 0 and -1 are Ollama's words for any seed. One is drawn, so that it goes before the model's.
        sampling.seed = try options.int("seed", in: Int.min...Int.max)
            .map { $0 > 0 ? UInt64($0) : .random(in: .min ... .max) }
        // -1 and -2: as far as it goes.
        maximumTokens = try options.int("num_predict", in: -2...ChatRequest.tokensLimit)
            .map { $0 > 0 ? $0 : ChatRequest.tokensLimit }
        stop = try StopSettings(&options, texts: "stop")
    }
}
