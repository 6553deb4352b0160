import Foundation
import HadalEngine
import TestSupport
import Testing

@Suite struct SamplerTests {
    private func sample(_ logits: [Float], position: Int = 0, _ change: (inout SamplingParameters) -> Void) -> Int32 {
        var parameters = SamplingParameters()
        change(&parameters)
        var sampler = Sampler(parameters, prompt: [])
        var logits = logits
        return logits.withUnsafeMutableBufferPointer { sampler.sample($0, position: position) }
    }

    private func randomLogits(_ count: Int, seed: UInt64, spread: Float = 2) -> [Float] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in spread * random.normal() }
    }

    @Test func temperatureZeroTakesTheLowestOfEquals() {
        var logits = [Float](repeating: -1, count: 300)
        logits[297] = 3
        logits[130] = 3
        #expect(sample(logits) { $0.temperature = 0 } == 130)
        #expect(sample([2, 2]) { $0.temperature = 1e-6 } == 0)
    }

    @Test(arguments: [0, 1] as [Float]) func whatIsNoNumberIsNeverTaken(temperature: Float) {
        var logits = [Float](repeating: .nan, count: 77)
        logits[60] = -3
        logits[5] = -.infinity
        #expect(sample(logits) { $0.temperature = temperature } == 60)
        // Nothing to choose from: still a token, and no crash.
        #expect(sample([.nan, .nan]) { $0.temperature = temperature } == 0)
        #expect(sample([-.infinity, .nan]) { $0.temperature = temperature } == 0)
        #expect(sample([0, .infinity, 1]) { $0.temperature = temperature } == 1)
    }

    /// What each filter leaves, from its definition on sorted probabilities.
    private func probabilities(_ logits: [Float], _ p: SamplingParameters) -> [Double] {
        let scaled = logits.map { Double($0) / Double(p.temperature) }
        let largest = scaled.max()!
        var kept = scaled.indices.map { (token: $0, weight: exp(scaled[$0] - largest)) }
        func normalize() {
            let total = kept.reduce(0) { $0 + $1.weight }
            kept = kept.map { ($0.token, $0.weight / total) }
        }
        func cut(at mass: Double) {
            var sum = 0.0
            let last = kept.firstIndex {
                sum += $0.weight
                return sum >= mass
            }
            if let last { kept = Array(kept[...last]) }
        }
        kept.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
        if p.topK > 0 { kept = Array(kept.prefix(p.topK)) }
        normalize()
        if p.topP < 1 { cut(at: Double(p.topP)) }
        normalize()
        kept = kept.filter { $0.weight >= Double(p.minP) * kept[0].weight }
        normalize()
        if p.typicalP < 1 {
            let entropy = kept.reduce(0) { $0 - $1.weight * log($1.weight) }
            kept.sort { abs(-log($0.weight) - entropy) < abs(-log($1.weight) - entropy) }
            cut(at: Double(p.typicalP))
            normalize()
        }
        var result = [Double](repeating: 0, count: logits.count)
        for item in kept { result[item.token] = item.weight }
        return result
    }

    struct Setting: Sendable, CustomTestStringConvertible {
        var temperature: Float = 1
        var topK = 0
        var topP: Float = 1
        var minP: Float = 0
        var typicalP: Float = 1

        var testDescription: String { "T \(temperature), k \(topK), p \(topP), min \(minP), typical \(typicalP)" }
    }

    static let settings = [
        Setting(), Setting(temperature: 0.6), Setting(temperature: 2.5), Setting(topK: 5), Setting(topK: 1),
        Setting(topK: 1000), Setting(topP: 0.8), Setting(topP: 0.999), Setting(topP: 0), Setting(minP: 0.1),
        Setting(minP: 1), Setting(typicalP: 0.7), Setting(temperature: 0.7, topK: 20, topP: 0.9),
        Setting(temperature: 1.3, topK: 30, topP: 0.95, minP: 0.05, typicalP: 0.8),
    ]

    @Test(arguments: settings) func drawsFollowTheDefinition(setting: Setting) {
        var parameters = SamplingParameters()
        parameters.temperature = setting.temperature
        parameters.topK = setting.topK
        parameters.topP = setting.topP
        parameters.minP = setting.minP
        parameters.typicalP = setting.typicalP
        parameters.seed = 7
        // More than one block of 64, and a ragged end.
        let logits = randomLogits(150, seed: 3)
        let expected = probabilities(logits, parameters)
        let draws = 6000
        var counts = [Int](repeating: 0, count: logits.count)
        var sampler = Sampler(parameters, prompt: [])
        for position in 0..<draws {
            var row = logits
            counts[Int(row.withUnsafeMutableBufferPointer { sampler.sample($0, position: position) })] += 1
        }
        for token in counts.indices where expected[token] == 0 {
            #expect(counts[token] == 0, "token \(token) was filtered out")
        }
        // Pearson's statistic over tokens that are expected at least five times, the rest in one class.
        var statistic = 0.0
        var classes = 0
        var rare = (expected: 0.0, seen: 0)
        for token in counts.indices where expected[token] > 0 {
            let mean = expected[token] * Double(draws)
            if mean < 5 {
                rare = (rare.expected + mean, rare.seen + counts[token])
            } else {
                statistic += (Double(counts[token]) - mean) * (Double(counts[token]) - mean) / mean
                classes += 1
            }
        }
        if rare.expected > 1 {
            let difference = Double(rare.seen) - rare.expected
            statistic += difference * difference / rare.expected
            classes += 1
        }
        // Mean classes − 1, variance twice that: five standard deviations.
        let freedom = Double(max(classes - 1, 1))
        #expect(statistic < freedom + 5 * (2 * freedom).squareRoot(), "seed 7, \(classes) classes")
    }

    @Test func penaltiesAndBiasMatchTheirFormulas() {
        var parameters = SamplingParameters()
        parameters.temperature = 0
        parameters.repetitionPenalty = 1.3
        parameters.frequencyPenalty = 0.4
        parameters.presencePenalty = 0.25
        parameters.logitBias = [3: -2, 17: 1.5]
        let promptTokens: [Int32] = [1, 2, 17]
        var sampler = Sampler(parameters, prompt: promptTokens)
        var generated: [Int32] = []
        for position in 0..<40 {
            let logits = randomLogits(24, seed: UInt64(position) / 8)
            var expected = logits
            expected[3] += -2
            expected[17] += 1.5
            for token in Set(promptTokens + generated).map(Int.init) {
                expected[token] = expected[token] > 0 ? expected[token] / 1.3 : expected[token] * 1.3
            }
            for token in Set(generated) {
                let count = generated.filter { $0 == token }.count
                expected[Int(token)] -= 0.4 * Float(count) + 0.25
            }
            var adjusted = logits
            let token = adjusted.withUnsafeMutableBufferPointer { sampler.sample($0, position: position) }
            #expect(adjusted == expected)
            #expect(token == Int32(expected.firstIndex(of: expected.max()!)!))
            generated.append(token)
        }
        #expect(Set(generated).count > 3)
    }

    @Test func aDrawDependsOnSeedAndPositionAlone() {
        let logits = randomLogits(500, seed: 1)
        let first = (0..<50).map { position in sample(logits, position: position) { $0.seed = 9 } }
        let backwards = (0..<50).reversed().map { position in sample(logits, position: position) { $0.seed = 9 } }
        #expect(first == backwards.reversed())
        #expect(first != (0..<50).map { position in sample(logits, position: position) { $0.seed = 10 } })
    }

    @Test func logProbabilitiesAreThoseOfTheRawRow() {
        let logits = randomLogits(1000, seed: 5)
        let normalizer = log(logits.reduce(0) { $0 + exp(Double($1)) })
        let report = logits.withUnsafeBufferPointer { Sampler.logProbabilities($0, of: 500, top: 20) }
        #expect(abs(Double(report.token.logProbability) - (Double(logits[500]) - normalizer)) < 2e-6)
        let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(20)
        #expect(report.top.map(\.token) == order.map { Int32($0) })
        #expect(
            report.top.allSatisfy {
                abs(Double($0.logProbability) - (Double(logits[Int($0.token)]) - normalizer)) < 2e-6
            })
        let none = logits.withUnsafeBufferPointer { Sampler.logProbabilities($0, of: 0, top: 0) }
        #expect(none.top.isEmpty)
        let all = [Float](repeating: 0, count: 3).withUnsafeBufferPointer {
            Sampler.logProbabilities($0, of: 0, top: 10)
        }
        #expect(all.top.map(\.token) == [0, 1, 2])
    }
}

