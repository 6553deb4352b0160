import HadalReleases

/// A version of a release, as targets, records and metrics name it: `chat@3`.
struct VersionName: Sendable, Hashable, CustomStringConvertible {
    let alias: String
    let number: Int

    init(_ alias: String, _ number: Int) {
        self.alias = alias
        self.number = number
    }

    /// - Returns: nil of what is no version's name, exactly as `description` writes it.
    init?(_ name: String) {
        guard let mark = name.lastIndex(of: "@"), let number = Int(name[name.index(after: mark)...]), number > 0
        else { return nil }
        self.init(String(name[..<mark]), number)
        guard !alias.isEmpty, description == name else { return nil }
    }

    init(_ version: ModelVersion) { self.init(version.alias, version.number) }

    var description: String { "\(alias)@\(number)" }
}
