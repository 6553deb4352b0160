import Foundation
import HadalCompute
import HadalPlan
import HadalTerminal

/// What `hadal plan` shows.
struct PlanReport {
    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    var text: String {
        [head, table, misfits, plan.advice, plan.notes.map { "note: \($0)" }].filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var head: [String] {
        let (weights, load, hardware) = (plan.model.weights, plan.load, plan.hardware)
        let active =
            weights.activeParameters < weights.parameters * 9 / 10
            ? ", \(count(weights.activeParameters)) for a token" : ""
        let perToken = plan.cacheBytesPerToken
        return [
            "model     \(ControlFilter.cleanLine(plan.model.name)), \(count(weights.parameters)) parameters\(active)",
            machine("machine", hardware),
        ] + (plan.settings.beside.map { [machine("beside", $0)] } ?? []) + [
            "load      \(load.users) users, \(String(format: "%g", load.answersPerMinute)) answers a minute, "
                + "\(load.promptTokens) + \(load.answerTokens) tokens each, conversations of \(load.context), "
                + "at most \(String(format: "%g", load.latencyMax)) s",
            "a token   \(byteText(Int(perToken[.f16] ?? 0))) of keys and values in f16, "
                + "\(byteText(Int(perToken[.int8] ?? 0))) in int8",
        ]
    }

    private func machine(_ what: String, _ hardware: Hardware) -> String {
        what.padding(toLength: 10, withPad: " ", startingAt: 0)
            + "\(hardware.name): \(byteText(hardware.memory)), \(byteText(Int(hardware.bandwidth)))/s, int8 "
            + String(format: "%.2f TOPS (%@)", hardware.peaks.int8 / 1e12, hardware.source)
    }

    /// `671.0B`.
    private func count(_ parameters: Int) -> String {
        parameters >= 1_000_000_000
            ? String(format: "%.2fB", Double(parameters) / 1e9) : String(format: "%.1fM", Double(parameters) / 1e6)
    }

    private var table: [String] {
        let header =
            [
                "format", "on disk", "weights", "KV", "scratch", "in all", "prefill tok/s", "decode 1", "batch",
                "decode all", "replicas",
            ] + (hasCards ? ["cards"] : []) + (plan.settings.beside == nil ? [] : ["experts beside"])
        let rows = plan.options.enumerated().map { index, option in
            let mark = index == plan.recommended ? " *" : ""
            let cells = [option.format + mark, byteText(option.storedBytes)] + cells(option.outcome)
            return cells + Array(repeating: "-", count: header.count - cells.count)
        }
        return [Table(header: header, rows: rows, numbers: Set(1..<header.count)).text]
    }

    /// Where a replica may take several.
    private var hasCards: Bool { plan.hardware.kind == .accelerator }

    private func cells(_ outcome: Result<Plan.Served, Misfit>) -> [String] {
        func memory(_ need: MemoryNeed) -> [String] {
            [need.weights, need.cache, need.activations + need.program, need.total].map(byteText)
        }
        func rate(_ number: Double) -> String { String(format: number < 100 ? "%.1f" : "%.0f", number) }
        switch outcome {
        case .success(let served):
            let replica = served.replica
            return memory(replica.memory) + [
                rate(replica.prefill), rate(replica.decodeAlone), "\(replica.batch)", rate(replica.decodeTogether),
                "\(served.replicas)",
            ] + (hasCards ? ["\(served.devices)"] : [])
                + (plan.settings.beside == nil ? [] : [byteText(replica.memory.beside)])
        case .failure(let misfit): return memory(misfit.memory)
        }
    }

    private var misfits: [String] {
        plan.options.compactMap { option in
            guard case .failure(let misfit) = option.outcome else { return nil }
            return "\(option.format) does not do: \(misfit)"
        }
    }
}
