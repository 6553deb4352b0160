import HadalJSON

/// A snapshot, and how many points came after it. Each snapshot names the one before: no object can be put in another's
/// place, and so none can be taken away unnoticed.
public struct SnapshotLink: Sendable, Hashable {
    let snapshot: SnapshotName
    let points: Int

    var json: JSON { ["snapshot": .string("\(snapshot)"), "points": .int(Int64(points))] }

    init(_ snapshot: SnapshotName, points: Int) { (self.snapshot, self.points) = (snapshot, points) }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        guard let name = SnapshotName(try fields.text("snapshot")) else { throw DocumentError("snapshot: not a name") }
        (snapshot, points) = (name, try fields.number("points"))
    }

    /// - Returns: nil where there is none.
    static func optional(_ json: JSON, _ field: String) throws(DocumentError) -> SnapshotLink? {
        guard let json = json[field], json != .null else { return nil }
        return try DocumentError.at(field) { () throws(DocumentError) in try SnapshotLink(json) }
    }
}
