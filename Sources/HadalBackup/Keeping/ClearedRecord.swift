import HadalJSON

/// What was removed on purpose: what else is missing was taken away.
struct ClearedRecord: Sendable {
    /// Snapshots that are gone, and what each said of the one before.
    private(set) var snapshots: [SnapshotName: SnapshotLink?] = [:]
    /// Snapshots whose points are gone.
    private(set) var points: Set<SnapshotName> = []

    init() {}

    mutating func add(_ snapshot: SnapshotName, previous: SnapshotLink?) { snapshots[snapshot] = .some(previous) }
    mutating func addPoints(of snapshot: SnapshotName) { points.insert(snapshot) }

    var json: JSON {
        [
            "format": .int(Int64(Snapshot.format)),
            "snapshots": .array(
                snapshots.sorted { $0.key < $1.key }.map {
                    ["name": .string("\($0.key)"), "previous": $0.value?.json ?? .null]
                }),
            "points": .array(points.sorted().map { .string("\($0)") }),
        ]
    }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        for json in try fields.list("snapshots") {
            let name = try Self.name(try DocumentFields(json).text("name"))
            add(name, previous: try SnapshotLink.optional(json, "previous"))
        }
        for text in try fields.texts("points") { points.insert(try Self.name(text)) }
    }

    private static func name(_ text: String) throws(DocumentError) -> SnapshotName {
        guard let name = SnapshotName(text) else { throw DocumentError("snapshots: \(text) is not a name") }
        return name
    }
}
