import Foundation
import HadalCompute
import HadalEngine
import HadalJSON
import HadalModels

/// Speed of a model on this machine, beside what memory and arithmetic allow.
public struct EngineBenchmark: Sendable {
    public struct Result: Sendable {
        public let batch: Int
        public let prefillTokensPerSecond: Double
        public let decodeTokensPerSecond: Double
        /// Of the products with weights.
        public let prefillOperationsPerSecond: Double
        /// Weights read; of experts those that were chosen.
        public let decodeWeightBytesPerSecond: Double
        public let decodeOperationsPerSecond: Double
    }

    /// For people.
    public let device: String
    public let results: [Result]
    /// The processor's limits; nil of another device.
    public let probe: MachineProbe?

    /// - Parameters:
    ///   - prefill: prompt tokens of each sequence.
    ///   - decode: steps, each a token for every sequence.
    public static func run(
        _ model: any LanguageModel, prefill: Int, decode: Int, batches: [Int], repeats: Int = 1,
        progress: (String) -> Void = { _ in }
    ) throws -> EngineBenchmark {
        let probe = model.device is CPUDevice ? try MachineProbe.measure() : nil
        var results: [Result] = []
        for batch in batches {
            var prefills: [Phase] = []
            var decodes: [Phase] = []
            for round in 0...repeats {
                progress("batch \(batch), round \(round)")
                let (first, second) = try once(model, prefill: prefill, decode: decode, batch: batch)
                // The first round warms caches.
                if round > 0 {
                    prefills.append(first)
                    decodes.append(second)
                }
            }
            results.append(
                result(batch, prefill: prefills, decode: decodes, tokens: (batch * prefill, batch * decode)))
        }
        return EngineBenchmark(device: model.device.summary, results: results, probe: probe)
    }

    /// What one round of a phase took.
    private struct Phase {
        let seconds: Double
        let work: Work

        init(_ device: any ComputeDevice, _ body: () -> Void) {
            let before = device.work
            seconds = ContinuousClock().measure(body) / .seconds(1)
            work = device.work - before
        }
    }

    /// The median rounds' rates.
    private static func result(
        _ batch: Int, prefill: [Phase], decode: [Phase], tokens: (prefill: Int, decode: Int)
    ) -> Result {
        func median(_ phases: [Phase]) -> Phase { phases.sorted { $0.seconds < $1.seconds }[phases.count / 2] }
        let prefill = median(prefill)
        let decode = median(decode)
        return Result(
            batch: batch, prefillTokensPerSecond: Double(tokens.prefill) / prefill.seconds,
            decodeTokensPerSecond: Double(tokens.decode) / decode.seconds,
            prefillOperationsPerSecond: Double(prefill.work.operations) / prefill.seconds,
            decodeWeightBytesPerSecond: Double(decode.work.weightBytes) / decode.seconds,
            decodeOperationsPerSecond: Double(decode.work.operations) / decode.seconds)
    }

    /// Where the time of one round goes. A round before it warms caches.
    public static func profile(
        _ model: any LanguageModel, prefill: Int, decode: Int, batch: Int, probes: Bool
    ) throws -> EngineProfile {
        let device = model.device
        let roofline = probes && device is CPUDevice ? try Roofline(MachineProbe.measure(threads: device.threads)) : nil
        _ = try once(model, prefill: prefill, decode: decode, batch: batch)
        device.profiler.start()
        _ = try once(model, prefill: prefill, decode: decode, batch: batch)
        let steps = device.profiler.stop()
        let blocks = blocks(prefill + decode) * batch
        let cache = model.cacheShape(blocks: blocks, format: .f16).bytesPerBlock * blocks
        return EngineProfile(
            steps, of: model, cacheBytes: cache, scratchBytes: device.scratchBytes, roofline: roofline)
    }

    private static func blocks(_ positions: Int) -> Int {
        (positions + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
    }

    private static func once(_ model: any LanguageModel, prefill: Int, decode: Int, batch: Int) throws -> (
        Phase, Phase
    ) {
        let blocks = blocks(prefill + decode)
        let profiler = model.device.profiler
        let vocabulary = model.description.vocabularySize
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks * batch, format: .f16))
        let tables = (0..<batch).map { sequence in (0..<blocks).map { Int32(sequence * blocks + $0) } }
        profiler.enter(.prefill)
        let prefillPhase = Phase(model.device) {
            for sequence in 0..<batch {
                for start in stride(from: 0, to: prefill, by: model.maximumRows) {
                    let end = min(start + model.maximumRows, prefill)
                    var step = Step()
                    step.tokens = (start..<end).map { Int32(((7 * $0 + 11) % 1000 + 100) % vocabulary) }
                    step.positions = (start..<end).map { Int32($0) }
                    step.sequences = Array(repeating: 0, count: end - start)
                    step.blockTables = [tables[sequence]]
                    profiler.countStep(promptRows: end - start, answerRows: 0)
                    let last = end == prefill ? [Int32(end - start - 1)] : []
                    _ = model.device.read(model.forward(step, cache: cache, outputRows: last), rows: last.count)
                }
            }
        }
        profiler.enter(.decode)
        let decodePhase = Phase(model.device) {
            for index in 0..<decode {
                var step = Step()
                step.tokens = (0..<batch).map { Int32(((13 * (index + $0) + 17) % 1000 + 100) % vocabulary) }
                step.positions = Array(repeating: Int32(prefill + index), count: batch)
                step.sequences = (0..<Int32(batch)).map { $0 }
                step.blockTables = tables
                let rows = (0..<Int32(batch)).map { $0 }
                profiler.countStep(promptRows: 0, answerRows: batch)
                _ = model.device.read(model.forward(step, cache: cache, outputRows: rows), rows: batch)
            }
        }
        profiler.enter(.engine)
        return (prefillPhase, decodePhase)
    }

    public var json: JSON {
        .compact([
            ("device", .string(device)),
            ("read_bytes_per_second", probe.map { .double($0.readBandwidth) }),
            ("int8_operations_per_second", probe.map { .double($0.int8Peak) }),
            ("threads", probe.map { .int(Int64($0.threads)) }),
            (
                "results",
                .array(
                    results.map {
                        .object(
                            .init([
                                ("batch", .int(Int64($0.batch))),
                                ("prefill_tokens_per_second", .double($0.prefillTokensPerSecond)),
                                ("decode_tokens_per_second", .double($0.decodeTokensPerSecond)),
                                ("prefill_operations_per_second", .double($0.prefillOperationsPerSecond)),
                                ("decode_weight_bytes_per_second", .double($0.decodeWeightBytesPerSecond)),
                                ("decode_operations_per_second", .double($0.decodeOperationsPerSecond)),
                            ]))
                    })
            ),
        ])
    }
}
