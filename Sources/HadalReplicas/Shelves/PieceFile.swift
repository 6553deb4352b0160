import Crypto
import Foundation
import HadalObjects
import HadalStore

/// A file that is sent in pieces. It is read once as a whole before the first is sent, so that nothing of a damaged file
/// gets anywhere, and each piece is compared with what was read then.
struct PieceFile: Sendable {
    private let file: BlobFile
    private let expected: Manifest.File
    private let sums: [SHA256.Digest]
    private let pieceBytes: Int

    /// - Throws: `ObjectError.wrongBytes`
    init(_ file: BlobFile, of expected: Manifest.File, pieceBytes: Int) async throws(ObjectError) {
        (self.file, self.expected, self.pieceBytes) = (file, expected, pieceBytes)
        let size = file.size
        var whole = SHA256()
        var sums: [SHA256.Digest] = []
        for start in stride(from: 0, to: max(size, 1), by: Int64.Stride(pieceBytes)) {
            let bytes = try await Self.read(file, expected, start..<min(size, start + Int64(pieceBytes)))
            whole.update(data: bytes)
            sums.append(SHA256.hash(data: bytes))
        }
        let found = BlobDigest(whole.finalize())
        guard found == expected.digest else {
            throw .wrongBytes(file: file.path, expected: expected.digest.hex, found: found.hex)
        }
        self.sums = sums
    }

    /// - Throws: `ObjectError.wrongBytes` where the file has been changed in the meantime.
    func piece(_ index: Int, size: Int) async throws(ObjectError) -> Data {
        let start = Int64(index) * Int64(pieceBytes)
        let bytes = try await Self.read(file, expected, start..<start + Int64(size))
        let sum = SHA256.hash(data: bytes)
        guard sum == sums[index] else {
            throw .wrongBytes(file: file.path, expected: BlobDigest(sums[index]).hex, found: BlobDigest(sum).hex)
        }
        return Data(bytes)
    }

    private static func read(
        _ file: BlobFile, _ expected: Manifest.File, _ part: Range<Int64>
    ) async throws(ObjectError) -> [UInt8] {
        try await blocking { () throws(ObjectError) in
            let bytes: [UInt8]
            do { bytes = try file.read(at: part.lowerBound, count: part.count) } catch StoreError.system(_, _, let code)
            {
                throw .system(path: file.path, operation: "read", code: code)
            } catch {
                throw .wrongBytes(file: file.path, expected: expected.digest.hex, found: "none, for it does not open")
            }
            // It was cut off since it was opened.
            guard bytes.count == part.count else { throw .system(path: file.path, operation: "read", code: EIO) }
            return bytes
        }
    }
}
