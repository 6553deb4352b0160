import Foundation
import HadalWire
import Logging
import Subprocess

/// What follows when a worker has ended.
extension WorkerTurns {
    mutating func ended(_ process: WorkerProcess, _ outcome: Result<TerminationStatus, any Error>) -> [Act] {
        if process === next {
            next = nil
            report(
                process, outcome, "the worker that was to replace another one ended; the old one goes on", requests: [])
            if current?.life.reason == nil { control.change { $0.state = .ready } }
            return []
        }
        guard process === current else {
            // One that was replaced. What it still computed goes on with its successor.
            if case .success(.exited(0)) = outcome { return [] }
            if case .failure(is EndOfProcess.Unknown) = outcome { return [] }
            report(process, outcome, "a worker that was replaced did not end as it should")
            return []
        }
        current = nil
        if process.life.reason == .unloaded, !isDemanded { return [] }
        isDemanded = false
        if process.life.reason == .unloaded { return startCurrent() }
        presence.model = nil
        if process.life.reason == .restarted {
            control.change { $0.restarts += 1 }
            return startCurrent()
        }
        return crashed(process, outcome)
    }

    private mutating func crashed(_ process: WorkerProcess, _ outcome: Result<TerminationStatus, any Error>) -> [Act] {
        guard wasReady else {
            // What it says itself is why it could not start.
            if case .success(.exited) = outcome, process.life.reason == nil {} else { report(process, outcome, nil) }
            return [.fail(startFailure(process, outcome))]
        }
        defer { control.change { $0.restarts += 1 } }
        if let next {
            report(process, outcome, "the worker ended; the one that was to replace it takes over when it is ready")
            current = next
            self.next = nil
            control.change { [current] in
                $0.process = current
                $0.state = .starting
            }
            return []
        }
        let wait = restartWait.next(wasReady: process.life.isReady, uptime: process.life.uptime)
        report(process, outcome, "the worker ended and is started anew in \(wait)")
        control.change { $0.state = .waiting }
        retries += 1
        return [.retry(retries, after: wait)]
    }

    private func startFailure(_ process: WorkerProcess, _ outcome: Result<TerminationStatus, any Error>) -> any Error {
        let name = supervisor.model.name
        switch (process.life.reason, outcome) {
        case (.fault(.startLimit), _): return GatewayError.workerTooSlow(model: name, limit: process.command.startLimit)
        case (.fault(.memoryLimit), _):
            return GatewayError.workerOverMemory(model: name, limit: process.command.memoryLimit ?? 0)
        case (_, .success(let status)): return GatewayError.workerFailed(model: name, status: status)
        case (_, .failure(let error)): return error
        }
    }

    private func report(
        _ process: WorkerProcess, _ outcome: Result<TerminationStatus, any Error>, _ message: String?,
        requests: [String]? = nil
    ) {
        let report = CrashReport(
            process, outcome, model: supervisor.model.name, digest: supervisor.deployment.digest,
            restarts: control.status.restarts, requests: requests ?? presence.use.takeLost())
        var name: String?
        var file = "none"
        do {
            if let path = try supervisor.crashes?.write(report) {
                file = path
                name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            }
        } catch {
            file = "cannot be written: \(error)"
        }
        control.change { [name] in $0.lastCrash = WorkerControl.LastCrash(name: name, report: report) }
        supervisor.logger.error(
            "\(message ?? "the worker could not start")",
            metadata: ["end": "\(report.end)", "reason": "\(report.reason.rawValue)", "report": "\(file)"])
    }
}

extension CrashReport {
    fileprivate init(
        _ process: WorkerProcess, _ outcome: Result<TerminationStatus, any Error>, model: String, digest: String?,
        restarts: Int, requests: [String]
    ) {
        let life = process.life
        var reason = Reason.crashed
        if case .fault(let fault) = life.reason { reason = fault }
        self.init(
            model: model, digest: digest, time: Date(), reason: reason, process: Int(life.process),
            uptime: life.uptime / .seconds(1), memory: life.memory?.resident, peakMemory: life.memory?.peak,
            memoryLimit: process.command.memoryLimit, restarts: restarts, requests: requests,
            lastLines: life.errors.lines)
        switch outcome {
        case .success(.signaled(let number)): signal = Int(number)
        case .success(.exited(let code)): exitCode = Int(code)
        case .failure(let error as EndOfProcess.Unknown): lastLines.append("\(error)")
        case .failure(let error): lastLines.append("it could not be started: \(error)")
        }
    }
}
