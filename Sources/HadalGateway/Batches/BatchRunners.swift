import HadalHTTP
import Logging
import ServiceLifecycle

/// Runs the batches of all tenants: each tenant's one after the other, so that none waits for another's.
struct BatchRunners: Service {
    let spaces: TenantSpaces
    let pipeline: CurrentPipeline
    let gate: RequestGate
    let schedule: BatchSchedule
    let pause: Pause
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await space in spaces.opened.cancelOnGracefulShutdown() {
                guard let stores = space.files else { continue }
                let runner = BatchRunner(
                    batches: stores.batches, files: stores.files, pipeline: pipeline, gate: gate, schedule: schedule,
                    logger: logger)
                group.addTask { await pause.whileOff { await runner.run() } }
            }
        }
    }
}
