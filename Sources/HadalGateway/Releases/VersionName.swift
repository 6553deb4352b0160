import HadalReleases

/// A version of a release, as targets, records and metrics name it: `chat@3`.
struct VersionName: Sendable, Hashable, CustomStringConvertible {
    let alias: String
    let number: Int

    init(_ alias: String, _ number: Int) {
        self.alias = alias
        self.number = number
    }

    init(_ version: ModelVersion) { self.init(version.alias, version.number) }

    var description: String { "\(alias)@\(number)" }
}
