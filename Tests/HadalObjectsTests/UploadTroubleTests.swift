import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadalObjects

/// Uploads in parts to servers that fail in between.
@Suite(.timeLimit(.minutes(15)))
struct UploadTroubleTests {
    private static let started =
        "<InitiateMultipartUploadResult><UploadId>id/1+=</UploadId></InitiateMultipartUploadResult>"
    private static let entered = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"
    private static let sizes = PartSizes(wholeMax: 100_000, partMin: 1 << 20)

    private enum Stage {
        case begin
        case part(Int)
        case complete, abort, other
    }

    private static func stage(_ request: S3Stub.Request) -> Stage {
        switch request.method {
        case .POST where request.path.hasSuffix("?uploads="): .begin
        case .PUT where request.path.contains("partNumber="):
            .part(Int(request.path.firstMatch(of: /partNumber=([0-9]+)/)?.1 ?? "") ?? 0)
        case .POST: .complete
        case .DELETE: .abort
        default: .other
        }
    }

    private let folder: TemporaryDirectory
    private let name: ObjectName
    private let bytes = StorageSite.bytes(6 << 20, seed: 9)

    init() throws {
        folder = try TemporaryDirectory()
        name = try ObjectName("weights")
        try folder.write(bytes, "source")
    }

    private func upload(_ stub: S3Stub) async throws {
        try await stub.storage(sizes: Self.sizes).upload(name, file: folder.file("source")) { _ in }
    }

    private static func isAbort(_ request: S3Stub.Request) -> Bool {
        request.method == .DELETE && request.path == "/bucket/weights?uploadId=id%2F1%2B%3D"
    }

    @Test func partsAreTriedAgainAndPutTogetherInOrder() async throws {
        let parts = Mutex<[Int: [UInt8]]>([:])
        let document = Mutex("")
        let failed = Mutex<Set<Int>>([])
        let stub = try await S3Stub { request, _ in
            switch Self.stage(request) {
            case .begin: return S3Stub.text(200, Self.started)
            case .part(let number):
                if failed.withLock({ $0.insert(number).inserted }) {
                    return number % 2 == 0 ? [.close] : S3Stub.text(500)
                }
                parts.withLock { $0[number] = Array(request.body.readableBytesView) }
                return S3Stub.text(200, "", [("ETag", "\"<tag&\(number)>\"")])
            case .complete:
                document.withLock { $0 = String(buffer: request.body) }
                return S3Stub.text(200, "  \n" + Self.entered)
            default: return S3Stub.text(400)
            }
        }
        try await upload(stub)
        #expect(parts.withLock { parts in (1...6).flatMap { parts[$0] ?? [] } } == Array(bytes))
        let expected = (1...6).map {
            "<Part><PartNumber>\($0)</PartNumber><ETag>\"&lt;tag&amp;\($0)&gt;\"</ETag></Part>"
        }
        #expect(document.withLock { $0 } == "<CompleteMultipartUpload>\(expected.joined())</CompleteMultipartUpload>")
    }

    @Test func anUploadThatFailsIsAborted() async throws {
        for failing in ["part", "tag", "complete", "late"] {
            let stub = try await S3Stub { request, _ in
                switch Self.stage(request) {
                case .begin: S3Stub.text(200, Self.started)
                case .part(3) where failing == "part": S3Stub.error(403, "AccessDenied")
                case .part(3) where failing == "tag": S3Stub.text(200)
                case .part(let number): S3Stub.text(200, "", [("ETag", "\"\(number)\"")])
                case .complete where failing == "complete": S3Stub.error(400, "InvalidPart")
                case .complete: S3Stub.error(200, "InvalidPart")
                default: S3Stub.text(204)
                }
            }
            await #expect(throws: ObjectError.self, "\(failing)") { try await upload(stub) }
            #expect(stub.requests.filter(Self.isAbort).count == 1, "\(failing)")
            #expect(stub.requests.last.map(Self.isAbort) == true, "\(failing)")
        }
    }

    @Test func anUploadThatIsCancelledIsAborted() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let stub = try await S3Stub { request, _ in
            switch Self.stage(request) {
            case .begin: return S3Stub.text(200, Self.started)
            case .abort: return S3Stub.text(204)
            default:
                arrived.yield()
                return [.hold]
            }
        }
        let task = Task { try await upload(stub) }
        for await _ in arrivals { break }
        task.cancel()
        await #expect(throws: ObjectError.cancelled) { try await task.value }
        #expect(stub.requests.filter(Self.isAbort).count == 1)
    }

    /// The server did it, and the connection broke before it could say so.
    @Test(arguments: [true, false]) func aLostAnswerIsNoFailure(isSame: Bool) async throws {
        let md5s = stride(from: 0, to: bytes.count, by: 1 << 20).map {
            Data(Insecure.MD5.hash(data: bytes[$0..<$0 + (1 << 20)]))
        }
        let tag = Hex.text(Insecure.MD5.hash(data: md5s.reduce(Data(), +))) + (isSame ? "-6" : "-7")
        let completions = Mutex(0)
        let stub = try await S3Stub { request, _ in
            switch Self.stage(request) {
            case .begin: return S3Stub.text(200, Self.started)
            case .part(let number): return S3Stub.text(200, "", [("ETag", "\"\(number)\"")])
            case .complete:
                let count = completions.withLock { count in
                    count += 1
                    return count
                }
                return count == 1 ? [.close] : S3Stub.error(404, "NoSuchUpload")
            case .abort: return S3Stub.error(404, "NoSuchUpload")
            case .other:
                let headers = [
                    ("ETag", "\"\(tag)\""), ("Content-Length", "6291456"),
                    ("Last-Modified", "Wed, 12 Oct 2022 17:50:00 GMT"),
                ]
                return [.write(S3Stub.head(200, headers))]
            }
        }
        if isSame {
            try await upload(stub)
        } else {
            await #expect(throws: ObjectError.self) { try await upload(stub) }
        }
    }
}
