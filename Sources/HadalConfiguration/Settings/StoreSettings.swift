import Foundation
import HadalJSON

/// The store of models: further places for them, and its patrol (docs/models.md).
public struct StoreSettings: SettingsSection {
    public var replicas: [ReplicaSettings] = []
    public var copies = 3
    /// A file of further models; nil: those that Hadal knows.
    public var catalogue: String?
    /// Whether files that come into the store are encrypted.
    public var encryption = false
    public var s3 = S3AccessSettings()
    public var patrol = Patrol()
    public var replicaPatrol = ReplicaPatrol()

    public init() {}

    static let entries: [Entry<StoreSettings>] = [
        .groups(
            "replicas", \.replicas, .restart,
            example: "[/mnt/disk2/hadal, {place: s3://models/hadal, compression: zstd, encryption: true}]",
            short: "place",
            "Further places that models are copied to and mended from: directories (on other disks, or of other "
                + "machines as mounted) or s3://BUCKET[/PREFIX]. The first ones are used first."),
        .setting(
            "copies", \.copies, .count(1...32, example: "3"), .restart,
            "How many places each model is to be in, this machine's store among them. With fewer replicas it is in all "
                + "of them."),
        .setting(
            "catalogue", \.catalogue, .optional(.path(example: "/etc/hadal/catalogue.yaml")), .restart,
            "Models beside those that Hadal knows, and digests that hadal pull insists on (docs/models.md)."),
        .setting(
            "encryption", \.encryption, .boolean, .restart,
            "Encrypt models that are pulled, imported or fetched, under the key for models. Needs a key service (secrets); "
                + "loading takes longer and memory twice. 'hadal models encrypt' does it to those that are here."),
        .group("s3", \.s3),
        .group("patrol", \.patrol),
        .group("replica_patrol", \.replicaPatrol),
    ]

    func check(_ findings: inout Findings) {
        let places = replicas.map(\.place)
        for (index, place) in places.enumerated() where places[..<index].contains(place) {
            findings.add("replicas[\(index)]", "\(quoted(place)) is there already", "keep one of them")
        }
    }

    /// When, and how fast, a running server reads the store's files again.
    public struct Patrol: SettingsSection {
        /// nil: at 02:00 where there are replicas, else never.
        public var at: String?
        public var timeZone = "UTC"
        public var every = Duration.seconds(7 * 86_400)
        /// Bytes a second.
        public var rate = 50 << 20

        public init() {}

        static let entries: [Entry<Patrol>] = [
            .setting(
                "at", \.at, .given(.timeOfDay), .restart, shownDefault: "02:00 where there are replicas, else never",
                "When the store's files are verified again; what is damaged is mended from a replica."),
            .setting("time_zone", \.timeZone, .timeZone, .restart, "Where that clock stands."),
            .setting(
                "every", \.every, .duration(.seconds(86_400)...(.seconds(365 * 86_400)), example: "7d"), .restart,
                "From one round to the next, in days."),
            .setting(
                "rate", \.rate, .bytes((1 << 20)...(1 << 40), example: "50MiB"), .restart,
                "How much is read in a second at most."),
        ]
    }

    /// When, and how fast, a running server reads the replicas again.
    public struct ReplicaPatrol: SettingsSection {
        public enum Reading: String, CaseIterable, Sendable, Hashable { case read, list }

        public var at = "04:00"
        public var timeZone = "UTC"
        public var every = Duration.seconds(30 * 86_400)
        /// Bytes a second.
        public var rate = 20 << 20
        public var buckets = Reading.read

        public init() {}

        static let entries: [Entry<ReplicaPatrol>] = [
            .setting(
                "at", \.at, .timeOfDay, .restart,
                "When the replicas are verified again; what is damaged or missing there is mended."),
            .setting("time_zone", \.timeZone, .timeZone, .restart, "Where that clock stands."),
            .setting(
                "every", \.every, .duration(.seconds(86_400)...(.seconds(365 * 86_400)), example: "30d"), .restart,
                "From one round to the next, in days."),
            .setting(
                "rate", \.rate, .bytes((1 << 20)...(1 << 40), example: "20MiB"), .restart,
                "How much is read in a second at most."),
            .setting(
                "buckets", \.buckets, .choice, .restart,
                "Whether files in buckets are read (which a provider may charge for), or only listed: that all are there "
                    + "with their sizes, and the rest is the provider's word."),
        ]
    }
}