@Suite struct LogitRowTests {
    @Test(arguments: [1, 7, 8, 63, 64, 65, 1000]) func sumsOfExponentialsAreExact(count: Int) {
        var random = SplitMix(state: UInt64(count))
        for spread: Float in [0, 0.01, 3, 30] {
            let values = (0..<count).map { _ in spread * random.normal() }
            for scale: Float in [0.1, 1, 5] {
                let largest = Double(values.max()!)
                let expected = values.reduce(0.0) { $0 + exp((Double($1) - largest) * Double(scale)) }
                let sums = values.withUnsafeBufferPointer { LogitRow($0).exponentialSums(scale: scale) }
                #expect(abs(sums.total - expected) < 4e-6 * expected, "spread \(spread), scale \(scale)")
            }
        }
    }

    @Test func theSmallExponentialsAreRightToo() {
        for exponent in stride(from: Float(0), through: -86, by: -0.37) {
            let sums = [0, exponent].withUnsafeBufferPointer { LogitRow($0).exponentialSums(scale: 1) }
            let alone = sums.total - 1
            #expect(abs(alone - exp(Double(exponent))) < 1.2e-7, "\(exponent)")
        }
    }

    @Test func selectionEqualsSorting() {
        var random = SplitMix(state: 11)
        for count in [1, 2, 3, 10, 100, 1000] {
            // Few different keys, so that ties matter.
            let items = (0..<count).map { token in
                Candidates.Candidate(
                    token: Int32(token), key: Float(Int.random(in: 0..<max(2, count / 3), using: &random)),
                    weight: Double.random(in: 0.1..<1, using: &random))
            }
            let sorted = items.sorted { $0.precedes($1) }
            for kept in [1, 2, count / 2, count - 1, count, count + 5] where kept > 0 {
                var candidates = Candidates(items)
                candidates.keep(largest: kept)
                #expect(Set(candidates.items.map(\.token)) == Set(sorted.prefix(kept).map(\.token)))
            }
            for fraction in [0, 0.1, 0.5, 0.99, 2] {
                var candidates = Candidates(items)
                let target = fraction * candidates.weight
                candidates.keep(weight: target)
                var sum = 0.0
                let last =
                    sorted.firstIndex {
                        sum += $0.weight
                        return sum >= target
                    } ?? count - 1
                #expect(Set(candidates.items.map(\.token)) == Set(sorted[...last].map(\.token)))
            }
        }
    }

