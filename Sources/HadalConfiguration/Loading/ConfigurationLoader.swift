import Foundation

/// A setting that an option of the command line gives.
public struct SettingOverride: Sendable, Hashable {
    /// The setting, `listen`.
    public var path: String
    /// As environment variables have it.
    public var text: String
    /// What errors call it, `--listen`.
    public var option: String

    public init(_ path: String, _ text: String, option: String) {
        self.path = path
        self.text = text
        self.option = option
    }
}

/// Makes settings of their sources: options before environment variables before the file before the defaults.
public enum ConfigurationLoader {
    /// - Parameters:
    ///   - file: nil for what `HADAL_CONFIG` names; without that there is none.
    ///   - environment: the process's; `HADAL_` variables that are empty count as not there.
    /// - Throws: everything that is wrong, in all sources.
    public static func load(
        file: String? = nil, environment: [String: String], overrides: [SettingOverride] = []
    ) throws(ConfigurationError) -> Loaded {
        var loading = Loading(environment: environment)
        let file = file ?? environment["HADAL_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let file { loading.read(file: file) }
        loading.readEnvironment()
        for override in overrides { loading.read(override) }
        return try loading.finish(file: file)
    }

    /// A file's bytes as if they were read from `file`.
    static func load(_ bytes: [UInt8], as file: String) throws(ConfigurationError) -> Loaded {
        var loading = Loading(environment: [:])
        loading.read(bytes, from: file)
        return try loading.finish(file: file)
    }
}

/// A configuration in the making.
private struct Loading {
    private let environment: [String: String]
    private var settings = HadalSettings()
    private var reading = Reading(directory: FileManager.default.currentDirectoryPath)

    init(environment: [String: String]) {
        self.environment = environment
        settings.data = DataDirectory.standard(environment: environment)
    }

    mutating func read(file: String) {
        guard let bytes = FileBytes.read(file, limit: YAMLBytes.sizeLimit) else {
            reading.report(
                "the configuration \(quoted(file, limit: 4096)) cannot be read",
                "check that it is a file, is there and may be read", at: .builtIn, "")
            return
        }
        read(bytes, from: file)
    }

    mutating func read(_ bytes: [UInt8], from file: String) {
        func place(_ line: Int, _ column: Int) -> SettingSource { .file(path: file, line: line, column: column) }
        do throws(YAMLBytes.Defect) {
            let text = try YAMLBytes.text(bytes)
            let (root, problems) = YAMLReader.read(text, source: place)
            reading.problems += problems
            guard let root else { return }
            let path = PathText.absolute(file, in: reading.directory)
            let current = reading.directory
            reading.directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            settings.read(root, at: "", &reading)
            reading.directory = current
        } catch {
            reading.report(error.problem, error.advice, at: place(error.line, error.column), "")
        }
    }

    mutating func readEnvironment() {
        for setting in SettingCatalog.outside {
            guard let name = setting.environmentVariable, let text = environment[name], !text.isEmpty else { continue }
            read(text, for: setting, from: .environment(name))
        }
    }

    mutating func read(_ override: SettingOverride) {
        guard let setting = SettingCatalog.outside.first(where: { $0.path == override.path }) else {
            let names = SettingCatalog.outside.map(\.path)
            let nearest = Suggestion.nearest(to: override.path, among: names)
            reading.report(
                "there is no setting \(quoted(override.path))",
                nearest.map { "did you mean '\($0)'?" } ?? "'hadal config reference' lists them",
                at: .option(override.option), "")
            return
        }
        read(override.text, for: setting, from: .option(override.option))
    }

    /// Reads a text as if the setting alone stood in a file.
    private mutating func read(_ text: String, for setting: SettingDescription, from source: SettingSource) {
        guard var node = node(text, setting.form, source, setting.path) else { return }
        for key in setting.path.split(separator: ".").reversed() {
            node = YAMLNode(.map([YAMLNode.Member(key: String(key), source: source, value: node)]), source: source)
        }
        settings.read(node, at: "", &reading)
    }

    private mutating func node(
        _ text: String, _ form: SettingForm, _ source: SettingSource, _ path: String
    ) -> YAMLNode? {
        let isYAML: Bool =
            switch form {
            case .scalar: false
            case .list: text.hasPrefix("[")
            case .structure: true
            }
        guard isYAML else {
            func value(_ text: Substring) -> YAMLNode {
                YAMLNode(.text(text.trimmingCharacters(in: .whitespaces), isPlain: false), source: source)
            }
            guard form == .list else { return value(text[...]) }
            return YAMLNode(.list(text.split(separator: ",").map(value)), source: source)
        }
        do throws(YAMLBytes.Defect) {
            let (root, problems) = YAMLReader.read(try YAMLBytes.text(Array(text.utf8))) { _, _ in source }
            for problem in problems { reading.report(problem.problem, problem.advice, at: source, path) }
            return root
        } catch {
            reading.report(error.problem, error.advice, at: source, path)
            return nil
        }
    }

    mutating func finish(file: String?) throws(ConfigurationError) -> Loaded {
        settings.checkAll(&reading)
        guard reading.problems.isEmpty else {
            let problems = reading.problems.sorted(by: ConfigurationProblem.isBefore)
            let limit = ConfigurationError.problemsLimit
            throw ConfigurationError(
                problems: Array(problems.prefix(limit)), omitted: max(0, problems.count - limit) + reading.omitted)
        }
        return Loaded(
            settings: settings, file: file, sources: reading.sources,
            warnings: EnvironmentName.doubtful(
                in: environment, known: SettingCatalog.outside.compactMap(\.environmentVariable)))
    }
}

/// Where data are kept when nothing says where.
public enum DataDirectory {
    /// `$XDG_DATA_HOME/hadal`, or `~/.local/share/hadal` (XDG Base Directory Specification). `HADAL_DATA` is the setting
    /// `data`'s variable.
    public static func standard(environment: [String: String]) -> String {
        // The specification has relative ones ignored.
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return PathText.absolute("hadal", in: base) }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
        return PathText.absolute(".local/share/hadal", in: home)
    }
}
