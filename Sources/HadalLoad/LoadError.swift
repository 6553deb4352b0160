/// Why a load test cannot be made, and what to do.
public enum LoadError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(file: String)
    case badTrace(file: String, line: Int, problem: String)
    case badObjective(String, problem: String)
    case badResult(file: String, problem: String)
    /// The server does not answer the first question, so that there is nothing to measure.
    case noAnswer(problem: String)

    public var description: String {
        switch self {
        case .unreadable(let file): "cannot read \(file)"
        case .badTrace(let file, let line, let problem):
            "\(file):\(line): \(problem); a trace is Azure's (TIMESTAMP,ContextTokens,GeneratedTokens) or Mooncake's (a JSON "
                + "object a line with timestamp, input_length and output_length)"
        case .badObjective(let text, let problem):
            "--slo '\(text)': \(problem); say for example ttft.p99=2, itl.p99=0.1, e2e.p95=30 (seconds)"
        case .badResult(let file, let problem):
            "\(file): \(problem); give a file that hadal bench load --json wrote"
        case .noAnswer(let problem): "the server does not answer a first question: \(problem)"
        }
    }
}
