import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HadalObjects

/// Servers that fail, lie or break off.
@Suite(.timeLimit(.minutes(15)))
struct TroubleTests {
    private let name: ObjectName

    init() throws { name = try ObjectName("object") }

    // MARK: attempts

    @Test func whatPassesIsTriedAgain() async throws {
        let stub = try await S3Stub { _, count in
            switch count {
            case 1: S3Stub.text(503)
            case 2: S3Stub.text(429, "", [("Retry-After", "7")])
            case 3: S3Stub.error(400, "RequestTimeout")
            case 4: S3Stub.error(503, "SlowDown")
            case 5: [.close]
            default: S3Stub.text(200, "bytes")
            }
        }
        #expect(try await stub.storage().get(name, limit: 5) == Data("bytes".utf8))
        #expect(stub.requests.count == 6)
        #expect(stub.waits.count == 5 && stub.waits[1] == .seconds(7))
        for (wait, most) in zip(stub.waits, [0.5, 7, 2, 4, 8]) { #expect(wait > .zero && wait <= .seconds(most)) }
    }

    @Test func afterSixAttemptsItIsGivenUp() async throws {
        let busy = try await S3Stub { _, _ in S3Stub.error(503, "SlowDown", "<Message>Reduce\nyour rate</Message>") }
        await #expect(
            throws: ObjectError.refused(
                place: "s3://bucket", operation: "put object", status: 503, code: "SlowDown",
                message: "Reduce your rate")
        ) { try await busy.storage().put(name, Data("bytes".utf8)) }
        #expect(busy.requests.count == 6)

        let patient = try await S3Stub { _, _ in S3Stub.text(503, "", [("Retry-After", "3600")]) }
        await #expect(throws: ObjectError.self) { _ = try await patient.storage().list("") }
        #expect(patient.requests.count == 1 && patient.waits.isEmpty)
    }

    @Test func aServerThatIsSilentIsNotWaitedForForEver() async throws {
        let stub = try await S3Stub { _, count in
            count % 2 == 0 ? [.hold] : [.write(S3Stub.head(200, [("Content-Length", "10")])), .hold]
        }
        let error = await #expect(throws: ObjectError.self) {
            _ = try await stub.storage(silence: .milliseconds(20)).get(name, limit: 10)
        }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(stub.waits.count == 5)
        await #expect(throws: TimeIsOver.self) {
            try await within(.milliseconds(1)) {
                while true {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
        }
    }

