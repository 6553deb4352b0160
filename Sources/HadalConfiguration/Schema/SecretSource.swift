/// Where a secret is: never the secret itself.
public struct SecretSource: Sendable, Hashable {
    /// The path of a file that holds it and nothing else; a line feed at its end is not part of it.
    public var file: String?
    /// The name of an environment variable.
    public var environmentVariable: String?

    public init(file: String? = nil, environmentVariable: String? = nil) {
        self.file = file
        self.environmentVariable = environmentVariable
    }

    public var isGiven: Bool { file != nil || environmentVariable != nil }
}

extension Findings {
    /// Tells where a secret is in no place although one is wanted.
    mutating func need(_ source: SecretSource, _ key: String, for what: String) {
        if !source.isGiven {
            let name = SettingPath.key(of: key)
            add(key + "_file", "\(what) needs it", "write '\(name)_file: PATH' or '\(name)_env: NAME'")
        }
    }
}
