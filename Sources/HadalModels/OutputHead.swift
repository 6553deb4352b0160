import HadalCheckpoint
import HadalCompute

/// The embedding table and the projection back to the vocabulary, which may be the same tensor.
final class OutputHead: @unchecked Sendable {
    let embedding: any LinearWeight
    let vocabulary: Int
    let norm: Buffer
    private let projection: any LinearWeight
    private let epsilon: Float
    private let device: any ComputeDevice
    private var chosen: Buffer
    private var logits: Buffer

    init(_ weights: Weights, _ settings: Settings, hidden: Int, epsilon: Float) throws {
        device = weights.device
        self.epsilon = epsilon
        let name = weights.name("model.embed_tokens.weight", "token_embd.weight")
        guard let table = weights.find(name) else { throw ModelError.missingTensor(name) }
        guard table.shape.count == 2, table.shape[1] == hidden else {
            throw ModelError.misshapenTensor(name, shape: table.shape, expected: [table.shape.first ?? 0, hidden])
        }
        vocabulary = table.shape[0]
        if let said = try settings.optionalInt(.init("vocab_size", nil)), said != vocabulary {
            throw ModelError.misshapenTensor(name, shape: table.shape, expected: [said, hidden])
        }
        let output = weights.name("lm_head.weight", "output.weight")
        // GGUF files leave a tied projection out; config.json says so, whatever lies beside it.
        let isTied =
            try weights.isGGUF
            ? weights.find(output) == nil : settings.bool(.init("tie_word_embeddings", nil), default: false)
        projection = try device.linear([isTied ? table : weights.tensor(output, [vocabulary, hidden])])
        embedding = try device.table(table)
        norm = try weights.vector(weights.name("model.norm.weight", "output_norm.weight"), hidden)
        chosen = try device.allocate(rows: 1, width: hidden)
        logits = try device.allocate(rows: 1, width: vocabulary)
    }

    /// Checkpoints with a tied projection may hold it all the same.
    static func leavesAside(_ name: String) -> Bool { name == "lm_head.weight" }

    deinit { for buffer in [norm, chosen, logits] { device.free(buffer) } }

    /// `[outputRows.count, vocabulary]`, valid until the next call.
    /// - Parameter norm: instead of the model's own.
    func logits(_ x: Buffer, outputRows: [Int32], norm: Buffer? = nil) -> Buffer {
        if outputRows.count > logits.rows { grow(to: outputRows.count) }
        guard !outputRows.isEmpty else { return Buffer(address: logits.address, rows: 0, width: vocabulary) }
        device.gather(x, rows: outputRows, into: chosen)
        device.rmsNorm(
            chosen, rows: outputRows.count, offset: 0, groups: 1, weight: norm ?? self.norm, epsilon: epsilon,
            into: chosen)
        device.multiply(
            chosen, rows: outputRows.count, by: projection, bias: nil, accumulates: false, into: logits, as: .head)
        return Buffer(address: logits.address, rows: outputRows.count, width: vocabulary)
    }

    /// A step is no place to fail in: a device that has no room for its answers ends the process, and says why.
    private func grow(to rows: Int) {
        let width = chosen.width
        device.free(chosen)
        device.free(logits)
        do {
            chosen = try device.allocate(rows: rows, width: width)
            logits = try device.allocate(rows: rows, width: vocabulary)
        } catch {
            fatalError("no room for the logits of \(rows) rows: \(error)")
        }
    }
}
