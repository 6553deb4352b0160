import Foundation
import NIOHTTP1

/// What a server tells of an object without its bytes.
struct S3Head: Sendable {
    let object: StoredObject
    let tag: String?

    /// nil: there is no such object.
    init?(_ name: ObjectName, _ client: S3Client) async throws(ObjectError) {
        let request = S3Request(operation: "look at \(name)", method: .HEAD, name: name)
        var attempts = Attempts(client.retry)
        while true {
            do throws(S3Failure) {
                let headers = try await client.attempt(request, limit: 0).headers
                guard let size = headers.first(name: "Content-Length").flatMap({ Int64($0) }), size >= 0 else {
                    throw client.failures.misunderstood(request, "it has no readable Content-Length")
                }
                guard let modified = headers.first(name: "Last-Modified").flatMap(HTTPTime.date) else {
                    throw client.failures.misunderstood(request, "it has no readable Last-Modified")
                }
                object = StoredObject(name: name, size: size, modified: modified)
                tag = headers.first(name: "ETag")
                return
            } catch {
                if error.isRefusal {
                    guard let reason = await Self.reason(name, client) else { return nil }
                    try await attempts.pause(after: reason)
                } else {
                    try await attempts.pause(after: error)
                }
            }
        }
    }

    /// A refusal of HEAD has no body that says why; that of GET has.
    /// - Returns: nil: the object is not there, and its bucket is.
    private static func reason(_ name: ObjectName, _ client: S3Client) async -> S3Failure? {
        var request = S3Request(operation: "look at \(name)", method: .GET, name: name)
        request.headers = [("range", "bytes=0-0")]
        do {
            _ = try await client.attempt(request, limit: S3Client.documentBytesMax)
            return S3Failure(error: .changed(place: client.place, name: name.text), isPassing: true)
        } catch {
            if case .notFound = error.error { return nil }
            return error
        }
    }
}
