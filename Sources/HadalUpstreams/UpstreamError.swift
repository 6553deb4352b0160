/// Why an upstream gives no answer, where it is not it that says so (`WorkerFailure`).
public enum UpstreamError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The connection did not come about, broke, fell silent, or what came over it is not understood.
    case lost(upstream: String, problem: String)
    /// The key cannot be read.
    case key(String)
    /// It cannot be used as it is configured.
    case unusable(upstream: String, problem: String)

    public var description: String {
        switch self {
        case .lost(let upstream, let problem): "the upstream \(upstream) was lost: \(problem)"
        case .key(let problem): problem
        case .unusable(let upstream, let problem): "the upstream \(upstream) cannot be used: \(problem)"
        }
    }
}
