import Foundation
import TestSupport
import Testing

@testable import HadalObjects

/// Documents that are hostile or cut.
@Suite(.timeLimit(.minutes(15)))
struct ListingTroubleTests {
    private static func page(_ entries: String, next: String? = nil) -> String {
        let end = next.map { "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>" }
        return "<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>\(entries)"
            + (end ?? "<IsTruncated>false</IsTruncated>") + "</ListBucketResult>"
    }

    private static func entry(_ key: String, size: String = "3", modified: String = "2026-11-29T10:00:00.000Z")
        -> String
    {
        "<Contents><Key>\(key)</Key><LastModified>\(modified)</LastModified><Size>\(size)</Size></Contents>"
    }

    @Test func pagesAreFollowedAndForeignNamesLeftOut() async throws {
        let stub = try await S3Stub { request, _ in
            request.path.contains("continuation-token=next%2F1%2B%3D")
                ? S3Stub.text(200, Self.page(Self.entry("a")))
                : S3Stub.text(
                    200,
                    Self.page(
                        ["b", "folder/", "my%20file", "..", "a%2Fb", "a/../b"].map { Self.entry($0) }.joined(),
                        next: "next/1+="))
        }
        #expect(try await stub.storage().list("").map(\.name.text) == ["a", "a/b", "b"])
    }

    @Test func documentsThatAreNoneAreErrors() async throws {
        let page = Self.page(Self.entry("a"))
        let deep = String(repeating: "<a>", count: 100_000)
        let bomb = """
            <?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>
            <ListBucketResult>&y;<IsTruncated>false</IsTruncated></ListBucketResult>
            """
        let outside = """
            <?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
            <ListBucketResult>&x;<IsTruncated>false</IsTruncated></ListBucketResult>
            """
        for text in [
            "", " ", "{}", "<html></html>", String(page.dropLast(10)), String(page.prefix(60)), page + page, deep, bomb,
            outside, "<ListBucketResult></ListBucketResult>", Self.page(Self.entry("a", size: "-1")),
            Self.page(Self.entry("a", size: "99999999999999999999")), Self.page(Self.entry("a", modified: "yesterday")),
            Self.page("<Contents></Contents>"), Self.page(Self.entry("%zz")),
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            Self.page((0...1000).map { Self.entry("n\($0)") }.joined()), "\u{0}\u{1}", "<a>&undefined;</a>",
            "<a &&&></a>", "<a>&#xD800;</a>", "<a>&;&</a>", "<a>&&lt;</a>", "<a b=\"</a>", "<a></b>", "<a <b></b></a>",
            "</a>", "<1/>",
        ] {
            let stub = try await S3Stub { _, _ in S3Stub.text(200, text) }
            let error = await #expect(throws: ObjectError.self, "\(text.prefix(80))") {
                _ = try await stub.storage().list("")
            }
            guard case .badAnswer = error else {
                Issue.record("\(text.prefix(80)): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func aListingWithoutEndIsNotFollowed() async throws {
        let same = try await S3Stub { _, _ in S3Stub.text(200, Self.page(Self.entry("a"), next: "again")) }
        await #expect(throws: ObjectError.self) { _ = try await same.storage().list("") }
        #expect(same.requests.count == 2)
    }

    @Test func aDocumentOfAHundredMegabytesIsNotRead() async throws {
        let piece = Array(String(repeating: Self.entry("a"), count: 10_000).utf8)
        let pieces = (100 << 20) / piece.count
        for length in [[("Content-Length", "\(100 << 20)")], [("Connection", "close")]] {
            let stub = try await S3Stub { _, _ in
                [.write(S3Stub.head(200, length) + Array("<ListBucketResult>".utf8))]
                    + Array(repeating: .write(piece), count: pieces) + [.close]
            }
            let error = await #expect(throws: ObjectError.self) { _ = try await stub.storage().list("") }
            guard case .badAnswer(_, _, let problem) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(problem.contains("it has more than"))
            #expect(stub.requests.count == 1)
        }
        // That of an error is not either; its status counts.
        let refusal = try await S3Stub { _, _ in
            [.write(S3Stub.head(403, [("Connection", "close")]))] + Array(repeating: .write(piece), count: 10) + [
                .close
            ]
        }
        let error = await #expect(throws: ObjectError.self) { _ = try await refusal.storage().list("") }
        guard case .refused(_, _, 403, "", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Whatever is changed in a page, it is read or refused.
    @Test(arguments: 0..<8) func changedDocumentsDoNoHarm(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let page = Array(Self.page((0..<5).map { Self.entry("name-\($0)") }.joined(), next: "token").utf8)
        for _ in 0..<500 {
            var bytes = page
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<60, using: &random)))
                default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
                }
                if bytes.isEmpty { bytes = page }
            }
            guard let document = XMLNode(parsing: Data(bytes)) else { continue }
            if let listing = try? S3Listing(document, prefix: "") {
                #expect(listing.objects.allSatisfy { $0.size >= 0 })
            }
        }
    }
}
