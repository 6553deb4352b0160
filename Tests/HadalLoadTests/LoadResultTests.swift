import Foundation
import HadalJSON
import Histogram
import Testing

@testable import HadalLoad

@Suite(.timeLimit(.minutes(15)))
struct LoadResultTests {
    static func sample(
        at planned: Double, first: Double, end: Double, tokens: Int = 11, failure: String? = nil
    ) -> Sample {
        Sample(
            planned: planned, firstToken: failure == nil ? planned + first : nil, end: planned + end, pieces: tokens,
            streaming: end - first, promptTokens: 100, cachedTokens: 40, answerTokens: tokens, failure: failure)
    }

    static func result(
        _ samples: [Sample], _ options: LoadTest.Options, until: Double, tokens: [Double] = []
    ) -> LoadResult {
        LoadResult(
            model: "guide", options, started: Date(timeIntervalSince1970: 1_800_000_000), until: until,
            (samples, .ofDurations, tokens))
    }

    private static var options: LoadTest.Options {
        var options = LoadTest.Options(.closed(clients: 4), Workload())
        options.seconds = 10
        return options
    }

    @Test func timesAndRates() throws {
        var options = Self.options
        options.objectives = [try Objective(parsing: "ttft.p90=0.5"), try Objective(parsing: "e2e=3")]
        let samples =
            (0..<9).map { Self.sample(at: Double($0), first: 0.1, end: 1.1) }
            + [Self.sample(at: 9, first: 2, end: 4), Self.sample(at: 9, first: 0, end: 0.5, failure: "status 500")]
        let result = Self.result(samples, options, until: 10, tokens: Array(repeating: 20, count: 14))
        #expect((result.asked, result.answered, result.failures) == (11, 10, ["status 500": 1]))
        // The last answer came after the ten seconds.
        #expect(abs(result.answersPerSecond - 0.9) < 1e-9 && abs(result.tokensPerSecond - 20) < 1e-9)
        let ttft = try #require(result.distributions[.ttft])
        #expect(abs(ttft.at(50) - 0.1) < 0.001 && abs(ttft.most - 2) < 0.002 && ttft.count == 10)
        #expect(abs(result.distributions[.tpot]!.at(50) - 0.1) < 0.001)
        #expect(result.verdicts.map(\.isMet) == [true, false])
        #expect(abs(result.goodput! - 0.9) < 1e-9)
        #expect(abs(result.errorRate - 1 / 11.0) < 1e-9)
        #expect(result.text.contains("MISSED: e2e=3") && result.text.contains("failed: 1 × status 500"))
    }

    /// What came before does not count.
    @Test func warmUpIsLeftOut() {
        var options = Self.options
        options.warmUpSeconds = 4
        let samples = (0..<10).map { Self.sample(at: Double($0), first: $0 < 4 ? 5 : 0.1, end: $0 < 4 ? 6 : 0.2) }
        let result = Self.result(samples, options, until: 10, tokens: Array(repeating: 1, count: 10))
        #expect((result.asked, result.seconds) == (6, 6))
        #expect(result.distributions[.ttft]!.most < 0.11)
        #expect(abs(result.tokensPerSecond - 1) < 1e-9)
    }

    @Test func jsonComesBack() throws {
        var options = Self.options
        options.objectives = [try Objective(parsing: "itl.p99=0.25")]
        let samples = (0..<200).map { Self.sample(at: Double($0) / 20, first: 0.1 + Double($0) / 1000, end: 1) }
        let result = Self.result(samples, options, until: 10, tokens: [1, 2, 3])
        let read = try LoadResult(try JSON(parsing: result.json.text), file: "run.json")
        #expect(read == result)
    }

    @Test(arguments: ["{}", "{\"format\":2}", "[1]", "{\"format\":1,\"model\":\"a\"}"])
    func whatIsNoResultSaysSo(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: LoadError.self) { try LoadResult(json, file: "x.json") }
    }

    @Test func objectives() throws {
        let objective = try Objective(parsing: "tpot.p99.9=0.05")
        #expect(objective == Objective(.tpot, percentile: 99.9, limit: 0.05) && objective.text == "tpot.p99.9=0.05")
        #expect(try Objective(parsing: Objective(.ttft, percentile: 50, limit: 0.000001).text).limit == 0.000001)
        #expect(try Objective(parsing: "e2e=30").percentile == 100)
        for text in ["", "ttft", "ttft.p99", "ttft.p0=1", "ttft.p101=1", "speed=1", "ttft=0", "ttft.p99=-1"] {
            #expect(throws: LoadError.self, "\(text)") { try Objective(parsing: text) }
        }
    }

    private func step(_ load: Double, tokens: Double, goodput: Double? = nil, failed: Int = 0) -> Ramp.Step {
        var result = Self.result([Self.sample(at: 0, first: 0.1, end: 1)], Self.options, until: 10)
        (result.tokensPerSecond, result.goodput, result.answersPerSecond) = (tokens, goodput, 10)
        (result.asked, result.failures) = (100, failed > 0 ? ["status 429": failed] : [:])
        return Ramp.Step(load: load, result)
    }

    @Test func kneeIsWhereMoreBringsNoMore() {
        let steps = [
            step(1, tokens: 10), step(2, tokens: 19), step(4, tokens: 30), step(8, tokens: 31), step(16, tokens: 60),
        ]
        #expect(Ramp.knee(steps)?.load == 4)
        #expect(Ramp.knee([step(1, tokens: 10), step(2, tokens: 20)])?.load == 2)
        #expect(Ramp.knee([step(1, tokens: 10), step(2, tokens: 20, failed: 5)])?.load == 1)
        #expect(Ramp.knee([step(1, tokens: 10, goodput: 10), step(2, tokens: 20, goodput: 8.9)])?.load == 1)
        #expect(Ramp.knee([step(1, tokens: 10, failed: 50)]) == nil)
        #expect(Ramp.loads(from: 1, to: 10) == [1, 2, 4, 8, 10])
    }
}
