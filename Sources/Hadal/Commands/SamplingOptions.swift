import ArgumentParser
import HadalEngine

/// Options of the commands that generate; what is not given is as the model recommends.
struct SamplingOptions: ParsableArguments {
    @Option(help: "0: always the likeliest token.") var temperature: Float?
    @Option(help: "Keep the likeliest tokens up to this probability.") var topP: Float?
    @Option(help: "Keep this many of the likeliest tokens; 0: all.") var topK: Int?
    @Option(help: "Drop tokens less likely than this part of the likeliest.") var minP: Float?
    @Option(help: "Locally typical sampling; 1: off.") var typicalP: Float?
    @Option(help: "Divides the logits of tokens that occurred; 1: off.") var repetitionPenalty: Float?
    @Option(help: "Subtracted for each time a token was generated.") var frequencyPenalty: Float?
    @Option(help: "Subtracted when a token was generated.") var presencePenalty: Float?
    @Option(help: "The same seed gives the same answer.") var seed: UInt64?
    @Option(help: "Stop before this text; may be given several times.") var stop: [String] = []

    func parameters(defaults: GenerationDefaults) -> SamplingParameters {
        var result = defaults.sampling
        if let temperature { result.temperature = temperature }
        if let topP { result.topP = topP }
        if let topK { result.topK = topK }
        if let minP { result.minP = minP }
        if let typicalP { result.typicalP = typicalP }
        if let repetitionPenalty { result.repetitionPenalty = repetitionPenalty }
        if let frequencyPenalty { result.frequencyPenalty = frequencyPenalty }
        if let presencePenalty { result.presencePenalty = presencePenalty }
        result.seed = seed ?? .random(in: 0...UInt64(Int64.max))
        return result
    }
}
