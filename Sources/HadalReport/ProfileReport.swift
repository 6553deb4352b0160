import Foundation
import HadalTerminal
import HadalWire

/// A worker's profile for people: tables for the terminal, and a flame graph.
package struct ProfileReport {
    let name: String
    let profile: WorkerProfile

    /// - Parameter name: of what was looked at.
    package init(name: String, _ profile: WorkerProfile) { (self.name, self.profile) = (name, profile) }

    /// Parts of the whole that are not worth a line of their own.
    private static let least = 0.0005

    package var text: String {
        [head, phases, operations, memory, threads].compactMap { $0 }.joined(separator: "\n\n")
    }

    private var head: String {
        var lines = ["\(name): \(seconds(profile.seconds)) on \(profile.device)"]
        if let limits = profile.roofline {
            lines.append(
                "limits: read \(rate(limits.readBytesPerSecond, "B/s")), int8 \(rate(limits.int8OperationsPerSecond, "OP/s")), "
                    + "float32 \(rate(limits.float32OperationsPerSecond, "OP/s"))"
                    + (limits.wasBusy ? "; measured beside other work: the true limits are higher" : ""))
        } else {
            lines.append("limits of the machine: not measured, so that there is no share of the roofline")
        }
        return lines.map(ControlFilter.cleanLine).joined(separator: "\n")
    }

    private var phases: String {
        let rows = profile.phases.filter { $0.steps > 0 }.map { phase in
            [
                phase.name, "\(phase.steps)", "\(phase.promptRows)", "\(phase.answerRows)", seconds(phase.seconds),
                percent(phase.seconds), seconds(phase.seconds / Double(phase.steps)),
            ]
        }
        guard !rows.isEmpty else { return "No step was computed: nobody asked anything." }
        let header = ["PHASE", "STEPS", "PROMPT ROWS", "ANSWER ROWS", "TIME", "SHARE", "A STEP"]
        return Table(header: header, rows: rows, numbers: [1, 2, 3, 4, 5, 6]).text
    }

    private var operations: String {
        struct Line {
            var seconds: Double
            var cells: [String]
        }
        var lines: [Line] = []
        for phase in profile.phases {
            for operation in phase.operations {
                func perSecond(_ count: Int) -> String {
                    guard count > 0, operation.seconds > 0 else { return "-" }
                    return String(format: "%.1f", Double(count) / operation.seconds / 1e9)
                }
                lines.append(
                    Line(
                        seconds: operation.seconds,
                        cells: [
                            phase.name, operation.name, "\(operation.calls)", seconds(operation.seconds),
                            percent(operation.seconds), operation.bytes > 0 ? rate(Double(operation.bytes), "B") : "-",
                            perSecond(operation.bytes), perSecond(operation.operations),
                            profile.rooflineShare(operation).map { String(format: "%.0f %%", $0 * 100) } ?? "-",
                        ]))
            }
            let other = phase.otherSeconds
            let cells = [phase.name, "other", "-", seconds(other), percent(other), "-", "-", "-", "-"]
            lines.append(Line(seconds: other, cells: cells))
        }
        let shown = lines.filter { $0.seconds >= profile.seconds * Self.least }.sorted { $0.seconds > $1.seconds }
        let header = ["PHASE", "OPERATION", "CALLS", "TIME", "SHARE", "READ", "GB/S", "GOP/S", "OF ROOFLINE"]
        let table = Table(header: header, rows: shown.map(\.cells), numbers: [2, 3, 4, 5, 6, 7, 8]).text
        guard shown.count < lines.count else { return table }
        let rest = lines.reduce(0) { $0 + $1.seconds } - shown.reduce(0) { $0 + $1.seconds }
        return table + "\n\(lines.count - shown.count) more took \(seconds(rest)) together; --json has them."
    }

    private var memory: String? {
        let rows = WorkerProfile.Memory.all.compactMap { _, title, path in
            profile.memory[keyPath: path].map { [title, rate(Double($0), "B")] }
        }
        return rows.isEmpty ? nil : Table(header: ["MEMORY", "BYTES"], rows: rows, numbers: [1]).text
    }

    private var threads: String? {
        guard !profile.threads.isEmpty, profile.seconds > 0 else { return nil }
        let rows = profile.threads.map {
            [
                $0.name, "\($0.threads)", seconds($0.processorSeconds),
                String(format: "%.2f", $0.processorSeconds / profile.seconds),
            ]
        }
        return Table(header: ["THREADS", "NUMBER", "CPU TIME", "CORES BUSY"], rows: rows, numbers: [1, 2, 3]).text
    }

    // MARK: numbers

    func percent(_ seconds: Double) -> String {
        String(format: "%.1f %%", profile.seconds > 0 ? seconds / profile.seconds * 100 : 0)
    }

    func seconds(_ seconds: Double) -> String {
        switch seconds {
        case 1...: String(format: "%.2f s", seconds)
        case 1e-3...: String(format: "%.2f ms", seconds * 1e3)
        default: String(format: "%.1f µs", seconds * 1e6)
        }
    }

    /// With a decimal prefix.
    func rate(_ value: Double, _ unit: String) -> String {
        for (prefix, size) in [("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)] where value >= size {
            return String(format: "%.2f ", value / size) + prefix + unit
        }
        return String(format: "%.0f ", value) + unit
    }
}