    @Test func theFloorLeavesEnough() {
        var random = SplitMix(state: 2)
        let values = (0..<1000).map { _ in random.normal() }
        let sorted = values.sorted(by: >)
        values.withUnsafeBufferPointer { buffer in
            let row = LogitRow(buffer)
            for count in [1, 2, 10, 16, 17, 500, 1000] { #expect(row.floor(ofLargest: count) <= sorted[count - 1]) }
            #expect(row.floor(ofLargest: 1) == sorted[0])
        }
    }
}

@Suite struct RandomnessTests {
    /// The numbers are part of what a seed promises: the same answer, also by a later version.
    @Test func theFunctionDoesNotChange() {
        let numbers = [(0, 0), (0, 1), (1, 0), (42, 1000)].map {
            Randomness.uniform(seed: UInt64($0.0), position: $0.1)
        }
        #expect(numbers == RandomnessTests.known)
    }

    static let known: [Double] = [
        0.28176129772258496, 0.8628561488610587, 0.9160981669305095, 0.8900218663099789,
    ]

    @Test func numbersAreUniformOverPositionsAndSeeds() {
        for byPosition in [true, false] {
            var counts = [Int](repeating: 0, count: 64)
            for index in 0..<64_000 {
                let number = Randomness.uniform(seed: byPosition ? 3 : UInt64(index), position: byPosition ? index : 3)
                counts[Int(number * 64)] += 1
            }
            let statistic = counts.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
            #expect(statistic < 63 + 5 * (2.0 * 63).squareRoot())
        }
    }

    @Test func neighboursAreIndependent() {
        var counts = [Int](repeating: 0, count: 256)
        for position in 0..<64_000 {
            let first = Int(Randomness.uniform(seed: 5, position: position) * 16)
            let second = Int(Randomness.uniform(seed: 5, position: position + 1) * 16)
            counts[first * 16 + second] += 1
        }
        let statistic = counts.reduce(0.0) { $0 + (Double($1) - 250) * (Double($1) - 250) / 250 }
        #expect(statistic < 255 + 5 * (2.0 * 255).squareRoot())
    }
}
