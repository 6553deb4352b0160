import Foundation

/// A file of models beside those that Hadal knows (`store.catalogue`): YAML or JSON.
///
/// ```yaml
/// models:
///   - repository: deepseek-ai/DeepSeek-R1
///     files: {config.json: 0f3c…}
/// ```
public struct CatalogueFile: SettingsSection {
    public var models: [CatalogueEntry] = []

    public init() {}

    static let entries: [Entry<CatalogueFile>] = [
        .groups(
            "models", \.models, .restart, example: "[{repository: deepseek-ai/DeepSeek-R1, temperature: 0.6}]",
            "The models.")
    ]

    func check(_ findings: inout Findings) {
        var repositories: Set<String> = []
        for (index, model) in models.enumerated()
        where !model.repository.isEmpty && !repositories.insert(model.repository.lowercased()).inserted {
            findings.add("models[\(index)].repository", "it is there already", "keep one of them")
        }
    }

    /// - Throws: everything that is wrong with it, by line and field.
    public static func load(_ path: String) throws(ConfigurationError) -> CatalogueFile {
        guard let bytes = FileBytes.read(path, limit: YAMLBytes.sizeLimit) else {
            let problem = ConfigurationProblem(
                source: .builtIn, path: "store.catalogue", problem: "\(quoted(path, limit: 4096)) cannot be read",
                advice: "check that it is a file, is there and may be read")
            throw ConfigurationError(problems: [problem], omitted: 0)
        }
        return try load(bytes, as: path)
    }

    /// - Parameter path: whose bytes they are.
    static func load(_ bytes: [UInt8], as path: String) throws(ConfigurationError) -> CatalogueFile {
        var reading = Reading(directory: URL(fileURLWithPath: path).deletingLastPathComponent().path)
        var file = CatalogueFile()
        func place(_ line: Int, _ column: Int) -> SettingSource { .file(path: path, line: line, column: column) }
        do throws(YAMLBytes.Defect) {
            let (root, problems) = YAMLReader.read(try YAMLBytes.text(bytes), source: place)
            reading.problems += problems
            if let root { file.read(root, at: "", &reading) }
        } catch { reading.report(error.problem, error.advice, at: place(error.line, error.column), "") }
        file.checkAll(&reading)
        guard reading.problems.isEmpty else {
            let limit = ConfigurationError.problemsLimit
            let problems = reading.problems.sorted(by: ConfigurationProblem.isBefore)
            throw ConfigurationError(
                problems: Array(problems.prefix(limit)), omitted: max(0, problems.count - limit) + reading.omitted)
        }
        return file
    }
}
