import Foundation
import HadalPull
import HadalStore
import Synchronization
import TestSupport
import Testing

/// SIGKILL to a process in the middle of a pull, and another that goes on.
@Suite(.timeLimit(.minutes(15)))
struct KillTests {
    private static let piece = 32_768

    /// Killed at each request that it gets to make, with half of what it asked for on its way.
    @Test func aPullThatIsKilledAtEachRequestComesToItsEnd() async throws {
        let repository = Content.model()
        let victim = Victim()
        let killAt = Mutex(0)
        let hub = try await FakeHub(repository) { name, request, _ in
            let isLast = killAt.withLock { left in
                left -= 1
                return left == 0
            }
            guard isLast else { return nil }
            let sent = (request.range?.count ?? 0) / 2
            return FakeHub.content(repository.files[name]!, request, sent: sent) + [.act { victim.kill() }, .hold]
        }
        let site = try PullSite()
        var kills = 0
        // Later and later, so that each run gets on by one request at least.
        while true {
            killAt.withLock { $0 = kills % 5 + 2 }
            let status = try await victim.run(
                "PullProbe",
                [
                    site.store.directory, hub.url, FakeHub.repository, "\(Self.piece)", "4096",
                ])
            if let status {
                #expect(status == 0)
                break
            }
            kills += 1
            // Whatever was cut off, what is there can be read, and is no model yet.
            #expect(try site.store.manifests().isEmpty)
            #expect(try site.store.claims().map(\.name) == [FakeHub.repository])
            guard kills < 100 else {
                Issue.record("no end after \(kills) kills")
                return
            }
        }
        #expect(kills > 2)
        let manifest = try #require(try site.store.find(FakeHub.repository))
        try site.expectWhole(manifest, hub)
        #expect(site.partials.isEmpty)
    }

    /// At a time that chance gives, not at a request: while files are hashed, renamed, entered.
    @Test(arguments: 0..<12) func aPullThatIsKilledAnywhereGoesOn(seed: Int) async throws {
        let repository = Content.model()
        let victim = Victim()
        var random = SplitMix(state: UInt64(seed))
        let (last, spins) = (Int.random(in: 0..<16, using: &random), Int.random(in: 0..<400_000, using: &random))
        let hub = try await FakeHub(repository) { name, request, count in
            guard count == last else { return nil }
            return FakeHub.content(repository.files[name]!, request)
                + [
                    .act {
                        var sum = SplitMix(state: 1)
                        for _ in 0..<spins { _ = sum.next() }
                        victim.kill()
                    }
                ]
        }
        let site = try PullSite()
        let arguments = [site.store.directory, hub.url, FakeHub.repository, "\(Self.piece)", "4096"]
        _ = try await victim.run("PullProbe", arguments)
        for manifest in try site.store.manifests() { try site.expectWhole(manifest, hub) }
        let result = try await site.pull(hub)
        try site.expectWhole(result.manifest, hub)
    }

    @Test func whatWasOnTheDiskIsNotFetchedAgain() async throws {
        let repository = Content.model()
        let victim = Victim()
        let name = "model-00001-of-00002.safetensors"
        let size = repository.files[name]!.count
        // One request brings the first half of the large file; another one, later, kills.
        let hub = try await FakeHub(repository) { file, request, _ in
            guard file == name, let range = request.range, range.lowerBound >= size / 2 else { return nil }
            return [.act { victim.kill() }, .hold]
        }
        let site = try PullSite()
        let status = try await victim.run(
            "PullProbe",
            [
                site.store.directory, hub.url, FakeHub.repository, "\(Self.piece)", "\(Self.piece)",
            ])
        #expect(status == nil)
        let whole = try await FakeHub(repository)
        let result = try await site.pull(whole)
        try site.expectWhole(result.manifest, whole)
        let fetched = whole.fileRequests.filter { $0.path.hasSuffix(name) }.compactMap(\.range).reduce(0) {
            $0 + $1.count
        }
        // Two connections were busy, and each had at most one piece that was not yet recorded.
        #expect(fetched <= size / 2 + 4 * Self.piece)
        #expect(fetched > 0)
    }
}
