import HadalWire

/// What an answer used, by what has come of it.
struct UsageMeter: Sendable {
    private(set) var usage = Usage()
    private(set) var isEnded = false

    mutating func note(_ event: WorkerEvent) {
        switch event {
        case .started(let promptTokens): usage.promptTokens = promptTokens
        case .delta(let delta): usage.completionTokens += delta.tokens.count
        case .finished(let summary):
            usage = summary.usage
            isEnded = true
        case .failed: isEnded = true
        }
    }
}
