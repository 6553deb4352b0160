import HadalClient
import HadalJSON
import HadalWire

/// Asks one question as a client does, and notes when the answer's pieces came.
struct Asker: Sendable {
    let client: HadalClient
    let model: String
    let ignoresEnd: Bool
    let recorder: Recorder
    let start: ContinuousClock.Instant

    /// Seconds since the test began.
    var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// - Parameter planned: when it was to be asked.
    /// - Returns: the answer, to go on with; nil where there was none.
    func ask(_ question: Question, planned: Double) async -> ChatMessage? {
        recorder.begin()
        var call = ChatCall(model: model, messages: question.messages)
        call.maximumTokens = question.answerTokens
        if ignoresEnd { call.further["ignore_eos"] = true }
        var sample = Sample(planned: planned, end: planned)
        var pieces: [Double] = []
        pieces.reserveCapacity(question.answerTokens)
        var answer: ChatAnswer?
        do {
            for try await event in client.events(call) {
                if case .finished(let whole) = event { answer = whole } else { pieces.append(now) }
            }
            if answer == nil { sample.failure = Task.isCancelled ? Failure.unfinished : Failure.brokenOff }
        } catch { sample.failure = Task.isCancelled ? Failure.unfinished : Failure.kind(of: error) }
        sample.end = now
        (sample.firstToken, sample.pieces) = (pieces.first, pieces.count)
        if let first = pieces.first, let last = pieces.last { sample.streaming = last - first }
        if let usage = answer?.usage {
            (sample.promptTokens, sample.cachedTokens) = (usage.promptTokens, usage.cachedTokens)
            sample.answerTokens = usage.completionTokens
        }
        recorder.end(sample, pieces: pieces)
        return answer?.message
    }
}

/// Kinds of failures, few of them, for the breakdown.
enum Failure {
    /// It was still being answered when the test was over.
    static let unfinished = "not finished when the test ended"
    static let brokenOff = "broken off"
    /// More than this program may have on their way.
    static let tooMany = "not asked: too many on their way"

    static func kind(of error: any Error) -> String {
        guard let error = error as? HadalClientError else { return "connection: \(type(of: error))" }
        return switch error {
        case .refused(let status, _, let code): "status \(status)" + (code.map { " (\($0))" } ?? "")
        case .notReached(_, let problem) where problem.contains("imeout"): "timed out"
        case .notReached: "not reached"
        case .brokenOff: brokenOff
        case .notUnderstood: "not understood"
        }
    }
}
