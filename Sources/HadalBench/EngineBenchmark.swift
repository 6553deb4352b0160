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
    }

    public let results: [Result]
    /// Bytes of weights that one decode step of one sequence reads, where every weight is read (no experts).
    public let weightBytes: Int
    public let probe: MachineProbe

    /// - Parameters:
    ///   - prefill: prompt tokens of each sequence.
    ///   - decode: steps, each a token for every sequence.
    public static func run(
        _ model: any LanguageModel, prefill: Int, decode: Int, batches: [Int], repeats: Int = 1,
        progress: (String) -> Void = { _ in }
    ) throws -> EngineBenchmark {
        let probe = try MachineProbe.measure()
        var results: [Result] = []
        for batch in batches {
            var prefills: [Double] = []
            var decodes: [Double] = []
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
                Result(
                    batch: batch, prefillTokensPerSecond: median(prefills), decodeTokensPerSecond: median(decodes)))
        }
        return EngineBenchmark(results: results, weightBytes: model.description.weightBytes, probe: probe)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func once(_ model: any LanguageModel, prefill: Int, decode: Int, batch: Int) throws -> (
        Double, Double
    ) {
        let blocks = (prefill + decode + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks * batch, format: .f16))
        let tables = (0..<batch).map { sequence in (0..<blocks).map { Int32(sequence * blocks + $0) } }
        let clock = ContinuousClock()
        let prefillTime = clock.measure {
            for sequence in 0..<batch {
                for start in stride(from: 0, to: prefill, by: model.maximumRows) {
                    let end = min(start + model.maximumRows, prefill)
                    var step = Step()
                    step.tokens = (start..<end).map { Int32((7 * $0 + 11) % 1000 + 100) }
                    step.positions = (start..<end).map { Int32($0) }
                    step.sequences = Array(repeating: 0, count: end - start)
                    step.blockTables = [tables[sequence]]
                    let last = end == prefill ? [Int32(end - start - 1)] : []
                    _ = model.device.read(model.forward(step, cache: cache, outputRows: last), rows: last.count)
                }
            }
        }
        let decodeTime = clock.measure {
            for index in 0..<decode {
                var step = Step()
                step.tokens = (0..<batch).map { Int32((13 * (index + $0) + 17) % 1000 + 100) }
                step.positions = Array(repeating: Int32(prefill + index), count: batch)
                step.sequences = (0..<Int32(batch)).map { $0 }
                step.blockTables = tables
                let rows = (0..<Int32(batch)).map { $0 }
                _ = model.device.read(model.forward(step, cache: cache, outputRows: rows), rows: batch)
            }
        }
        return (
            Double(prefill * batch) / (prefillTime / .seconds(1)), Double(decode * batch) / (decodeTime / .seconds(1))
        )
    }

    public var json: JSON {
        .object(
            .init([
                ("weight_bytes", .int(Int64(weightBytes))),
                ("read_bytes_per_second", .double(probe.readBandwidth)),
                ("int8_operations_per_second", .double(probe.int8Peak)),
                ("threads", .int(Int64(probe.threads))),
                (
                    "results",
                    .array(
                        results.map {
                            .object(
                                .init([
                                    ("batch", .int(Int64($0.batch))),
                                    ("prefill_tokens_per_second", .double($0.prefillTokensPerSecond)),
                                    ("decode_tokens_per_second", .double($0.decodeTokensPerSecond)),
                                    (
                                        "decode_weight_bytes_per_second",
                                        .double($0.decodeTokensPerSecond / Double($0.batch) * Double(weightBytes))
                                    ),
                                ]))
                        })
                ),
            ]))
    }
}
