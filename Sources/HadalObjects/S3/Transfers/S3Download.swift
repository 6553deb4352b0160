import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Brings an object's bytes into a file; where the connection breaks, the rest of them anew.
struct S3Download: Sendable {
    /// What an attempt must bring for the attempts to count anew.
    private static let progressBytes: Int64 = 64 << 10

    let name: ObjectName
    let client: S3Client
    let progress: @Sendable (Int64) -> Void

    func run(to path: String, from offset: Int64) async throws(ObjectError) {
        guard let head = try await S3Head(name, client) else {
            throw .notFound(place: client.place, name: name.text)
        }
        let size = head.object.size
        guard offset <= size else { throw .badOffset(file: path, offset: offset, problem: "\(name) has \(size) bytes") }
        let file = try await blocking { () throws(ObjectError) in try OpenFile.target(path, from: offset) }
        var place = offset
        var attempts = Attempts(client.retry)
        while place < size {
            let start = place
            do { try await read(head, into: file, &place) } catch {
                if place - start >= min(Self.progressBytes, size - start) { attempts.reset() }
                try await attempts.pause(after: error)
            }
        }
        try await blocking { () throws(ObjectError) in try file.sync() }
    }

    /// From `place` to the object's end.
    private func read(_ head: S3Head, into file: OpenFile, _ place: inout Int64) async throws(S3Failure) {
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
                try await blocking { () throws(ObjectError) in try file.write(bytes, at: start) }
                place += Int64(bytes.count)
                progress(place)
            }
        } catch { throw client.failures.failure(error, request) }
        guard place == size else { throw client.failures.cutOff() }
    }
}
