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
    /// - Parameter whole: the sum of the file's bytes, to which these are added.
    init(_ file: OpenFile, _ part: Range<Int64>, addingTo whole: inout SHA256) async throws(ObjectError) {
        content = .file(file, part)
        length = Int64(part.count)
        var (sha256, md5) = (SHA256(), Insecure.MD5())
        var pieces = FilePieces(file: file, part: part).makeAsyncIterator()
        while let bytes = try await pieces.nextBytes() {
            sha256.update(data: bytes)
            whole.update(data: bytes)
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
