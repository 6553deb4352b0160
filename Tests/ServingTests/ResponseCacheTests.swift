import HadalJSON
import HadalWire
import Testing

@testable import HadalGateway

/// The cache of answers by itself: what it gives, to whom and for how long, and what it counts.
@Suite(.timeLimit(.minutes(15))) struct ResponseCacheTests {
    private typealias Fixtures = CacheFixtures

    // MARK: answers

    @Test func anAnswerIsGivenAgainWithItsTokensAndProbabilities() throws {
        func token(_ id: Int32) -> GeneratedToken {
            let candidate = GeneratedToken.Candidate(id: id, bytes: [97], logProbability: -0.25)
            return GeneratedToken(id: id, chosen: candidate, alternatives: [candidate])
        }
        let pieces = [
            GenerationDelta(part: .reasoning, text: "H", tokens: [token(1)]),
            GenerationDelta(part: .reasoning, text: "m.", tokens: [token(2)]),
            GenerationDelta(part: .content, text: "Let", tokens: [token(3), token(4)]),
            GenerationDelta(part: .content, text: " me", tokens: [token(5)]),
            GenerationDelta(part: .call(index: 0, name: "look"), text: "", tokens: [token(6)]),
            GenerationDelta(part: .call(index: 0, name: nil), text: "{", tokens: [token(7)]),
            GenerationDelta(part: .call(index: 0, name: nil), text: "}", tokens: [token(8)]),
            GenerationDelta(part: .broken(index: 0, whole: "<look{}>"), text: "<", tokens: []),
            GenerationDelta(part: .broken(index: nil, whole: nil), text: "a", tokens: [token(9)]),
        ]
        let answer = try #require(Fixtures.answer(pieces, finish: .toolCalls, warnings: ["w"]))
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(answer, try Fixtures.known("a"))
        let given = try #require(cache.answer(for: try Fixtures.known("a"), now: Fixtures.now))
        #expect(given.summary == answer.summary && given.summary.warnings == ["w"])
        #expect(given.deltas.map(\.text) == ["Hm.", "Let me", "", "{}", "<", "a"])
        #expect(given.deltas.flatMap(\.tokens) == pieces.flatMap(\.tokens))
        // Whoever puts it together gets the same.
        var (first, again) = (Choice(), Choice())
        for piece in pieces { first.append(piece) }
        for delta in given.deltas { again.append(delta) }
        #expect(first == again)
    }

    @Test func whatWasCutOffIsNotKept() {
        let piece = GenerationDelta(part: .content, text: "a", tokens: [])
        for finish in FinishReason.allCases {
            let isWhole = [.stop, .length, .toolCalls].contains(finish)
            #expect((Fixtures.answer([piece], finish: finish) != nil) == isWhole, "\(finish)")
        }
    }

    @Test func theSizeCountsAllThatTakesMemory() throws {
        func size(_ text: String, _ tokens: [GeneratedToken]) throws -> Int {
            try #require(Fixtures.answer([GenerationDelta(part: .content, text: text, tokens: tokens)])).size
        }
        let plain = try size("", [])
        #expect(try size(String(repeating: "€", count: 1000), []) == plain + 3000)
        let ids = (0..<1000).map { GeneratedToken(id: $0) }
        #expect(try size("", ids) >= plain + 1000 * MemoryLayout<GeneratedToken>.stride)
        let candidate = GeneratedToken.Candidate(id: 1, bytes: Array(repeating: 1, count: 100), logProbability: -1)
        let rich = GeneratedToken(id: 1, chosen: candidate, alternatives: Array(repeating: candidate, count: 20))
        #expect(try size("", [rich]) >= plain + 2100)
    }

    // MARK: whose, and for how long

    @Test func nobodyGetsAnotherTenantsAnswer() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(Fixtures.answer("for red"), try Fixtures.known("a", tenant: "red"))
        cache.keep(Fixtures.answer("for blue"), try Fixtures.known("a", tenant: "blue"))
        #expect(cache.text(try Fixtures.known("a", tenant: "red")) == "for red")
        #expect(cache.text(try Fixtures.known("a", tenant: "blue")) == "for blue")
        #expect(cache.text(try Fixtures.known("a")) == nil)
        cache.forget(tenant: "red")
        #expect(cache.text(try Fixtures.known("a", tenant: "red")) == nil)
        #expect(cache.text(try Fixtures.known("a", tenant: "blue")) == "for blue")
        cache.removeAll()
        #expect(cache.text(try Fixtures.known("a", tenant: "blue")) == nil)
        #expect(cache.statistics.entries == 0 && cache.statistics.bytes == 0)
    }

    @Test func anAnswerIsGivenForItsLifetimeHoweverOftenItIsAskedFor() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(Fixtures.answer("a"), for: try Fixtures.known("a"), lifetime: .seconds(60), now: Fixtures.now)
        #expect(cache.text(try Fixtures.known("a"), after: 30) == "a")
        #expect(cache.text(try Fixtures.known("a"), after: 59) == "a")
        #expect(cache.text(try Fixtures.known("a"), after: 60) == nil)
        #expect(cache.statistics.entries == 0, "what is over is not kept on")
        cache.keep(Fixtures.answer("b"), for: try Fixtures.known("b"), lifetime: .zero, now: Fixtures.now)
        #expect(cache.text(try Fixtures.known("b")) == nil)
    }

    @Test func aNewAnswerTakesThePlaceOfTheFormerOne() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(Fixtures.answer("former"), try Fixtures.known("a"))
        let bytes = cache.statistics.bytes
        cache.keep(Fixtures.answer("latter"), try Fixtures.known("a"))
        #expect(cache.text(try Fixtures.known("a")) == "latter")
        #expect(cache.statistics.entries == 1 && cache.statistics.bytes == bytes)
        #expect(cache.statistics.evictions == 0)
    }

    // MARK: counts

    @Test func lookupsAreCountedByTenant() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        #expect(cache.text(try Fixtures.known("a")) == nil)
        cache.keep(Fixtures.answer("a"), try Fixtures.known("a"), similar: (try Fixtures.similar("a"), [1, 0]))
        #expect(cache.text(try Fixtures.known("a")) == "a")
        #expect(cache.text(try Fixtures.known("a", tenant: "red")) == nil)
        #expect(cache.text(try Fixtures.known("b")) == nil)
        #expect(cache.text(try Fixtures.similar("b"), [1, 0], threshold: 0.9) == "a")
        let statistics = cache.statistics
        #expect(statistics.lookups == .init(hits: 1, similarHits: 1, misses: 2))
        #expect(statistics.tenants["default"]?.lookups == .init(hits: 1, similarHits: 1, misses: 1))
        #expect(statistics.tenants["default"]?.entries == 1)
        #expect(statistics.tenants["default"]?.bytes == statistics.bytes)
        #expect(statistics.tenants["red"] == .init(lookups: .init(misses: 1), entries: 0, bytes: 0))
        #expect(statistics.json["similarHits"] == 1 && statistics.json["tenants"]?[1]?["tenant"] == "red")
    }

    @Test func tenantsThatAreCountedHaveAnEnd() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        for number in 0..<CacheStatistics.tenantsLimit + 10 {
            _ = cache.text(try Fixtures.known("a", tenant: "tenant-\(number)"))
        }
        #expect(cache.text(try Fixtures.known("a")) == nil)
        let statistics = cache.statistics
        #expect(statistics.tenants.count == CacheStatistics.tenantsLimit)
        #expect(statistics.lookups.misses == CacheStatistics.tenantsLimit + 11)
    }

    // MARK: many at once

    @Test func manyAtOnceFindTheirOwnAnswersAndLeaveNothingBehind() async throws {
        let cache = ResponseCache(bytesLimit: 2 << 20)
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<16 {
                group.addTask {
                    let tenant = "tenant-\(task % 4)"
                    var wrong = 0
                    for number in 0..<200 {
                        let text = "\(number % 50)"
                        guard let key = Fixtures.key(text, tenant: tenant),
                            let similar = Fixtures.similarityKey(text, tenant: tenant)
                        else { return -1 }
                        let vector = [Float(number % 50), 1]
                        let answer = Fixtures.answer("\(tenant) " + text + String(repeating: " ", count: 8 << 10))
                        cache.keep(answer, key, similar: (similar, vector))
                        for given in [cache.text(key), cache.text(similar, vector, threshold: 1)] {
                            if let given, !given.hasPrefix("\(tenant) \(text) ") { wrong += 1 }
                        }
                        if number % 90 == 0 { cache.forget(tenant: tenant) }
                        if cache.statistics.bytes > 2 << 20 { wrong += 1 }
                    }
                    return wrong
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
        for tenant in 0..<4 { cache.forget(tenant: "tenant-\(tenant)") }
        #expect(cache.statistics.entries == 0 && cache.statistics.bytes == 0)
        #expect(cache.text(try Fixtures.similar("1"), [1, 1], threshold: 0.5) == nil)
    }
}
