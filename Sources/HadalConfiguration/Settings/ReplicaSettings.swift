/// A further place for models, and how copies are written there.
public struct ReplicaSettings: SettingsSection {
    public enum Compression: String, CaseIterable, Sendable, Hashable { case none, zstd }

    /// A directory, or `s3://BUCKET[/PREFIX]`.
    public var place = ""
    public var compression = Compression.none
    public var compressionLevel = 3
    public var encryption = false

    public init() {}

    static let entries: [Entry<ReplicaSettings>] = [
        .setting(
            "place", \.place, .objectPlace, .restart, shownDefault: "must be given",
            "The place. A text that stands in the list alone is one, with all else as it is by default."),
        .setting(
            "compression", \.compression, .choice, .restart,
            "Whether new copies are compressed, in pieces of 16 MiB, where that saves 5 % or more."),
        .setting(
            "compression_level", \.compressionLevel, .count(1...19, example: "3"), .restart,
            "How much time goes into it."),
        .setting(
            "encryption", \.encryption, .boolean, .restart,
            "Encrypts new copies, with their names, under a key of the place that the key service (secrets) wraps. "
                + "A place that has a key stays encrypted, whatever stands here."),
    ]

    func check(_ findings: inout Findings) {
        if place.isEmpty { findings.add("place", "is missing", "name a directory, or s3://BUCKET/PREFIX") }
    }
}
