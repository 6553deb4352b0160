import Foundation
import HadalAccess
import HadalReleases
import Logging
import ServiceLifecycle

/// Releases as a running server has them: who decides, who carries it out, and what requests tell of it.
struct Releases: Sendable {
    let controller: ReleaseController
    let workers: VersionWorkers
    let observer: ReleaseObserver
    let shadows: ShadowRequests
    /// Names of models that the server was started with: no deployment can have them.
    let taken: Set<String>
    private let logger: Logger

    var router: ReleaseRouter { workers.router }
    var store: ReleaseStore { controller.store }

    /// - Parameter audit: nil: steps are recorded in the releases' own store alone.
    /// - Throws: `ReleaseError` where what is kept cannot be used.
    init(
        data: URL, _ configuration: GatewayConfiguration, _ workers: VersionWorkers, audit: AuditLog?,
        hasPredecessor: @escaping @Sendable () -> Bool
    ) throws(ReleaseError) {
        let store = try ReleaseStore(data: data)
        let logger = configuration.logger
        let actuator = WorkerActuator(
            workers: workers, hasPredecessor: hasPredecessor, drainLimit: configuration.drainLimit, logger: logger)
        let controller = ReleaseController(
            store: store, actuator: actuator, logger: logger,
            onEvent: { event in
                logger.info("release", metadata: event.metadata)
                try audit?.record(AuditEvent(event))
            })
        let shadows = ShadowRequests(workers.router, compare: controller.compare)
        self.controller = controller
        self.workers = workers
        self.shadows = shadows
        self.logger = logger
        taken = Set(configuration.models.map(\.name))
        observer = ReleaseObserver(
            router: workers.router, answered: AnsweredRequests(), shadows: shadows, observe: controller.observe,
            rollout: { controller.rollout(measuring: $0.number, of: $0.alias) })
        for deployment in try store.deployments() {
            if deployment.traffic.revision > 0 { workers.router.expect(deployment.alias) }
            if taken.contains(deployment.alias) {
                logger.warning(
                    "a deployment cannot be asked: a model of the configuration has its name",
                    metadata: ["alias": "\(deployment.alias)"])
            }
        }
    }
}

/// Goes on with releases as long as the server runs, and leaves them for the next one.
struct ReleaseKeeper: Service {
    let controller: ReleaseController
    let deployments: [ConfiguredDeployment]
    let pause: Pause
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await pause.whileOff(keep)
        }
    }

    @Sendable private func keep() async {
        var isResumed = false
        var told: String?
        repeat {
            do {
                if isResumed {
                    try await controller.tick()
                } else {
                    try await controller.configure(deployments)
                    try await controller.resume()
                    isResumed = true
                }
                told = nil
            } catch {
                if told != "\(error)" {
                    logger.error("releases wait; it is tried again", metadata: ["problem": "\(error)"])
                }
                told = "\(error)"
            }
        } while (try? await Task.sleep(for: .seconds(1))) != nil
        await controller.stop()
    }
}

extension ReleaseEvent {
    fileprivate var metadata: Logger.Metadata {
        [
            "alias": "\(alias)", "step": "\(action.rawValue)", "by": "\(by.name)", "before": "\(before)",
            "after": "\(after)", "why": "\(why)", "rollout": "\(rollout.map(String.init) ?? "none")",
        ]
    }
}

extension AuditEvent {
    /// A step of a release. Who wanted it, if anybody, came by the administration's API, which has recorded the wish.
    fileprivate init(_ event: ReleaseEvent) {
        let actor = Principal(
            id: event.by.id, name: event.by.name, tenant: Principal.defaultTenant, method: .local, permissions: [])
        var details = ["number": "\(event.number)", "before": event.before, "after": event.after, "why": event.why]
        details["rollout"] = event.rollout.map(String.init)
        self.init(
            time: event.time, by: actor, action: "release.\(event.action.rawValue)", target: event.alias,
            outcome: event.action == .effectFailed ? .failed : .done, details: details.filter { !$0.value.isEmpty })
    }
}
