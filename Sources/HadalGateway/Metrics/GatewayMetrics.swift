import HadalAccess
import HadalPrivacy
import HadalWire

/// What the gateway counts of its requests, and what it tells of itself and its workers when a scraper asks. There is
/// one for the process, whatever becomes of its configuration: counts begin anew only with it.
final class GatewayMetrics: Sendable {
    let sources: MetricsSources

    private let requests = CounterFamily(
        "hadal_http_requests_total", "Requests that were answered.", ["route", "tenant", "status"])
    private let requestSeconds = HistogramFamily(
        "hadal_http_request_seconds", "Seconds until an answer was ready; until the end of a streamed one.", ["route"],
        bounds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300])
    private let generations = CounterFamily(
        "hadal_generations_total", "Answers that models were asked for, by what became of them.",
        ["tenant", "model", "outcome"])
    private let crashes = CounterFamily(
        "hadal_generation_crashes_total", "Workers that ended under an answer, which may have gone on elsewhere.",
        ["tenant", "model"])
    private let embeddings = CounterFamily(
        "hadal_embeddings_total", "Embeddings that models were asked for, by what became of them.",
        ["tenant", "model", "outcome"])
    private let tokens = CounterFamily(
        "hadal_tokens_total", "Tokens that models read and wrote; cached is part of prompt, reasoning of completion.",
        ["tenant", "model", "kind"])
    private let computed = GenerationFamilies()
    private let refusals = CounterFamily(
        "hadal_limit_refusals_total", "Requests that a limit or quota refused.", ["tenant", "limit"])
    private let shed = CounterFamily(
        "hadal_shed_requests_total", "Requests of low priority that were refused while an alert wanted it.",
        ["tenant", "model"])
    private let actions = CounterFamily(
        "hadal_alert_actions_total", "What alerts had done by themselves, by what came of it.", ["action", "outcome"])
    private let verdicts = CounterFamily(
        "hadal_content_verdicts_total", "What steps on contents decided, in a dry run too.",
        ["tenant", "step", "action"])
    private let contentSeconds = HistogramFamily(
        "hadal_content_seconds", "Seconds that a step took with a prompt.", ["step"],
        bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1])
    private let answerCache = CounterFamily(
        "hadal_answer_cache_total", "Questions whose answers may be cached, by whether one was.", ["tenant", "result"])
    private let personalData = CounterFamily(
        "hadal_personal_data_total", "Personal data that were found.", ["tenant", "direction", "kind"])

    init(_ sources: MetricsSources = MetricsSources()) { self.sources = sources }

    /// - Parameters:
    ///   - route: its name, never a path, of which there are any number.
    ///   - tenant: empty where it is not known who asked.
    func count(request route: String, tenant: String, status: Int, seconds: Double) {
        requests.count(LabelValues(route, tenant, "\(status)"))
        requestSeconds.note(seconds, LabelValues(route))
    }

    func count(_ refusal: LimitRefusal, tenant: String) {
        refusals.count(LabelValues(tenant, refusal.limit?.rawValue ?? "none"))
    }

    func countShed(model: String, tenant: String) { shed.count(LabelValues(tenant, model)) }

    func count(_ act: HealingOrder.Act, outcome: String) { actions.count(LabelValues(act.rawValue, outcome)) }

    func count(_ exchange: Exchange) {
        let tenant = exchange.caller.principal.tenant
        let model = exchange.model
        // What comes from the cache says nothing of the model.
        let isComputed = exchange.cached != .hit && exchange.cached != .similar
        var usage = exchange.usage
        if !exchange.countsPrompt { (usage.promptTokens, usage.cachedTokens) = (0, 0) }
        if isComputed { count(usage, tenant, model) }
        switch exchange.question {
        case .embedding: embeddings.count(LabelValues(tenant, model, exchange.outcome.rawValue))
        case .generation:
            generations.count(LabelValues(tenant, model, exchange.outcome.rawValue))
            if exchange.crashes > 0 { crashes.count(LabelValues(tenant, model), exchange.crashes) }
            if isComputed { computed.count(exchange) }
        }
        if let cached = exchange.cached { answerCache.count(LabelValues(tenant, cached.rawValue)) }
        count(exchange.countsPrompt ? exchange.verdicts : exchange.verdicts.ofAnswer, tenant)
    }

    private func count(_ usage: Usage, _ tenant: String, _ model: String) {
        for (kind, number) in [
            ("prompt", usage.promptTokens), ("cached", usage.cachedTokens), ("completion", usage.completionTokens),
            ("reasoning", usage.reasoningTokens),
        ] where number > 0 {
            tokens.count(LabelValues(tenant, model, kind), number)
        }
    }

    private func count(_ found: ContentVerdicts, _ tenant: String) {
        for (step, action) in found.actions { verdicts.count(LabelValues(tenant, step, action.rawValue)) }
        for (step, seconds) in found.seconds { contentSeconds.note(seconds, LabelValues(step)) }
        for (direction, counts) in [("request", found.privacyRequest), ("response", found.privacyResponse)] {
            for (kind, number) in counts.kinds {
                personalData.count(LabelValues(tenant, direction, kind.rawValue), number)
            }
        }
    }

    /// All of it, as a scraper reads it. Workers are asked; those that do not answer within a second are left out.
    func text(_ format: MetricsText.Format = .prometheus) async -> String {
        var text = MetricsText(format)
        for family in [
            requests, generations, crashes, embeddings, tokens, verdicts, answerCache, personalData, refusals, shed,
            actions,
        ] {
            family.write(to: &text)
        }
        for family in [requestSeconds, contentSeconds] { family.write(to: &text) }
        computed.write(to: &text)
        await sources.write(to: &text)
        ProcessFigures.current()?.write(to: &text)
        text.end()
        return text.text
    }
}
