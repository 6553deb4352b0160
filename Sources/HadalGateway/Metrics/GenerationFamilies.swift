import HadalWire

/// The times that `hadal_time_to_first_token_seconds` tells apart, in seconds.
public let firstTokenBounds = HistogramFamily.fine

/// What is counted of the answers that models compute.
struct GenerationFamilies: Sendable {
    private let firstToken = HistogramFamily(
        "hadal_time_to_first_token_seconds", "Seconds from a question to its answer's first token.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:time_to_first_token_seconds")
    private let interToken = HistogramFamily(
        "hadal_inter_token_seconds", "Seconds from one piece of an answer to the next.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:inter_token_latency_seconds")
    private let total = HistogramFamily(
        "hadal_generation_seconds", "Seconds from a question to the end of its answer.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:e2e_request_latency_seconds")
    private let queue = HistogramFamily(
        "hadal_queue_seconds", "Seconds that an answer waited in its engine to be begun.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:request_queue_time_seconds")
    private let prefill = HistogramFamily(
        "hadal_prefill_seconds", "Seconds from when an answer was begun to its first token.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:request_prefill_time_seconds")
    private let decode = HistogramFamily(
        "hadal_decode_seconds", "Seconds from an answer's first token to its last.", ["model"],
        bounds: HistogramFamily.fine, other: "vllm:request_decode_time_seconds")
    private let promptTokens = HistogramFamily(
        "hadal_prompt_tokens", "Tokens of a prompt.", ["model"], bounds: sizes, other: "vllm:request_prompt_tokens")
    private let answerTokens = HistogramFamily(
        "hadal_answer_tokens", "Tokens of an answer.", ["model"], bounds: sizes,
        other: "vllm:request_generation_tokens")
    private let finished = CounterFamily(
        "hadal_finished_total", "Answers that came to their end, by what ended them.", ["model", "finished_reason"],
        other: "vllm:request_success_total")

    /// Powers of two.
    private static let sizes = (0...17).map { Double(1 << $0) }

    /// - Parameter exchange: of an answer that was computed.
    func count(_ exchange: Exchange) {
        let labels = LabelValues(exchange.model)
        if let seconds = exchange.firstToken { firstToken.note(seconds, labels, request: exchange.id) }
        interToken.note(exchange.gaps, labels)
        guard exchange.outcome == .ok else { return }
        total.note(exchange.total, labels, request: exchange.id)
        finished.count(LabelValues(exchange.model, exchange.answer.choice.finish.rawValue))
        promptTokens.note(Double(exchange.usage.promptTokens), labels)
        answerTokens.note(Double(exchange.usage.completionTokens), labels)
        guard let timing = exchange.timing else { return }
        if let waited = timing.queueSeconds {
            queue.note(waited, labels)
            prefill.note(timing.firstTokenSeconds - waited, labels)
        }
        decode.note(timing.decodeSeconds, labels)
    }

    func write(to text: inout MetricsText) {
        finished.write(to: &text)
        for family in [firstToken, interToken, total, queue, prefill, decode, promptTokens, answerTokens] {
            family.write(to: &text)
        }
    }
}
