/// Why an evaluation cannot be made, and what to do.
public enum EvalError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(file: String)
    /// - field: where in the file, such as `scenarios[2].items[0].grade`.
    case badSuite(file: String, field: String, problem: String)
    case noScenario(String, known: [String])
    case badResult(file: String, problem: String)

    public var description: String {
        switch self {
        case .unreadable(let file): "cannot read \(file)"
        case .badSuite(let file, let field, let problem):
            "\(file): \(field): \(problem); docs/eval.md has what a suite is"
        case .noScenario(let name, let known):
            "no scenario or category '\(name)'; there are \(known.joined(separator: ", "))"
        case .badResult(let file, let problem): "\(file): \(problem); give a file that hadal eval run --json wrote"
        }
    }
}
