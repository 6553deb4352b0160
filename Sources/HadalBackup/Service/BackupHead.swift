import Foundation
import HadalJSON

/// `DATA/backup.head`: how far this data directory's backup was when it was last written, so that a check notices where
/// its end was taken away. Only the machine has it: without it the last points cannot be told from never having been.
public struct BackupHead: Sendable {
    static let name = "backup.head"

    let owner: String
    let link: SnapshotLink

    init(owner: String, _ link: SnapshotLink) { (self.owner, self.link) = (owner, link) }

    /// nil: there is none.
    public init?(in data: String) {
        guard let bytes = FileManager.default.contents(atPath: data + "/" + Self.name),
            let json = try? JSON(parsing: bytes), let owner = json["owner"]?.string,
            let link = try? SnapshotLink(json)
        else { return nil }
        self.init(owner: owner, link)
    }

    /// One that cannot be written stays as it was, which a check takes for less than there is.
    func write(in data: String) {
        let json: JSON = [
            "owner": .string(owner), "snapshot": .string("\(link.snapshot)"), "points": .int(Int64(link.points)),
        ]
        try? Data(json.bytes).write(to: URL(fileURLWithPath: data + "/" + Self.name), options: .atomic)
    }
}
