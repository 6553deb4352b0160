import Crypto
import Foundation
import NIOHTTP1

/// Brings a large file into a bucket, several parts at once. The object is there with the last request, as a whole.
struct MultipartUpload: Sendable {
    private static let partsAtOnce = 4

    let name: ObjectName
    let file: OpenFile
    /// Of the whole file, in hex.
    let sha256: String
    let parts: [Range<Int64>]
    let client: S3Client
    let progress: @Sendable (Int64) -> Void

    private struct Sent: Sendable {
        /// The server's name for the part's bytes.
        let tag: String
        let md5: Data
    }

    func run() async throws(ObjectError) {
        let id = try await begin()
        do { try await complete(id, try await send(id)) } catch {
            await abort(id)
            throw error
        }
    }

    private func begin() async throws(ObjectError) -> String {
        var request = S3Request(operation: "begin to put \(name)", method: .POST, name: name)
        request.query = [("uploads", "")]
        let document = try await client.document(request, root: "InitiateMultipartUploadResult")
        guard let id = document["UploadId"]?.text, !id.isEmpty, id.utf8.count <= 4096 else {
            throw client.failures.misunderstood(request, "it has no readable UploadId").error
        }
        return id
    }

    private func send(_ id: String) async throws(ObjectError) -> [Sent] {
        do {
            return try await withThrowingTaskGroup(of: (index: Int, sent: Sent).self) { group in
                var sent: [Sent?] = Array(repeating: nil, count: parts.count)
                var bytes: Int64 = 0
                var whole = SHA256()
                for index in parts.indices {
                    // Where all places are taken, one more begins with each that ends.
                    if index >= Self.partsAtOnce, let part = try await group.next() { take(part) }
                    let body = try await S3Body(file, parts[index], addingTo: &whole)
                    group.addTask { (index, try await send(body, index, id)) }
                }
                try ObjectError.check(file.path, Hex.text(whole.finalize()), against: sha256)
                for try await part in group { take(part) }
                return sent.compactMap { $0 }

                func take(_ part: (index: Int, sent: Sent)) {
                    sent[part.index] = part.sent
                    bytes += Int64(parts[part.index].count)
                    progress(bytes)
                }
            }
        } catch let error as ObjectError { throw error } catch { throw .cancelled }
    }

    private func send(_ body: S3Body, _ index: Int, _ id: String) async throws(ObjectError) -> Sent {
        var request = S3Request(
            operation: "put part \(index + 1) of \(name)", method: .PUT, name: name, body: body)
        request.query = [("partNumber", "\(index + 1)"), ("uploadId", id)]
        request.headers = [("content-md5", body.md5.base64EncodedString())]
        guard let tag = try await client.send(request).headers.first(name: "ETag") else {
            throw client.failures.misunderstood(request, "it has no ETag").error
        }
        return Sent(tag: tag, md5: body.md5)
    }

    private func complete(_ id: String, _ sent: [Sent]) async throws(ObjectError) {
        let entries = sent.enumerated().map { index, part in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(escaped(part.tag))</ETag></Part>"
        }
        let document = "<CompleteMultipartUpload>\(entries.joined())</CompleteMultipartUpload>"
        var request = S3Request(
            operation: "put \(name) together", method: .POST, name: name, body: S3Body(Data(document.utf8)))
        request.query = [("uploadId", id)]
        request.headers = [("content-type", "application/xml")]
        do {
            // The second name is what moto sends.
            let roots = ("CompleteMultipartUploadResult", "CompleteMultipartUploadResponse")
            _ = try await client.document(request, root: roots.0, roots.1)
        } catch {
            guard case .refused(_, _, _, "NoSuchUpload", _) = error, try await isEntered(sent) else { throw error }
        }
    }

    /// An earlier attempt came through, and its answer was lost on its way: the object has the tag that S3 gives it.
    private func isEntered(_ sent: [Sent]) async throws(ObjectError) -> Bool {
        let all = Insecure.MD5.hash(data: sent.reduce(Data()) { $0 + $1.md5 })
        return try await S3Head(name, client)?.tag == "\"\(Hex.text(all))-\(sent.count)\""
    }

    /// Also where we are cancelled: parts that are left cost money.
    private func abort(_ id: String) async {
        var request = S3Request(operation: "give up \(name)", method: .DELETE, name: name)
        request.query = [("uploadId", id)]
        await Task { [request] in _ = try? await client.send(request) }.value
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
