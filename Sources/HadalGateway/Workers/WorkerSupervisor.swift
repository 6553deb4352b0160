import HadalWire
import Logging
import ServiceLifecycle

/// Starts the worker of one model, watches it, and starts it anew when it ends.
struct WorkerSupervisor: Service {
    let model: ServedModel
    let deployment: Deployment
    /// The socket of the start of this number; no two have the same, as the old worker may still drain.
    let socketOfStart: @Sendable (Int) -> String
    let http: HTTPClients
    let configuration: GatewayConfiguration
    let control: WorkerControl
    /// nil: there is no place for them.
    let crashes: CrashReports?
    /// Called each time the worker has become ready.
    let onReady: @Sendable () -> Void

    var logger: Logger {
        var logger = configuration.logger
        logger[metadataKey: "model"] = "\(model.name)"
        return logger
    }

    /// - Throws: `GatewayError` where the worker cannot be started the first time: then the model or the command is wrong,
    ///   and starting again would not help.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in deployment.presence.demands { control.tell(.demand) }
                }
                if let idle = model.idleUnload {
                    let interval = min(max(idle / 10, .milliseconds(100)), .seconds(10))
                    group.addTask {
                        while (try? await Task.sleep(for: interval)) != nil { control.tell(.idle) }
                    }
                }
                var turns = WorkerTurns(self)
                try perform(turns.begin(), &group)
                for await event in control.events { try perform(turns.take(event), &group) }
                group.cancelAll()
            }
        }
    }

    private func perform(_ acts: [WorkerTurns.Act], _ group: inout ThrowingDiscardingTaskGroup<any Error>) throws {
        for act in acts {
            switch act {
            case .run(let process):
                group.addTask {
                    var outcome: EndOfProcess.Outcome?
                    do {
                        outcome = try await process.run(control.tell) { configuration.onLoading(model.name, $0) }
                    } catch {
                        outcome = .failure(error)
                    }
                    if let outcome, !Task.isCancelled { control.tell(.ended(process, outcome)) }
                }
            case .retry(let number, let wait):
                group.addTask {
                    if (try? await Task.sleep(for: wait)) != nil { control.tell(.retry(number)) }
                }
            case .fail(let error): throw error
            }
        }
    }
}
