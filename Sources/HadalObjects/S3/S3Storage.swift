import Crypto
import Foundation
import NIOHTTP1

/// Objects in a bucket, of AWS or of a server that speaks its protocol. What was written is seen at once by all, as S3
/// and the servers like it promise. An upload of a process that is killed leaves parts that no listing shows: a
/// lifecycle rule of the bucket (AbortIncompleteMultipartUpload) removes them.
public struct S3Storage: ObjectStorage {
    /// A server that goes on listing for ever is not followed beyond ten million names.
    private static let pagesMax = 10_000

    let client: S3Client
    private let sizes: PartSizes

    public var place: String { client.place }

    /// - Parameter prefix: before each name, with a `/` between; empty: none.
    /// - Throws: `ObjectError.badSetting`
    public init(_ bucket: String, prefix: String = "", _ settings: S3Settings) throws(ObjectError) {
        try self.init(bucket, prefix: prefix, settings, RetryPolicy(), PartSizes())
    }

    init(
        _ bucket: String, prefix: String, _ settings: S3Settings, _ retry: RetryPolicy, _ sizes: PartSizes
    ) throws(ObjectError) {
        client = try S3Client(bucket, prefix: prefix, settings, retry)
        self.sizes = sizes
    }

    public func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) { try await put(name, S3Body(bytes)) }

    public func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        var request = S3Request(operation: "get \(name)", method: .GET, name: name)
        request.tooLarge = .tooLarge(place: place, name: name.text, limit: limit)
        return try await client.send(request, limit: limit).body
    }

    public func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? {
        try await S3Head(name, client)?.object
    }

    public func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] {
        if let problem = ObjectName.prefixProblem(prefix) { throw .badName(prefix, problem: problem) }
        var objects: [StoredObject] = []
        var continuation: String?
        for _ in 0..<Self.pagesMax {
            var request = S3Request(operation: "list objects", method: .GET)
            request.query = [
                ("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(S3Listing.namesMax)"),
                ("prefix", client.prefix + prefix),
            ]
            if let continuation { request.query.append(("continuation-token", continuation)) }
            let document = try await client.document(request, root: "ListBucketResult")
            let page: S3Listing
            do { page = try S3Listing(document, prefix: client.prefix) } catch {
                throw client.failures.misunderstood(request, error.text).error
            }
            objects += page.objects
            guard let next = page.continuation else { return objects.sorted { $0.name < $1.name } }
            guard next != continuation else {
                throw client.failures.misunderstood(request, "the same page comes again and again").error
            }
            continuation = next
        }
        throw .badAnswer(place: place, operation: "list objects", problem: "the listing does not end")
    }

    public func delete(_ name: ObjectName) async throws(ObjectError) {
        do { _ = try await client.send(S3Request(operation: "delete \(name)", method: .DELETE, name: name)) } catch {
            if case .notFound = error { return }
            throw error
        }
    }

    public func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        let (source, size) = try await blocking { () throws(ObjectError) in try OpenFile.source(file) }
        guard size > sizes.wholeMax else {
            var whole = SHA256()
            let body = try await S3Body(source, 0..<size, addingTo: &whole)
            // The server refuses other bytes than those of the sum.
            try ObjectError.check(file, body.sha256, against: sha256)
            try await put(name, body)
            return progress(size)
        }
        let parts = try sizes.parts(of: size, name, place)
        try await MultipartUpload(
            name: name, file: source, sha256: sha256, parts: parts, client: client, progress: progress
        ).run()
    }

    public func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        try await S3Download(name: name, client: client).run(from: offset, into: take)
    }

    private func put(_ name: ObjectName, _ body: S3Body) async throws(ObjectError) {
        var request = S3Request(operation: "put \(name)", method: .PUT, name: name, body: body)
        request.headers = [("content-md5", body.md5.base64EncodedString())]
        _ = try await client.send(request)
    }
}
