import Foundation
import HadalWire
import Logging

/// Whose turn it is to answer for a model: what its supervisor does when something happens to a worker. Nothing here waits.
struct WorkerTurns {
    enum Act {
        case run(WorkerProcess)
        case retry(Int, after: Duration)
        /// The supervisor gives up.
        case fail(any Error)
    }

    let supervisor: WorkerSupervisor
    /// The one that answers, or is to.
    var current: WorkerProcess?
    /// The one that replaces it once it is ready.
    var next: WorkerProcess?
    var starts = 0
    var retries = 0
    var restartWait = RestartWait()
    var wasReady = false
    /// While what is unloaded still drains.
    var isDemanded = false

    var presence: WorkerPresence { supervisor.deployment.presence }
    var control: WorkerControl { supervisor.control }

    init(_ supervisor: WorkerSupervisor) { self.supervisor = supervisor }

    mutating func begin() -> [Act] {
        switch control.inheritance {
        case nil: return startCurrent()
        case .running(let child, let socket):
            do { return run(try make(socket: socket, child)) } catch { return [.fail(error)] }
        case .unloaded(let model):
            wasReady = true
            presence.beginsUnloaded(model)
            control.change { $0.state = .unloaded }
            supervisor.onReady()
            return []
        }
    }

    mutating func take(_ event: SupervisionEvent) -> [Act] {
        switch event {
        case .ready(let process, let model): return ready(process, model)
        case .described(let process, let model):
            if process === current { presence.learn(model) }
        case .overMemory(let process): return overMemory(process)
        case .ended(let process, let outcome): return ended(process, outcome)
        case .retry(let number):
            if number == retries, current == nil, !presence.isUsable { return startCurrent() }
        case .demand: return demand()
        case .idle: return unload()
        case .restart: return restart()
        }
        return []
    }

    // MARK: starting

    mutating func startCurrent() -> [Act] {
        // A wait that is not over is one of an earlier turn.
        retries += 1
        do { return run(try make()) } catch { return [.fail(error)] }
    }

    private mutating func run(_ process: WorkerProcess) -> [Act] {
        current = process
        control.change {
            $0.process = process
            $0.state = .starting
        }
        return [.run(process)]
    }

    mutating func make() throws -> WorkerProcess {
        starts += 1
        return try make(socket: supervisor.socketOfStart(starts), nil)
    }

    private func make(socket: String, _ inherited: WorkerChild?) throws -> WorkerProcess {
        WorkerProcess(
            socket: socket, command: try WorkerCommand(supervisor.model, socket: socket, supervisor.configuration),
            client: WorkerClient(http: supervisor.http, place: .socket(socket), model: supervisor.model.name),
            inherited: inherited)
    }

    private mutating func ready(_ process: WorkerProcess, _ model: WorkerModel) -> [Act] {
        // What was told to end meanwhile will not take over.
        guard process === current || process === next, process.life.reason == nil else { return [] }
        let old = process === next ? current : nil
        if process === next { (current, next) = (next, nil) }
        wasReady = true
        // What was lost before is in the report of the worker that lost it.
        presence.use.takeLost()
        control.socket.now = process.socket
        presence.model = model
        control.change {
            $0.process = process
            $0.state = .ready
        }
        supervisor.logger.info("worker ready", metadata: ["pid": "\(process.life.process)"])
        supervisor.onReady()
        old?.drain(.replaced)
        return []
    }
}
