import HadalCheckpoint
import HadalCompute

/// V3's layer for multi-token prediction (arXiv:2412.19437, section 2.2): from a token's hidden state and the embedding of
/// its successor to the token after that. Table and projection are the model's own.
struct PredictionLayer {
    let embeddingNorm: Buffer  // [hidden]
    let hiddenNorm: Buffer  // [hidden]
    let join: any LinearWeight  // [hidden, 2 · hidden]: the embedding first
    let layer: DeepSeekModel.Layer
    let norm: Buffer  // [hidden]
    // Scratch, [maximumRows, …].
    let predicted: Buffer  // hidden
    let embedded: Buffer  // hidden
    let joined: Buffer  // 2 · hidden

    /// Nil where the checkpoint has none.
    init?(_ weights: Weights, _ c: DeepSeekModel.Configuration, maximumRows: Int) throws {
        func name(_ huggingFace: String, _ gguf: String) -> String {
            weights.name("model.layers.\(c.layers).\(huggingFace).weight", "blk.\(c.layers).nextn.\(gguf).weight")
        }
        guard weights.checkpoint.tensors[name("eh_proj", "eh_proj")] != nil else { return nil }
        embeddingNorm = try weights.vector(name("enorm", "enorm"), c.hidden)
        hiddenNorm = try weights.vector(name("hnorm", "hnorm"), c.hidden)
        join = try weights.linear(name("eh_proj", "eh_proj"), c.hidden, 2 * c.hidden)
        norm = try weights.vector(name("shared_head.norm", "shared_head_norm"), c.hidden)
        layer = try DeepSeekModel.layer(c.layers, weights, c)
        predicted = try weights.device.allocate(rows: maximumRows, width: c.hidden)
        embedded = try weights.device.allocate(rows: maximumRows, width: c.hidden)
        joined = try weights.device.allocate(rows: maximumRows, width: 2 * c.hidden)
    }

    func free(_ device: any ComputeDevice) { for buffer in [predicted, embedded, joined] { device.free(buffer) } }
}

extension DeepSeekModel: TokenPredictor {
    var predictor: (any TokenPredictor)? { predictionLayer == nil ? nil : self }

    func predict(
        _ step: Step, from source: PredictionSource, sourceRows: [Int32], cache: any KVCache, outputRows: [Int32]
    ) -> Buffer {
        guard let part = predictionLayer else { preconditionFailure("the prediction layer is not loaded") }
        let rows = step.rows
        let (hidden, epsilon) = (configuration.hidden, configuration.epsilon)
        func norm(_ buffer: Buffer, _ weight: Buffer) {
            device.rmsNorm(buffer, rows: rows, offset: 0, groups: 1, weight: weight, epsilon: epsilon, into: buffer)
        }
        device.begin(step)
        device.embed(head.embedding, into: part.embedded)
        norm(part.embedded, part.embeddingNorm)
        device.copy(part.embedded, rows: rows, from: 0, width: hidden, into: part.joined, to: 0)
        // Hidden states are taken as the projection to the vocabulary sees them.
        switch source {
        case .model:
            device.gather(x, rows: sourceRows, into: normed)
            norm(normed, head.norm)
        case .prediction:
            device.gather(part.predicted, rows: sourceRows, into: normed)
            norm(normed, part.norm)
        }
        norm(normed, part.hiddenNorm)
        device.copy(normed, rows: rows, from: 0, width: hidden, into: part.joined, to: hidden)
        device.multiply(
            part.joined, rows: rows, by: part.join, bias: nil, accumulates: false, into: part.predicted)
        run(part.layer, configuration.layers, part.predicted, rows: rows, cache: cache)
        return head.logits(part.predicted, outputRows: outputRows, norm: part.norm)
    }
}
