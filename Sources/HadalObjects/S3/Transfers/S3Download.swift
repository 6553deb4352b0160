import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Reads an object's bytes in their order; where the connection breaks, the rest of them anew.
struct S3Download: Sendable {
    /// What an attempt must bring for the attempts to count anew.
    private static let progressBytes: Int64 = 64 << 10

    let name: ObjectName
    let client: S3Client

    typealias Sink = @Sendable (Data) async throws(ObjectError) -> Void

    func run(from offset: Int64, into sink: @escaping Sink) async throws(ObjectError) {
        let head = try await head()
        guard (0...head.object.size).contains(offset) else {
            throw .badOffset(
                file: client.place + "/" + name.text, offset: offset, problem: "it has \(head.object.size) bytes")
        }
        try await read(head, from: offset, into: sink)
    }

    private func head() async throws(ObjectError) -> S3Head {
        guard let head = try await S3Head(name, client) else {
            throw .notFound(place: client.place, name: name.text)
        }
        return head
    }

    private func read(_ head: S3Head, from offset: Int64, into sink: @escaping Sink) async throws(ObjectError) {
        let size = head.object.size
        var place = offset
        var attempts = Attempts(client.retry)
        while place < size {
            let start = place
            do { try await read(head, into: sink, &place) } catch {
                if place - start >= min(Self.progressBytes, size - start) { attempts.reset() }
                try await attempts.pause(after: error)
            }
        }
    }

    /// From `place` to the object's end.
    private func read(_ head: S3Head, into sink: Sink, _ place: inout Int64) async throws(S3Failure) {
        let size = head.object.size
        var request = S3Request(operation: "get \(name)", method: .GET, name: name)
        request.headers = [("range", "bytes=\(place)-\(size - 1)")]
        // All pieces are of the same bytes.
        if let tag = head.tag { request.headers.append(("if-match", tag)) }
        let response = try await client.open(request)
        do {
            let range = response.headers.first(name: "Content-Range") ?? ""
            let isRest = response.status == .partialContent && range == "bytes \(place)-\(size - 1)/\(size)"
            guard isRest || response.status == .ok && place == 0 else {
                throw client.failures.misunderstood(
                    request, "bytes \(place)-\(size - 1)/\(size) were asked for, and '\(ObjectError.line(range))' came")
            }
            for try await buffer in response.body {
                let (bytes, start) = (Data(buffer.readableBytesView), place)
                guard start + Int64(bytes.count) <= size else {
                    throw client.failures.misunderstood(request, "more than \(size) bytes came")
                }
                try await sink(bytes)
                place += Int64(bytes.count)
            }
        } catch { throw client.failures.failure(error, request) }
        guard place == size else { throw client.failures.cutOff() }
    }
}
