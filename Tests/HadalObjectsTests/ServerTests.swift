import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HadalObjects

/// Against moto's S3.
@Suite(.timeLimit(.minutes(15)))
struct ServerTests {
    @Test func aListingOfManyPagesIsFollowed() async throws {
        let storage = try MotoServer.shared.get().storage()
        let names = (0..<1050).map { "page/object-\($0)" }
        try await withThrowingTaskGroup { group in
            for start in 0..<4 {
                group.addTask {
                    for index in stride(from: start, to: names.count, by: 4) {
                        try await storage.put(ObjectName(names[index]), Data())
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await storage.list("page/").map(\.name.text) == names.sorted())
        #expect(try await storage.list("page/object-10").count == 1 + 10 + 50)
    }

    /// With the sizes that are used: one part more than fits a single request.
    @Test(arguments: [64 << 20, (64 << 20) + 1]) func largeFilesGoInParts(size: Int) async throws {
        let site = try TemporaryDirectory()
        let storage = try MotoServer.shared.get().storage(PartSizes())
        let name = try ObjectName("weights")
        var bytes = Data(count: size)
        bytes[size - 1] = 1
        bytes[size / 2] = 2
        let told = Mutex<[Int64]>([])
        try await storage.upload(name, file: try site.write(bytes, "source")) { sum in told.withLock { $0.append(sum) }
        }
        #expect(told.withLock(\.count) == (size > 64 << 20 ? 5 : 1))
        let tag = try await S3Head(name, storage.client)?.tag
        #expect(tag?.hasSuffix("-5\"") == (size > 64 << 20))
        #expect(try await storage.bytes(name, from: 0) == bytes)
    }

    @Test func wrongCredentialsAndBucketsAreNamed() async throws {
        let settings = try MotoServer.shared.get().settings
        let name = try ObjectName("a")
        var wrong = settings
        wrong.credentials = S3Credentials(keyID: settings.credentials.keyID, secretKey: "wrong-secret")
        var unknown = settings
        unknown.credentials = S3Credentials(keyID: "AKIANOBODY", secretKey: "wrong-secret")
        for (settings, code) in [(wrong, "SignatureDoesNotMatch"), (unknown, "InvalidAccessKeyId")] {
            let storage = try S3Storage(MotoServer.bucket, settings)
            let calls: [@Sendable () async throws -> Void] = [
                { try await storage.put(name, Data()) }, { _ = try await storage.get(name, limit: 1) },
                { _ = try await storage.stat(name) }, { _ = try await storage.list("") },
                { try await storage.delete(name) },
            ]
            for call in calls {
                let error = await #expect(throws: ObjectError.self) { try await call() }
                guard case .refused(_, _, 403, code, _) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect("\(error!)".contains("; check ") || "\(error!)".contains(": check "))
                #expect(!"\(error!)".contains("wrong-secret"))
            }
        }
        let absent = try S3Storage("nowhere", settings)
        await #expect(throws: ObjectError.noPlace("s3://nowhere")) { _ = try await absent.stat(name) }
        await #expect(throws: ObjectError.noPlace("s3://nowhere")) { _ = try await absent.list("") }
        await #expect(throws: ObjectError.noPlace("s3://nowhere")) { try await absent.put(name, Data()) }
        await #expect(throws: ObjectError.noPlace("s3://nowhere")) { try await absent.delete(name) }
    }
}
