import ServiceLifecycle

/// Takes a worker into use that somebody else runs.
struct RunningWorker: Service {
    let deployment: Deployment
    let onReady: @Sendable () -> Void

    func run() async throws {
        deployment.model = try await deployment.client.describe()
        onReady()
        await cancelWhenGracefulShutdown { try? await deployment.learnDigest() }
        try? await gracefulShutdown()
    }
}
