/// A group of settings: a struct whose properties have the defaults, and a list that declares each of them.
protocol SettingsSection: Sendable, Hashable {
    init()
    static var entries: [Entry<Self>] { get }
    /// Tells what does not fit together.
    func check(_ findings: inout Findings)
}

extension SettingsSection {
    func check(_ findings: inout Findings) {}

    /// Takes over what `node` says.
    mutating func read(_ node: YAMLNode, at path: String, _ reading: inout Reading) {
        guard case .map(let members) = node.content else {
            // A group whose settings are all commented out.
            if node.isEmpty { return }
            reading.report(
                "\(node.shape) instead of a group of settings",
                "write names and values with a deeper indentation, '\(Self.entries[0].keys[0]): …'", at: node.source,
                path)
            return
        }
        if !path.isEmpty { reading.sources[path] = node.source }
        for member in members {
            let memberPath = SettingPath.join(path, member.key)
            if let entry = Self.entries.first(where: { $0.keys.contains(member.key) }) {
                entry.read(member.value, member.key, path, &self, &reading)
            } else if Self.entries.contains(where: { $0.inlineSecret == member.key }) {
                reading.report(
                    "a secret must not stand in the configuration, which is copied, shown and kept in version control",
                    "put it in a file that only the server's user can read and write '\(member.key)_file: PATH', or in an "
                        + "environment variable and write '\(member.key)_env: NAME'", at: member.source, memberPath)
            } else {
                let shown = SettingPath.join(path, String(quoted(member.key).dropFirst().dropLast()))
                reading.report(
                    "there is no such setting", Suggestion.advice(for: member.key, among: Self.entries.flatMap(\.keys)),
                    at: member.source, shown)
            }
        }
    }

    func values(at path: String = "") -> [SettingValue] {
        Self.entries.flatMap { $0.values(self, path) }
    }

    /// Of all settings, with the values of `self` as defaults.
    func descriptions(at path: String = "", takesEnvironment: Bool = true) -> [SettingDescription] {
        Self.entries.flatMap { $0.describe(self, path, takesEnvironment) }
    }

    func checkAll(at path: String = "", _ reading: inout Reading) {
        var findings = Findings()
        check(&findings)
        findings.report(of: path, to: &reading)
        for entry in Self.entries { entry.check(self, path, &reading) }
    }

    /// Takes over what `other` has that differs from the defaults.
    mutating func overlay(_ other: Self) {
        for entry in Self.entries { entry.overlay(&self, other) }
    }
}
