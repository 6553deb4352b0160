import Foundation
import HadalJSON

extension AuditSearch {
    /// The trail's id; nil where there is no trail.
    public var trail: String? {
        get throws(AuditError) { try KeyHistory.read(directory.keys).entries.first?.trail }
    }

    /// Whether the trail is written under data keys, which are needed to read it then. False also where that cannot be
    /// seen.
    public static func isSealed(data: String) -> Bool {
        guard let bytes = try? SmallFile.read(AuditDirectory(data: data).signingKey),
            let json = try? JSON(parsing: bytes)
        else { return false }
        return json["sealed"] != nil
    }

    /// Bytes of all files of a trail.
    public static func size(data: String) -> UInt64 {
        let root = URL(fileURLWithPath: AuditDirectory(data: data).path)
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.fileSizeKey])
        return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, url in
            sum + UInt64((try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0)
        }
    }
}
