import Foundation
import HadalWire

extension ProfileReport {
    /// The phases, in each the parts of the engine, in each its operations.
    package var svg: String {
        let phases = profile.phases.map { phase in
            var parts: [(name: String, operations: [WorkerProfile.Operation])] = []
            for operation in phase.operations {
                if let index = parts.firstIndex(where: { $0.name == operation.part }) {
                    parts[index].operations.append(operation)
                } else {
                    parts.append((operation.part, [operation]))
                }
            }
            var frames = parts.map { frame($0.name, $0.operations.map(frame)) }
            frames.append(FlameGraph.Frame("other", phase.otherSeconds, detail: detail(phase.otherSeconds)))
            let steps = phase.steps > 0 ? ", \(phase.steps) steps" : ""
            return FlameGraph.Frame(
                phase.name, phase.seconds, detail: detail(phase.seconds) + steps, parts: frames)
        }
        let title = "\(name): \(seconds(profile.seconds)) on \(profile.device)"
        return FlameGraph(
            title: title,
            root: FlameGraph.Frame("all", profile.seconds, detail: detail(profile.seconds), parts: phases)
        ).svg
    }

    private func frame(_ name: String, _ parts: [FlameGraph.Frame]) -> FlameGraph.Frame {
        let amount = parts.reduce(0) { $0 + $1.amount }
        return FlameGraph.Frame(name, amount, detail: detail(amount), parts: parts)
    }

    private func frame(_ operation: WorkerProfile.Operation) -> FlameGraph.Frame {
        var words = [detail(operation.seconds), "\(operation.calls) calls"]
        if operation.bytes > 0, operation.seconds > 0 {
            words.append(
                "\(rate(Double(operation.bytes), "B")) read at \(rate(Double(operation.bytes) / operation.seconds, "B/s"))"
            )
        }
        if let share = profile.rooflineShare(operation) {
            words.append(String(format: "%.0f %% of the roofline", share * 100))
        }
        return FlameGraph.Frame(operation.name, operation.seconds, detail: words.joined(separator: ", "))
    }

    private func detail(_ time: Double) -> String { "\(seconds(time)), \(percent(time))" }
}
