import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON

/// Turns token sequences into one vector each.
public protocol TextEncoder: AnyObject, Sendable {
    /// Length of a vector.
    var width: Int { get }
    /// The most tokens of a sequence.
    var contextLength: Int { get }
    var vocabularySize: Int { get }
    /// One vector for each sequence. A sequence's vector does not depend on the others.
    func encode(_ sequences: [[Int32]]) -> [[Float]]
}

/// How a sequence's token vectors become one (sentence-transformers' `1_Pooling/config.json` and `modules.json`).
struct Pooling {
    enum Kind { case mean, first }

    var kind: Kind
    var normalizes: Bool

    init(_ checkpoint: Checkpoint) throws {
        if let gguf = checkpoint.gguf, let name = gguf.string("general.architecture") {
            // llama.cpp: 1 mean, 2 first token; its server normalizes.
            let type = gguf.int("\(name).pooling_type") ?? 1
            guard type == 1 || type == 2 else {
                throw ModelError.invalidField("\(name).pooling_type", found: "\(type)", expected: "1 (mean) or 2 (first)")
            }
            (kind, normalizes) = (type == 1 ? .mean : .first, true)
            return
        }
        func json(_ path: String) -> JSON? {
            checkpoint.directory.flatMap { try? Data(contentsOf: $0.appendingPathComponent(path)) }
                .flatMap { try? JSON(parsing: $0) }
        }
        guard let modules = json("modules.json")?.array else {
            (kind, normalizes) = (.mean, true)
            return
        }
        let pooling = json("1_Pooling/config.json")
        for name in ["pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens", "pooling_mode_weightedmean_tokens"]
        where pooling?[name]?.bool == true {
            throw ModelError.invalidField("1_Pooling/config.json \(name)", found: "true", expected: "mean or first token")
        }
        kind = pooling?["pooling_mode_cls_token"]?.bool == true ? .first : .mean
        normalizes = modules.contains { $0["type"]?.string?.hasSuffix("Normalize") == true }
    }

    func pool(_ rows: ArraySlice<Float>, width: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: width)
        let count = kind == .first ? 1 : rows.count / width
        for row in 0..<count {
            for column in 0..<width { sums[column] += Double(rows[rows.startIndex + row * width + column]) }
        }
        var vector = sums.map { $0 / Double(count) }
        if normalizes {
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            vector = vector.map { $0 / max(length, 1e-12) }
        }
        return vector.map(Float.init)
    }
}
