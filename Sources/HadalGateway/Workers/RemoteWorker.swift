import Foundation
import HadalWire
import Logging
import ServiceLifecycle

/// Uses a worker on another machine, or another server, while it is there. Nobody here starts it: it is asked again and again
/// how it is.
struct RemoteWorker: Service {
    let model: ServedModel
    let deployment: Deployment
    let logger: Logger
    /// Called each time the worker has become ready.
    let onReady: @Sendable () -> Void

    /// Between two questions to a worker that is there; other servers may count what they are asked.
    private var interval: Duration { model.upstreams.isEmpty ? .seconds(2) : .seconds(15) }
    /// The first wait before one that is away is asked again, and the longest.
    private static let backOff: (first: Duration, longest: Duration) = (.milliseconds(200), .seconds(10))

    /// Returns when it is told to stop: a worker that is away is no reason to end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var logger = logger
            logger[metadataKey: "model"] = "\(model.name)"
            logger[metadataKey: "worker"] = "\(model.reference)"
            var wait = Self.backOff.first
            var told: String?
            while !Task.isCancelled {
                do {
                    let described = try await deployment.client.look()
                    let wasAway = deployment.model == nil
                    deployment.model = described
                    if wasAway {
                        logger.notice("the worker is ready")
                        onReady()
                    }
                    (told, wait) = (nil, Self.backOff.first)
                    try await Task.sleep(for: interval)
                } catch {
                    if Task.isCancelled { return }
                    deployment.model = nil
                    let reason = WorkerProblem.text(error)
                    if reason != told {
                        logger.error(
                            "the worker is away; until it is there, its model cannot be used",
                            metadata: ["reason": "\(reason)"])
                    }
                    told = reason
                    try? await Task.sleep(for: wait)
                    wait = min(wait * 2, Self.backOff.longest)
                }
            }
        }
    }
}
