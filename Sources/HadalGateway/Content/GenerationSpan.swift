import Foundation
import HadalWire
import Tracing

/// What a model was asked as spans, with OpenTelemetry's names for generative AI (semantic conventions of GenAI, 1.37): the whole of
/// it, and the engine's part as the worker timed it. No texts.
enum GenerationSpan {
    /// - Parameter exchange: that has ended just now.
    static func record(_ exchange: Exchange) {
        guard let parent = ServiceContext.current, case .generation = exchange.question else { return }
        let end = Moment.now
        let start = end.earlier(by: exchange.total)
        let span = InstrumentationSystem.tracer.startSpan(
            "chat \(exchange.model)", context: parent, ofKind: .internal, at: start)
        guard span.isRecording else { return span.end() }
        span.updateAttributes {
            $0["gen_ai.operation.name"] = "chat"
            $0["gen_ai.provider.name"] = "hadal"
            $0["gen_ai.request.model"] = exchange.model
            $0["gen_ai.response.model"] = exchange.model
            $0["gen_ai.response.id"] = exchange.id
            $0["gen_ai.usage.input_tokens"] = exchange.usage.promptTokens
            $0["gen_ai.usage.output_tokens"] = exchange.usage.completionTokens
            $0["hadal.usage.cached_tokens"] = exchange.usage.cachedTokens
            $0["hadal.outcome"] = exchange.outcome.rawValue
            $0["hadal.time_to_first_token"] = exchange.firstToken
            $0["hadal.cache"] = exchange.cached?.rawValue
        }
        if exchange.outcome == .ok {
            span.updateAttributes { $0["gen_ai.response.finish_reasons"] = [exchange.answer.choice.finish.rawValue] }
        }
        if exchange.outcome == .failed {
            span.updateAttributes { $0["error.type"] = exchange.code ?? "error" }
            span.setStatus(.init(code: .error))
        }
        if let timing = exchange.timing { steps(timing, end, span.context) }
        span.end(at: end)
    }

    private static func steps(_ timing: GenerationSummary, _ end: Moment, _ context: ServiceContext) {
        let first = end.earlier(by: timing.decodeSeconds)
        let arrival = first.earlier(by: timing.firstTokenSeconds)
        let begun = arrival.earlier(by: -(timing.queueSeconds ?? 0))
        func step(_ name: String, _ from: Moment, _ to: Moment) {
            InstrumentationSystem.tracer.startSpan(name, context: context, ofKind: .internal, at: from).end(at: to)
        }
        if timing.queueSeconds != nil { step("queue", arrival, begun) }
        step("prefill", begun, first)
        step("decode", first, end)
    }
}

/// A time of the calendar.
private struct Moment: TracerInstant {
    var nanosecondsSinceEpoch: UInt64

    static var now: Moment { Moment(nanosecondsSinceEpoch: DefaultTracerClock.now.nanosecondsSinceEpoch) }

    func earlier(by seconds: Double) -> Moment {
        Moment(nanosecondsSinceEpoch: UInt64(max(0, Double(nanosecondsSinceEpoch) - seconds * 1e9)))
    }

    static func < (left: Moment, right: Moment) -> Bool { left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch }
}