    @Test func aDiskThatHangsIsNotWaitedFor() async throws {
        let gate = DispatchSemaphore(value: 0)
        await #expect(throws: TimeIsOver.self) {
            try await orAbandoned(after: .milliseconds(1)) {
                try await blocking { () throws(ObjectError) in gate.wait() }
            }
        }
        gate.signal()
        #expect(try await orAbandoned(after: .seconds(600)) { 7 } == 7)
    }

    @Test func whoIsCancelledDoesNotTryAgain() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let stub = try await S3Stub { _, _ in
            arrived.yield()
            return [.hold]
        }
        let storage = try stub.storage()
        let task = Task { [name] in _ = try await storage.get(name, limit: 10) }
        for await _ in arrivals { break }
        task.cancel()
        await #expect(throws: ObjectError.cancelled) { try await task.value }
        #expect(stub.requests.count == 1)
    }

    // MARK: objects

    private static func object(_ bytes: Data, _ request: S3Stub.Request, sent: Int? = nil) -> [S3Stub.Step] {
        let common = [("ETag", "\"v1\""), ("Last-Modified", "Wed, 12 Oct 2022 17:50:00 GMT")]
        if request.method == .HEAD {
            return [.write(S3Stub.head(200, common + [("Content-Length", "\(bytes.count)")]))]
        }
        guard let match = request.headers.first(name: "Range")?.wholeMatch(of: /bytes=([0-9]+)-([0-9]+)/),
            let first = Int(match.1), let last = Int(match.2)
        else { return S3Stub.text(400) }
        let part = bytes[first...last]
        let head = S3Stub.head(
            206,
            common + [("Content-Length", "\(part.count)"), ("Content-Range", "bytes \(first)-\(last)/\(bytes.count)")])
        guard let sent, sent < part.count else { return [.write(head + part)] }
        return [.write(head + part.prefix(sent)), .close]
    }

    @Test func aBrokenDownloadGoesOnWhereItWas() async throws {
        let bytes = StorageSite.bytes(5_000_000, seed: 3)
        let stub = try await S3Stub { request, _ in Self.object(bytes, request, sent: 1_100_000) }
        #expect(try await stub.storage().bytes(name, from: 1000) == bytes.dropFirst(1000))
        let ranges = stub.requests.compactMap { $0.headers.first(name: "Range") }
        #expect(ranges.first == "bytes=1000-4999999" && ranges.count >= 5)
        #expect(stub.requests.dropFirst().allSatisfy { $0.headers.first(name: "If-Match") == "\"v1\"" })
    }

    @Test func aDownloadThatBringsNothingEnds() async throws {
        let bytes = StorageSite.bytes(3_000_000, seed: 4)
        let stub = try await S3Stub { request, _ in Self.object(bytes, request, sent: 10) }
        let came = Came()
        await #expect(throws: ObjectError.self) { _ = try await stub.storage().bytes(name, from: 0, came: came) }
        #expect(stub.requests.count == 1 + 6)
        came.bytes.withLock { #expect($0.count <= 60 && $0 == bytes.prefix($0.count)) }
    }

    @Test func bytesOfAnotherPlaceOrVersionAreRefused() async throws {
        let bytes = Data("0123456789".utf8)
        let answers: [@Sendable (S3Stub.Request) -> [S3Stub.Step]] = [
            { _ in S3Stub.text(412) },
            // Another range, the whole, another size.
            { _ in S3Stub.text(206, "01234", [("Content-Range", "bytes 0-4/10")]) },
            { _ in S3Stub.text(200, "0123456789") },
            { _ in S3Stub.text(206, "56789x", [("Content-Range", "bytes 5-10/11")]) },
            { _ in S3Stub.text(206, "56789and more", [("Content-Range", "bytes 5-9/10")]) },
        ]
        for answer in answers {
            let stub = try await S3Stub { request, _ in
                request.method == .HEAD ? Self.object(bytes, request) : answer(request)
            }
            let error = await #expect(throws: ObjectError.self) {
                _ = try await stub.storage().bytes(name, from: 5)
            }
            switch error {
            case .changed, .badAnswer: break
            default: Issue.record("\(String(describing: error))")
            }
        }
    }

    @Test func lengthsThatLieAreFoundOut() async throws {
        // Promises more than comes; sends more than may come, with and without saying so.
        let short = try await S3Stub { _, _ in
            [.write(S3Stub.head(200, [("Content-Length", "100")]) + Array("few".utf8)), .close]
        }
        let error = await #expect(throws: ObjectError.self) { _ = try await short.storage().get(name, limit: 100) }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let tooLarge = ObjectError.tooLarge(place: "s3://bucket", name: "object", limit: 100)
        let told = try await S3Stub { _, _ in [.write(S3Stub.head(200, [("Content-Length", "9000000000")])), .hold] }
        await #expect(throws: tooLarge) { _ = try await told.storage().get(name, limit: 100) }
        let endless = try await S3Stub { _, _ in
            [.write(S3Stub.head(200, [("Connection", "close")]))]
                + Array(repeating: .write(Array(repeating: 0, count: 1 << 20)), count: 20) + [.hold]
        }
        await #expect(throws: tooLarge) { _ = try await endless.storage().get(name, limit: 100) }
        let negative = try await S3Stub { _, _ in
            [.write(S3Stub.head(200, [("Content-Length", "-5"), ("Last-Modified", "Wed, 12 Oct 2022 17:50:00 GMT")]))]
        }
        await #expect(throws: ObjectError.self) { _ = try await negative.storage().stat(name) }
        let garbage = try await S3Stub { _, _ in [.write(Array("I am no HTTP server\r\n\r\n".utf8)), .close] }
        await #expect(throws: ObjectError.self) { _ = try await garbage.storage().stat(name) }
    }

    // MARK: refusals

    @Test func refusalsSayWhatToDo() async throws {
        let echo = "<Message>no: \(S3Stub.credentials.secretKey) \(S3Stub.credentials.sessionToken!)</Message>"
        let answers: [([S3Stub.Step], String)] = [
            (S3Stub.text(301, "", [("x-amz-bucket-region", "eu-west-1")]), "set AWS_REGION=eu-west-1"),
            (S3Stub.error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-2</Region>"), "AWS_REGION=eu-west-2"),
            (S3Stub.error(307, "TemporaryRedirect", "", [("Location", "http://169.254.169.254/")]), "another endpoint"),
            (S3Stub.error(403, "AccessDenied", echo), "s3:ListBucket"),
            (S3Stub.error(403, "SignatureDoesNotMatch", echo), "check AWS_SECRET_ACCESS_KEY"),
            (S3Stub.error(400, "ExpiredToken", echo), "AWS_SESSION_TOKEN has expired"),
            (S3Stub.text(403), "check the credentials"),
            (
                S3Stub.error(403, "RequestTimeTooSkewed", "<ServerTime>2001-01-01T00:00:00Z</ServerTime>"),
                "ahead of the server's; set the clock"
            ),
        ]
        for (answer, words) in answers {
            let stub = try await S3Stub { request, _ in
                // What answers to HEAD lack.
                request.method == .HEAD && String(decoding: Self.bytes(answer), as: UTF8.self).contains("<Error>")
                    ? S3Stub.text(403) : answer
            }
            let storage = try stub.storage()
            let calls: [@Sendable () async throws -> Void] = [
                { [name] in try await storage.put(name, Data()) }, { _ = try await storage.list("") },
                { [name] in _ = try await storage.stat(name) },
            ]
            for call in calls {
                let error = await #expect(throws: ObjectError.self) { try await call() }
                let text = "\(error!)"
                #expect(text.contains(words), "\(text)")
                #expect(!text.contains(S3Stub.credentials.secretKey) && !text.contains("TOKENxyz"))
            }
            #expect(stub.requests.count == 4 && stub.requests.allSatisfy { !$0.path.contains("169.254") })
        }
    }

    private static func bytes(_ steps: [S3Stub.Step]) -> [UInt8] {
        steps.flatMap { step in if case .write(let bytes) = step { bytes } else { [UInt8]() } }
    }

    @Test func aBodyThatCameOtherwiseIsAnError() async throws {
        let stub = try await S3Stub { request, _ in
            #expect(request.headers.first(name: "Content-MD5") == "SzpiGLs+OnMD6KFxpg/Pkg==")
            #expect(request.headers.first(name: "x-amz-security-token") == "TOKENxyz")
            return S3Stub.error(400, "BadDigest")
        }
        let error = await #expect(throws: ObjectError.self) { try await stub.storage().put(name, Data("bytes".utf8)) }
        guard case .refused(_, _, 400, "BadDigest", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(stub.requests.allSatisfy { $0.body == ByteBuffer(string: "bytes") })
    }
}
