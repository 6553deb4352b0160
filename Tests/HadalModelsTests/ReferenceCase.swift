import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport
import Testing

/// A model with the logits that transformers computed for some token sequences.
struct ReferenceCase: Sendable, CustomTestStringConvertible {
    let model: String
    let tokens: [Int32]
    /// Of the last `rows` positions, `[rows, vocabulary]`.
    let logits: [Float]
    let vocabulary: Int

    var testDescription: String { "\(URL(fileURLWithPath: model).lastPathComponent)[\(tokens.count)]" }

    /// Folders as in `../shared/data/reference-logits`: tokens.json and logits.safetensors beside the checkpoint.
    static func folder(_ folder: URL) throws -> [ReferenceCase] {
        let sequences = try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("tokens.json")))["tokens"]!
            .array!
        let file = try Checkpoint.open(folder.appendingPathComponent("logits.safetensors").path)
        return try sequences.enumerated().map { index, sequence in
            let tensor = try file.tensor("logits_\(index)")
            return ReferenceCase(
                model: folder.path, tokens: sequence.array!.map { Int32($0.int!) }, logits: tensor.dequantized(),
                vocabulary: tensor.shape[1])
        }
    }

    /// `expected.json` with one `logits.f32` for several checkpoints of the same weights.
    static func expected(_ json: URL, logits: URL, models: [URL]) throws -> [ReferenceCase] {
        let parsed = try JSON(parsing: Data(contentsOf: json))
        let cases = try parsed["cases"]!.array ?? JSON(parsing: parsed["cases"]!.string!).array!
        let data = try Data(contentsOf: logits)
        let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        return models.flatMap { model in
            cases.map { item in
                let shape = item["logits_shape"]!.array!.map { $0.int! }
                let (rows, vocabulary) = (shape[shape.count - 2], shape[shape.count - 1])
                let start = item["logits_offset"]!.int!
                return ReferenceCase(
                    model: model.path, tokens: item["prompt_ids"]!.array!.map { Int32($0.int!) },
                    logits: Array(values[start..<start + rows * vocabulary]), vocabulary: vocabulary)
            }
        }
    }
}

/// Logits of every position, the prompt cut into chunks.
func logits(_ model: any LanguageModel, _ tokens: [Int32], chunk: Int, format: KVCacheShape.Format = .f32) throws
    -> [Float]
{
    let blocks = (tokens.count + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
    let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: format))
    var result: [Float] = []
    var start = 0
    while start < tokens.count {
        let end = min(start + chunk, tokens.count)
        var step = Step()
        step.tokens = Array(tokens[start..<end])
        step.positions = (start..<end).map { Int32($0) }
        step.sequences = Array(repeating: 0, count: end - start)
        // Blocks in reverse: a mistaken block table would be seen.
        step.blockTables = [(0..<blocks).map { Int32(blocks - 1 - $0) }]
        let output = model.forward(step, cache: cache, outputRows: (0..<Int32(end - start)).map { $0 })
        result += model.device.read(output, rows: end - start)
        start = end
    }
    return result
}

/// The largest difference, relative to the largest reference value.
func worstDifference(_ values: some Collection<Float>, _ reference: [Float]) -> Float {
    var worst: Float = 0
    var largest: Float = 0
    for (value, expected) in zip(values, reference) {
        if !(abs(value - expected) <= worst) { worst = abs(value - expected) }
        largest = max(largest, abs(expected))
    }
    return worst / largest
}

/// Root of the mean squared difference, relative to that of the reference.
func relativeRMS(_ values: [Float], _ reference: [Float]) -> Double {
    var difference = 0.0
    var size = 0.0
    for (value, expected) in zip(values, reference) {
        difference += Double(value - expected) * Double(value - expected)
        size += Double(expected) * Double(expected)
    }
    return (difference / size).squareRoot()
}

/// A prompt, the likeliest tokens after it, and what follows when the likeliest is always taken.
struct Greedy {
    let prompt: [Int32]
    let best: [(token: Int, value: Float)]
    let continuation: [Int32]

    static func cases(_ file: URL) throws -> [Greedy] {
        try JSON(parsing: Data(contentsOf: file))["cases"]!.array!.map { item in
            Greedy(
                prompt: item["prompt_ids"]!.array!.map { Int32($0.int!) },
                best: item["last_top5"]!.array!.map { ($0.array![0].int!, Float($0.array![1].double!)) },
                continuation: item["greedy_ids"]!.array!.map { Int32($0.int!) })
        }
    }

    static func continuation(_ model: any LanguageModel, _ prompt: [Int32], count: Int) throws -> [Int32] {
        var tokens = prompt
        for _ in 0..<count {
            let last = try logits(model, tokens, chunk: 64).suffix(model.description.vocabularySize)
            let best = last.indices.max { last[$0] < last[$1] }!
            tokens.append(Int32(best - last.startIndex))
        }
        return Array(tokens.suffix(count))
    }
}
