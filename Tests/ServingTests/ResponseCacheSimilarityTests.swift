import HadalWire
import Testing

@testable import HadalGateway

/// Answers to requests that are similar.
@Suite(.timeLimit(.minutes(15))) struct ResponseCacheSimilarityTests {
    private typealias Fixtures = CacheFixtures

    @Test func theMostSimilarAnswerAboveTheThresholdIsGiven() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        let vectors: [(String, [Float])] = [("east", [1, 0, 0]), ("north-east", [2, 2, 0]), ("up", [0, 0, 1])]
        for (text, vector) in vectors {
            cache.keep(Fixtures.answer(text), try Fixtures.known(text), similar: (try Fixtures.similar(text), vector))
        }
        let asked = try Fixtures.similar("asked")
        #expect(cache.text(asked, [3, 0, 0], threshold: 1) == "east")
        #expect(cache.text(asked, [1, 0.5, 0], threshold: 0.9) == "north-east")
        #expect(cache.text(asked, [1, 0.5, 0], threshold: 0.96) == nil)
        #expect(cache.text(asked, [-1, 0, 0], threshold: 0.5) == nil)
        // Vectors without a direction, or of another length, are similar to none.
        for vector in [[0, 0, 0], [.nan, 0, 0], [.infinity, 0, 0], [1, 0], [1, 0, 0, 0], []] as [[Float]] {
            #expect(cache.text(asked, vector, threshold: 0.5) == nil, "\(vector)")
        }
        let other = try #require(Fixtures.similarityKey { $0.maximumTokens = 9 })
        #expect(cache.text(other, [1, 0, 0], threshold: 0.5) == nil)
        let stranger = try #require(Fixtures.similarityKey(tenant: "red"))
        #expect(cache.text(stranger, [1, 0, 0], threshold: 0.5) == nil)
    }

    @Test func longVectorsAreComparedWhole() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        var vector = [Float](repeating: 0, count: 1027)
        vector[1026] = 1
        cache.keep(Fixtures.answer("last"), try Fixtures.known("last"), similar: (try Fixtures.similar("last"), vector))
        #expect(cache.text(try Fixtures.similar("asked"), vector, threshold: 1) == "last")
        vector[0] = 1
        #expect(cache.text(try Fixtures.similar("asked"), vector, threshold: 0.71) == nil)
        #expect(cache.text(try Fixtures.similar("asked"), vector, threshold: 0.7) == "last")
    }

    @Test func similarAnswersEndAndGoLikeOthers() throws {
        let cache = ResponseCache(bytesLimit: 1 << 20)
        cache.keep(
            Fixtures.answer("a"), for: try Fixtures.known("a"), similar: (try Fixtures.similar("a"), [1, 0]),
            lifetime: .seconds(60),
            now: Fixtures.now)
        #expect(cache.text(try Fixtures.similar("b"), [1, 0], threshold: 0.9, after: 59) == "a")
        #expect(cache.text(try Fixtures.similar("b"), [1, 0], threshold: 0.9, after: 60) == nil)
        cache.removeAll()
        #expect(cache.text(try Fixtures.similar("b"), [1, 0], threshold: 0.9) == nil)
    }

    @Test func onlyTheLatestOfManyAreCompared() throws {
        let cache = ResponseCache(bytesLimit: 64 << 20)
        for number in 0...CacheContents.candidatesLimit {
            let vector: [Float] = number == 0 ? [1, 0] : [0, 1]
            cache.keep(
                Fixtures.answer("\(number)"), try Fixtures.known("\(number)"),
                similar: (try Fixtures.similar("\(number)"), vector))
        }
        #expect(cache.text(try Fixtures.similar("asked"), [1, 0], threshold: 0.9) == nil)
        #expect(cache.text(try Fixtures.similar("asked"), [0, 1], threshold: 0.9) != nil)
        #expect(cache.text(try Fixtures.known("0")) == "0", "the same request still finds it")
    }
}
