import Crypto
import Foundation
import HadalObjects
import HadalStore

/// A file that is sent in pieces. It is read once as a whole before the first is sent, so that nothing of a damaged file
/// gets anywhere, and each piece is compared with what was read then.
struct PieceFile: Sendable {
    private let path: String
    private let file: OpenFile
    private let sums: [SHA256.Digest]
    private let pieceBytes: Int

    /// - Throws: `ObjectError.wrongBytes`
    init(_ path: String, of expected: Manifest.File, pieceBytes: Int) async throws(ObjectError) {
        (self.path, self.pieceBytes) = (path, pieceBytes)
        let (file, size) = try await blocking { () throws(ObjectError) in try OpenFile.source(path) }
        var whole = SHA256()
        var sums: [SHA256.Digest] = []
        for start in stride(from: 0, to: max(size, 1), by: Int64.Stride(pieceBytes)) {
            let bytes = try await Self.read(file, start..<min(size, start + Int64(pieceBytes)))
            whole.update(data: bytes)
            sums.append(SHA256.hash(data: bytes))
        }
        let found = BlobDigest(whole.finalize())
        guard found == expected.digest else {
            throw .wrongBytes(file: path, expected: expected.digest.hex, found: found.hex)
        }
        (self.file, self.sums) = (file, sums)
    }

    /// - Throws: `ObjectError.wrongBytes` where the file has been changed in the meantime.
    func piece(_ index: Int, size: Int) async throws(ObjectError) -> Data {
        let start = Int64(index) * Int64(pieceBytes)
        let bytes = try await Self.read(file, start..<start + Int64(size))
        let sum = SHA256.hash(data: bytes)
        guard sum == sums[index] else {
            throw .wrongBytes(file: path, expected: BlobDigest(sums[index]).hex, found: BlobDigest(sum).hex)
        }
        return bytes
    }

    private static func read(_ file: OpenFile, _ part: Range<Int64>) async throws(ObjectError) -> Data {
        try await blocking { () throws(ObjectError) in try file.whole(at: part.lowerBound, count: part.count) }
    }
}
