import Foundation
import NIOCore

/// A part of a file, as it is read.
struct FilePieces: AsyncSequence, Sendable {
    let file: OpenFile
    let part: Range<Int64>

    func makeAsyncIterator() -> Iterator { Iterator(file: file, left: part) }

    struct Iterator: AsyncIteratorProtocol {
        let file: OpenFile
        var left: Range<Int64>

        mutating func nextBytes() async throws(ObjectError) -> Data? {
            guard !left.isEmpty else { return nil }
            let (file, start) = (file, left.lowerBound)
            let end = Swift.min(left.upperBound, start + Int64(OpenFile.pieceBytes))
            let bytes = try await blocking { () throws(ObjectError) in
                try file.whole(at: start, count: Int(end - start))
            }
            left = end..<left.upperBound
            return bytes
        }

        mutating func next() async throws -> ByteBuffer? { try await nextBytes().map { ByteBuffer(bytes: $0) } }
    }
}
