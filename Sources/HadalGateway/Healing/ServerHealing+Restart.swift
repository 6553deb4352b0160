/// Workers that are started anew.
extension ServerHealing {
    /// How often it is looked whether the next worker is there.
    private static let pause = Duration.milliseconds(100)

    /// The worker, or all of the model's, one after the other: the next one is replaced when the one before answers again.
    func restart(_ name: String) async throws -> String {
        let all = try found(name)
        let here = all.compactMap { worker in worker.control.map { (worker.name, $0) } }
        guard !here.isEmpty else {
            throw NothingToHeal("\(name) is not started here; restart it where it runs")
        }
        var (results, restarted) = ([String](), 0)
        for (name, control) in here {
            do {
                results.append("\(name): \(try await Self.restart(control))")
                restarted += 1
            } catch let nothing as NothingToHeal { results.append("\(name): \(nothing)") }
        }
        let text = results.joined(separator: "; ")
        if restarted == 0 { throw NothingToHeal(text) }
        return text
    }

    /// The worker of the name, or all workers of the model.
    func found(_ name: String) throws(NothingToHeal) -> [ServedWorkers.Worker] {
        let all = workers.all.filter { $0.name == name }
        let found = all.isEmpty ? workers.all.filter { $0.deployment.served == name } : all
        guard !found.isEmpty else { throw NothingToHeal("no worker or model \(name) is here") }
        return found
    }

    private static func restart(_ control: WorkerControl) async throws -> String {
        let before = control.status
        switch before.state {
        case .unloaded: throw NothingToHeal("it is unloaded; the next request starts a new worker")
        case .starting, .replacing, .draining: throw NothingToHeal("it is \(before.state.rawValue) already")
        case .ready, .waiting: break
        }
        control.tell(.restart)
        while true {
            try await Task.sleep(for: pause)
            let now = control.status
            guard now.state == .ready, let process = now.process else { continue }
            if process !== before.process { return "a new worker answers (process \(process.life.process))" }
            if now.restarts > before.restarts { throw WorkerDidNotStart() }
        }
    }

    private struct WorkerDidNotStart: Error, CustomStringConvertible {
        let description = "a new worker did not start, and the old one goes on; the server's log says why"
    }
}
