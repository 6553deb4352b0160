import HadalAudit
import HadalJSON
import HadalWire

/// A recorded question, to be asked again, and what is known of its answer.
public struct Replay: Sendable {
    /// What the new answer is compared with.
    enum Expected: Sendable {
        case answer(Exchange.Answer)
        case hash
    }

    public let record: AuditRecord
    /// Without what does not change the answer: whose it was, and how long it might wait.
    let question: WorkerRequest
    let expected: Expected
    private let contents: AuditContents

    /// - Parameter contents: where the texts are.
    /// - Throws: why this record cannot be replayed.
    public init(_ record: AuditRecord, contents: AuditContents) throws(ReplayRefusal) {
        self.record = record
        self.contents = contents
        try record.checkThatTheModelWasAsked()
        let expected = try record.expected(contents)
        var question = try record.question(contents)
        question.tenant = ""
        question.priority = 0
        question.startSeconds = nil
        if case .answer(let answer) = expected, record.isPart {
            // What comes behind the end that was recorded is not compared.
            question.maximumTokens = min(question.maximumTokens ?? .max, answer.tokens.count + Self.margin)
        }
        self.question = question
        self.expected = expected
    }

    /// Texts may come some tokens before or behind their tokens.
    private static let margin = 64

    /// - Parameter digest: of the model that is to answer.
    /// - Returns: whether it is known to be the same; false where the record has no digest.
    /// - Throws: where it is another.
    public func checkModel(digest: String) throws(ReplayRefusal) -> Bool {
        guard let recorded = record.modelDigest else { return false }
        guard recorded == digest else {
            throw ReplayRefusal("the model is another: recorded \(recorded), now \(digest)")
        }
        return true
    }

    /// Asks again and compares.
    /// - Parameter generate: asks the model, as a worker does.
    /// - Throws: what `generate` does, and `WorkerFailure` where the model gives up.
    public func run(
        _ generate: (WorkerRequest) async throws -> AsyncStream<[WorkerEvent]>
    ) async throws -> ReplayResult {
        var answer = Exchange.Answer()
        for await events in try await generate(question) {
            for event in events {
                switch event {
                case .started: break
                case .delta(let delta): answer.take(delta)
                case .finished(let summary): answer.choice.close(summary)
                case .failed(let failure): throw failure
                }
            }
        }
        switch expected {
        case .answer(let recorded):
            return AnswerComparison(recorded: recorded, now: answer, isPart: record.isPart).result
        case .hash:
            switch contents.isOutput(answer.json.text, of: record) {
            case true?: return .identical(tokens: answer.tokens.count, isPart: false)
            case false?: return .otherHash
            case nil: throw ReplayRefusal("the output of record \(record.sequence) was erased meanwhile")
            }
        }
    }
}

/// Why a record cannot be replayed.
public struct ReplayRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
