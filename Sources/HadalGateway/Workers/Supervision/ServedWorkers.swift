import Foundation
import HadalAccess
import HadalJSON

/// The workers of all models that are served, for those who look after them.
struct ServedWorkers: Sendable {
    struct Worker: Sendable {
        /// The model's where it has one, `r1#1`, `r1#2` where it has several.
        let name: String
        let deployment: Deployment
        /// nil: it is started by somebody else.
        let control: WorkerControl?
    }

    private let fixed: [Worker]
    /// Those of versions, which come and go.
    private let versions: @Sendable () -> [Worker]

    init(all: [Worker], versions: @escaping @Sendable () -> [Worker] = { [] }) {
        fixed = all
        self.versions = versions
    }

    var all: [Worker] { fixed + versions() }

    func with(_ versions: @escaping @Sendable () -> [Worker]) -> ServedWorkers {
        ServedWorkers(all: fixed, versions: versions)
    }

    func worker(named name: String) -> Worker? { all.first { $0.name == name } }

    /// The workers of a model that has several.
    func workers(of model: String) -> [String] { all.filter { $0.deployment.served == model }.map(\.name) }
}

extension ServedWorkers.Worker {
    /// How much of its model is loaded, 0 to 1; nil: it is not being loaded.
    var loaded: Double? {
        guard let status = control?.status, status.state == .starting else { return nil }
        return status.process?.life.loaded
    }

    var json: JSON {
        let status = control?.status
        // Between two processes there is none.
        let isRunning = status.map { $0.state != .waiting && $0.state != .unloaded } ?? false
        let life = isRunning ? status?.process?.life : nil
        let requests = deployment.presence.use.requests.map(JSON.string)
        return .compact([
            ("name", .string(name)), ("model", .string(deployment.served)), ("startedHere", .bool(control != nil)),
            ("state", .string(status?.state.rawValue ?? deployment.stateName)),
            ("loaded", number(loaded)),
            ("pid", count(life.map { Int($0.process) })),
            ("uptimeSeconds", number(life.map { $0.uptime / .seconds(1) })),
            ("restarts", count(status?.restarts)), ("memoryBytes", count(life?.memory?.resident)),
            ("peakMemoryBytes", count(life?.memory?.peak)),
            ("memoryLimitBytes", count(status?.process?.command.memoryLimit)), ("runningRequests", .array(requests)),
            ("lastCrash", status?.lastCrash?.json),
        ])
    }

    private func count(_ value: Int?) -> JSON? { value.map { .int(Int64($0)) } }
    private func number(_ value: Double?) -> JSON? { value.map { .double($0) } }
}

extension WorkerControl.LastCrash {
    fileprivate var json: JSON {
        .compact([
            ("name", name.map(JSON.string)), ("time", .time(report.time)), ("end", .string(report.end)),
            ("reason", .string(report.reason.rawValue)),
        ])
    }
}
