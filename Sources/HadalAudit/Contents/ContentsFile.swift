import Foundation

/// The encrypted texts of a segment's records, beside it: `HADALCON`, version (1 byte: 1), seven zeros, then texts one
/// after another; the records say where each lies. The chain holds only their hashes, so the file may be removed.
enum ContentsFile {
    static let head = Array("HADALCON".utf8) + [1, 0, 0, 0, 0, 0, 0, 0]

    static func open(_ path: String) throws(AuditError) -> (file: AuditFile, size: UInt64) {
        let file = try AuditFile(path, O_RDWR | O_CREAT)
        let size = try file.size()
        guard size < UInt64(head.count) else { return (file, size) }
        try file.write(head, at: 0)
        try SmallFile.synchronizeDirectory(of: path)
        return (file, UInt64(head.count))
    }
}
