/// One thing that is wrong with the configuration.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    public var source: SettingSource
    /// The setting, `server.body_limit`; empty where it is about the whole file.
    public var path: String
    public var problem: String
    /// What to do about it.
    public var advice: String

    public var description: String {
        var parts: [String] = []
        if source != .builtIn { parts.append(source.description) }
        if !path.isEmpty { parts.append(path) }
        return (parts + ["\(problem); \(advice)"]).joined(separator: ": ")
    }

    /// File first and from its top to its end.
    static func isBefore(_ left: ConfigurationProblem, _ right: ConfigurationProblem) -> Bool {
        switch (left.source, right.source) {
        case (.file(_, let line, let column), .file(_, let otherLine, let otherColumn)):
            (line, column) < (otherLine, otherColumn)
        case (.file, _): true
        default: false
        }
    }
}

/// A configuration that cannot be used, with everything that is wrong with it.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// So many are told; a file that is something else altogether has thousands.
    public static let problemsLimit = 50

    public var problems: [ConfigurationProblem]
    /// How many more there are.
    public var omitted: Int

    /// A line for each problem.
    public var description: String {
        let lines = problems.map(\.description) + (omitted > 0 ? ["and \(omitted) more"] : [])
        return lines.joined(separator: "\n")
    }
}
