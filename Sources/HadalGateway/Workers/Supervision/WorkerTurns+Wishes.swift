import Logging

/// What others want of a worker, or have it do.
extension WorkerTurns {
    mutating func overMemory(_ process: WorkerProcess) -> [Act] {
        if process === current { presence.model = nil }
        if process === current || process === next {
            if process === current { control.change { $0.state = .draining } }
            process.drain(.fault(.memoryLimit))
        }
        return []
    }

    mutating func demand() -> [Act] {
        guard current == nil else {
            isDemanded = current?.life.reason == .unloaded
            return []
        }
        return startCurrent()
    }

    mutating func unload() -> [Act] {
        guard let current, next == nil, current.life.isReady, current.life.reason == nil,
            let idle = supervisor.model.idleUnload, presence.unload(afterIdle: idle)
        else { return [] }
        isDemanded = false
        control.change { $0.state = .unloaded }
        supervisor.logger.info("the model is unloaded: nobody used it", metadata: ["for": "\(idle)"])
        current.drain(.unloaded)
        return []
    }

    mutating func restart() -> [Act] {
        guard let current else {
            // Of one that is unloaded there is none to restart; a wait for the next start is cut short.
            return presence.isUsable ? [] : startCurrent()
        }
        guard next == nil, current.life.isReady, current.life.reason == nil else { return [] }
        guard hasMemoryForTwo(current) else {
            presence.model = nil
            control.change { $0.state = .draining }
            current.drain(.restarted)
            return []
        }
        do {
            let process = try make()
            next = process
            control.change {
                $0.restarts += 1
                $0.state = .replacing
            }
            return [.run(process)]
        } catch {
            supervisor.logger.error("the worker cannot be replaced", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// The next one will take as much as the old one does, which keeps it until it has drained.
    private func hasMemoryForTwo(_ process: WorkerProcess) -> Bool {
        guard let memory = process.life.memory?.resident else { return true }
        if let limit = process.command.memoryLimit, memory > limit / 2 { return false }
        return memory + memory / 10 < ProcessMemory.available
    }
}
