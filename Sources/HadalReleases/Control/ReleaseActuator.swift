/// Carries out what a release decides: workers and the router. Each act may be asked for again (after a crash, or a
/// failure) and then does only what is missing. It returns when the act is done, throws what went wrong in words for
/// people, or that it took too long, and throws `CancellationError` soon after its task is cancelled. Of one version
/// there is never more than one act at a time.
public protocol ReleaseActuator: Sendable {
    /// Starts the version's workers, where they do not run.
    func prepare(_ version: ModelVersion) async throws

    /// Warms them up and returns when they are ready for requests.
    func warm(_ version: ModelVersion) async throws

    /// Compares the digest that its workers show with the version's, and asks them a question that they must answer.
    func verify(_ version: ModelVersion) async throws

    /// Lets the router go by `traffic` for every request from now on, at once. One whose revision is lower than that it
    /// goes by is ignored: it comes from a release that another has overtaken.
    func setTraffic(_ traffic: Traffic, of alias: String) async throws

    /// Returns when the version's requests are finished, or were cut at the configured limit. Its workers stay up;
    /// where they are not up, there is nothing to do.
    func drain(_ version: ModelVersion) async throws

    /// Stops its workers.
    func stop(_ version: ModelVersion) async throws
}
