import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOHTTP1

/// One request to a bucket.
struct S3Request: Sendable {
    /// For people: `list objects`.
    let operation: String
    let method: HTTPMethod
    /// nil: the bucket itself.
    var name: ObjectName?
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body = S3Body.empty
    /// What a body beyond the limit means; nil: that it is no answer of S3's.
    var tooLarge: ObjectError?
}

/// A body and its sums: the servers check that what came is what was sent.
struct S3Body: Sendable {
    private enum Content {
        case bytes(Data)
        case file(OpenFile, Range<Int64>)
    }

    static let empty = S3Body(Data())

    private let content: Content
    let length: Int64
    /// In hex.
    let sha256: String
    let md5: Data

    init(_ bytes: Data) {
        content = .bytes(bytes)
        length = Int64(bytes.count)
        sha256 = Hex.text(SHA256.hash(data: bytes))
        md5 = Data(Insecure.MD5.hash(data: bytes))
    }

    /// Reads the part once for its sums.
    init(_ file: OpenFile, _ part: Range<Int64>) async throws(ObjectError) {
        content = .file(file, part)
        length = Int64(part.count)
        var (sha256, md5) = (SHA256(), Insecure.MD5())
        var pieces = FilePieces(file: file, part: part).makeAsyncIterator()
        while let bytes = try await pieces.nextBytes() {
            sha256.update(data: bytes)
            md5.update(data: bytes)
        }
        self.sha256 = Hex.text(sha256.finalize())
        self.md5 = Data(md5.finalize())
    }

    var sent: HTTPClientRequest.Body {
        switch content {
        case .bytes(let bytes): .bytes(ByteBuffer(bytes: bytes))
        case .file(let file, let part): .stream(FilePieces(file: file, part: part), length: .known(length))
        }
    }
}

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
