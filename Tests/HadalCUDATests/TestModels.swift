import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels
import TestSupport

/// Models for whole runs, and what they say to tokens.
enum TestModels {
    static let guide = SharedData.repository.appendingPathComponent("Guide/guide.gguf").path

    static func fixture(_ name: String) -> String {
        SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/\(name)").path
    }

    /// Of each token, computed so many at a time.
    static func logits(
        _ model: any LanguageModel, _ tokens: [Int32], chunk: Int, format: KVCacheShape.Format = .f32
    ) throws -> [Float] {
        let blocks = (tokens.count + KVCacheShape.blockSize - 1) / KVCacheShape.blockSize
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: format))
        var logits: [Float] = []
        for start in stride(from: 0, to: tokens.count, by: chunk) {
            let rows = start..<min(start + chunk, tokens.count)
            var step = Step()
            step.tokens = Array(tokens[rows])
            step.positions = rows.map { Int32($0) }
            step.sequences = rows.map { _ in 0 }
            step.blockTables = [(0..<blocks).map { Int32(blocks - 1 - $0) }]
            let output = model.forward(step, cache: cache, outputRows: (0..<Int32(rows.count)).map { $0 })
            logits += model.device.read(output, rows: rows.count)
        }
        return logits
    }
}
