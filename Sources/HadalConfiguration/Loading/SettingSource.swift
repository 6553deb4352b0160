/// Where a setting's value was said.
public enum SettingSource: Sendable, Hashable {
    /// Nowhere.
    case builtIn
    /// Both counted from 1, the column in Unicode scalars.
    case file(path: String, line: Int, column: Int)
    /// An environment variable.
    case environment(String)
    /// An option of the command line.
    case option(String)
}

extension SettingSource: CustomStringConvertible {
    public var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .environment(let name): name
        case .option(let name): name
        }
    }
}
