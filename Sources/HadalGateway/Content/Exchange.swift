import HadalAccess
import HadalJSON
import HadalRouting
import HadalWire

/// One question to a model and its answer, as it is recorded and counted.
struct Exchange: Sendable {
    enum Outcome: String, Sendable, Hashable {
        case ok
        /// By a verdict on contents.
        case blocked
        /// Held back until somebody allows it.
        case review
        /// It asked for what cannot be had, or too many waited.
        case refused
        /// By the server or the worker.
        case failed
        /// The client went.
        case cancelled
    }

    enum Cached: String, Sendable, Hashable { case hit, similar, miss, bypass }

    /// The answer's id, which the client knows.
    var id: String
    var caller: Caller
    /// The path that was asked.
    var endpoint: String
    /// The client's, as far as proxies are trusted.
    var address: String?
    /// Nanoseconds since 1970.
    var time: Int64
    /// The name that the server was started with, and what tells exactly what was asked: `WorkerModel.digest`.
    var model: String
    var modelDigest: String?
    /// Which version of a release it was, that it says something of; nil: a model of no release, or one tried out.
    var version: VersionName?
    /// Why it was that model, where an alias was asked for.
    var route: RouteDecision?
    /// As the worker was asked: with placeholders for what was masked.
    var question: Question
    /// What the placeholders stand for.
    var masks: [String: String] = [:]
    var verdicts = ContentVerdicts()
    var answer = Answer()
    var usage = Usage()
    /// How often a worker ended under the answer, which may have gone on with the next one.
    var crashes = 0
    var cached: Cached?
    /// False for further choices of a prompt that is counted already.
    var countsPrompt = true
    /// Seconds.
    var firstToken: Double?
    var total = 0.0
    /// From each piece of the answer to the next.
    var gaps: [Double] = []
    /// What the worker says of its part; nil: it did not finish.
    var timing: GenerationSummary?
    var outcome = Outcome.ok
    /// The error's code, where there was one.
    var code: String?
    /// What is kept of it.
    var record: RecordPolicy

    /// What the client is told.
    mutating func fail(_ error: any Error) {
        let object = ErrorObject(any: error)
        outcome = error is CancellationError ? .cancelled : object.status >= 500 ? .failed : .refused
        code = object.code
    }

    enum Question: Sendable {
        case generation(WorkerRequest)
        case embedding([PlainPrompt])

        var json: JSON {
            switch self {
            case .generation(let request): request.json
            case .embedding(let inputs):
                [
                    "inputs": .array(
                        inputs.map { input in
                            switch input {
                            case .text(let text): .string(text)
                            case .tokens(let tokens): .array(tokens.map { .int(Int64($0)) })
                            }
                        })
                ]
            }
        }
    }

    /// What the model wrote, before anything in it was changed.
    struct Answer: Sendable, Hashable {
        var choice = Choice()
        /// Every token, in order.
        var tokens: [Int32] = []
        /// What the client got instead, where that differs.
        var sent: String?

        mutating func take(_ delta: GenerationDelta) {
            choice.append(delta)
            tokens += delta.tokens.map(\.id)
        }

        var json: JSON {
            .compact([
                ("content", .string(choice.content)),
                ("reasoning", choice.reasoning.isEmpty ? nil : .string(choice.reasoning)),
                (
                    "calls",
                    choice.calls.isEmpty
                        ? nil
                        : .array(
                            choice.calls.map { ["name": .string($0.name), "arguments": .string($0.arguments)] })
                ),
                ("finish", .string(choice.finish.rawValue)),
                ("tokens", .array(tokens.map { .int(Int64($0)) })),
                ("sent", sent.map(JSON.string)),
            ])
        }
    }
}

/// What the audit keeps of an exchange.
struct RecordPolicy: Sendable, Hashable {
    enum Text: String, Sendable, Hashable { case none, hash, masked, full }

    var input = Text.none
    var output = Text.none
    /// Whether the record is on the disk before the answer is complete.
    var isDurable = false
}
