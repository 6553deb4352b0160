import HadalRouting

/// Whether all that clients may ask for gets an answer, be it that a model is loaded first.
struct Readiness: Sendable {
    /// All that the server was started with.
    let served: [Deployment]
    let routes: RouteTable
    /// nil: there are no releases.
    let releases: ReleaseRouter?

    var isReady: Bool {
        releases?.isReady != false && served.allSatisfy { $0.isUsable || isReplaced($0) }
            && routes.routes.allSatisfy { isAnswered($0.alias) }
    }

    /// Whether others answer while the model is away. Another server is not ours to keep up; our own workers are.
    func isReplaced(_ model: Deployment) -> Bool {
        model.client is UpstreamModel
            && routes.routes.contains { routes.targets(of: $0.alias).contains(model.served) && isAnswered($0.alias) }
    }

    private func isAnswered(_ alias: String) -> Bool { routes.targets(of: alias).contains(where: isUsable) }

    private func isUsable(_ target: String) -> Bool {
        served.first { $0.served == target }?.isUsable ?? releases?.isUsable(target) ?? false
    }
}
