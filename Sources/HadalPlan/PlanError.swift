/// Why there is no plan.
public enum PlanError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownModel(String)
    /// A model of the catalogue whose `config.json` is not there.
    case noShape(String)
    /// - repository: of an addition to the catalogue.
    case badAddition(_ repository: String, problem: String)
    case unknownHardware(String)
    case outOfRange(option: String, found: String, expected: String)
    case contextTooLong(asked: Int, model: Int)
    case contextTooShort(context: Int, prompt: Int, answer: Int)

    public var description: String {
        switch self {
        case .unknownModel(let name):
            "there is no file or directory '\(name)' and no model of that name in the catalogue: "
                + ModelCatalogue.published.entries.map(\.name).joined(separator: ", ")
        case .noShape(let name):
            "the catalogue does not know the tensors of '\(name)'; give its config.json there ('config: FILE'), or "
                + "name the model on disk"
        case .badAddition(let repository, let problem): "\(repository) \(problem)"
        case .unknownHardware(let name):
            "hardware '\(name)' is not in the table: \(HardwareTable.entries.map(\.name).joined(separator: ", ")); "
                + "give other machines by --bandwidth, --memory and --peak"
        case .outOfRange(let option, let found, let expected): "\(option) is \(found); expected \(expected)"
        case .contextTooLong(let asked, let model):
            "--context is \(asked), but the model was trained for \(model) tokens; ask for at most that"
        case .contextTooShort(let context, let prompt, let answer):
            "--context is \(context), less than the prompt (\(prompt)) and the answer (\(answer)) together; "
                + "raise it, or lower --prompt-tokens or --answer-tokens"
        }
    }
}
