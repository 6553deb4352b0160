import Crypto
import Foundation
import HadalJSON

/// How a segment begins: `HADALAUD`, version (1 byte: 1), three zeros, length of the JSON (32 bits, little-endian),
/// JSON, and the SHA-256 of all that, which is what the first frame's hash is made over.
struct SegmentHead: Sendable, Hashable {
    static let magic = Array("HADALAUD".utf8)
    private static let fixedSize = 16
    private static let jsonLimit = 64 * 1024

    /// The trail's id: segments of another trail do not fit.
    var trail: String
    /// Sequence number of its first record.
    var first: UInt64
    /// Hash of the last frame of the segment before; of the trail's first segment 32 zeros.
    var previous: String
    /// Nanoseconds since 1970.
    var created: Int64
    /// Whose signatures are in this segment.
    var key: AuditKeyID
    var publicKey: [UInt8]

    func bytes() -> [UInt8] {
        var writer = CanonicalWriter()
        writer.member("created", JSON.int(created))
        writer.member("first", first)
        writer.member("key", key.text)
        writer.member("previous", previous)
        writer.member("public_key", publicKey.base64)
        writer.member("trail", trail)
        let json = writer.finish()
        var bytes = Self.magic + [1, 0, 0, 0]
        bytes.append(littleEndian: UInt32(json.count))
        bytes += json
        return bytes + SHA256.hash(data: bytes)
    }

    /// - Returns: the head, the hash that the chain begins with, and the head's size in bytes.
    static func read(_ file: AuditFile) throws(AuditError) -> (head: SegmentHead, hash: [UInt8], size: Int) {
        func damaged(_ offset: UInt64, _ problem: String) -> AuditError {
            .damaged(path: file.path, offset: offset, problem: problem)
        }
        let fixed = try file.read(at: 0, count: fixedSize)
        guard fixed.count == fixedSize, fixed.starts(with: magic) else {
            throw damaged(0, "it does not begin as a segment of an audit trail")
        }
        guard fixed[8] == 1, fixed[9..<12].allSatisfy({ $0 == 0 }) else {
            throw .unsupported(
                path: file.path, problem: "format \(fixed[8]); this version of Hadal reads 1, or the head was changed")
        }
        let length = Int(fixed.littleEndian(at: 12, as: UInt32.self))
        guard length <= jsonLimit else { throw damaged(12, "the head is longer than a head can be") }
        let rest = try file.read(at: UInt64(fixedSize), count: length + FrameHeader.hashSize)
        guard rest.count == length + FrameHeader.hashSize else { throw damaged(12, "the head's end is missing") }
        let json = rest[..<length]
        let hash = Array(rest[length...])
        guard SHA256.hash(data: fixed + json).elementsEqual(hash) else { throw damaged(0, "the head was changed") }
        guard let value = try? JSON(parsing: json), let trail = value["trail"]?.string,
            let first = value["first"]?.int.flatMap(UInt64.init(exactly:)), first > 0,
            let previous = value["previous"]?.string,
            let created = value["created"]?.int, let key = value["key"]?.string.flatMap(AuditKeyID.init),
            let publicKey = value["public_key"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { throw damaged(UInt64(fixedSize), "members of the head are missing") }
        let head = SegmentHead(
            trail: trail, first: first, previous: previous, created: Int64(created), key: key,
            publicKey: Array(publicKey))
        return (head, hash, fixedSize + rest.count)
    }
}
