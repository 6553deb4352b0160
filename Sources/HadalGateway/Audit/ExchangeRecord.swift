import HadalAccess
import HadalAudit
import HadalJSON
import HadalRouting
import HadalWire

/// An exchange as the audit trail takes it.
struct ExchangeRecord {
    private(set) var record: AuditRecord
    private(set) var input = AuditText.none
    private(set) var output = AuditText.none

    init(_ exchange: Exchange) {
        record = AuditRecord(.request, outcome: exchange.outcome.rawValue, time: exchange.time)
        let principal = exchange.caller.principal
        record.requestID = exchange.id
        record.tenant = principal.tenant
        record.user = principal.userID ?? principal.id
        record.key = principal.keyID
        record.address = exchange.address
        record.action = exchange.endpoint
        record.model = exchange.model
        record.modelDigest = exchange.modelDigest
        record.parameters = exchange.question.parameters
        if case .generation(let request) = exchange.question { record.seed = request.sampling.seed }
        let usage = exchange.usage
        record.tokens = AuditTokens(
            prompt: usage.promptTokens, cached: usage.cachedTokens, completion: usage.completionTokens,
            reasoning: usage.reasoningTokens)
        record.timings = AuditTimings(
            firstToken: exchange.firstToken.map(Self.nanoseconds), total: Self.nanoseconds(exchange.total))
        record.verdicts = exchange.verdicts.json
        let (input, isInputAltered) = Self.input(exchange)
        let (output, isOutputAltered) = Self.output(exchange)
        (self.input, self.output) = (input, output)
        record.details = .compact([
            ("cache", exchange.cached.map { .string($0.rawValue) }), ("code", exchange.code.map(JSON.string)),
            ("route", exchange.route?.json),
            ("finish", exchange.finish.map { .string($0.rawValue) }),
            // Such a question cannot be asked again, such an answer not be compared.
            ("input_altered", isInputAltered ? true : nil), ("output_altered", isOutputAltered ? true : nil),
        ])
    }

    private static func nanoseconds(_ seconds: Double) -> Int64 { Int64(exactly: (seconds * 1e9).rounded()) ?? .max }

    /// Members stay in the order in which they came: templates write tools and messages into prompts in it.
    private static func input(_ exchange: Exchange) -> (AuditText, isAltered: Bool) {
        func text(_ question: JSON, _ masks: JSON? = nil) -> String {
            JSON.compact([("question", question), ("masks", masks)]).text
        }
        var masks: JSON?
        if !exchange.masks.isEmpty {
            masks = .object(.init(exchange.masks.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        let question = exchange.question.json
        switch exchange.record.input {
        case .none: return (.none, false)
        case .hash: return (.hash(text(question, masks)), false)
        case .full: return (.full(text(question, masks)), false)
        case .masked:
            var masking = RecordMasking()
            let masked = masking.question(question)
            return (.masked(text(masked)), masking.hasChanged)
        }
    }

    private static func output(_ exchange: Exchange) -> (AuditText, isAltered: Bool) {
        guard exchange.wasAnswered else { return (.none, false) }
        switch exchange.record.output {
        case .none: return (.none, false)
        case .hash: return (.hash(exchange.answer.json.text), false)
        case .full: return (.full(exchange.answer.json.text), false)
        case .masked:
            var masking = RecordMasking()
            let masked = masking.answer(exchange.answer.json, hasMasks: !exchange.masks.isEmpty)
            return (.masked(masked.text), masking.hasChanged)
        }
    }
}

extension Exchange {
    /// Whether a model, or the cache, has answered with a text, perhaps not to its end.
    fileprivate var wasAnswered: Bool {
        guard case .generation = question else { return false }
        return outcome != .review && !(outcome == .blocked && code != nil)
    }

    /// How the answer ended, where it was not broken off.
    fileprivate var finish: FinishReason? {
        wasAnswered && ![.refused, .failed, .cancelled].contains(outcome) ? answer.choice.finish : nil
    }
}
