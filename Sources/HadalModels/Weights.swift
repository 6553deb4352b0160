import HadalCheckpoint
import HadalCompute

/// A checkpoint's tensors by their Hugging Face or GGUF names, checked for shape as they are taken.
///
/// What was taken is remembered: a tensor that no one asked for may change what the model computes (a bias, a norm), so
/// loading ends with `requireNothingLeft`.
final class Weights {
    let checkpoint: Checkpoint
    let device: any ComputeDevice
    let isGGUF: Bool
    private var taken: Set<String> = []

    init(_ checkpoint: Checkpoint, device: any ComputeDevice) {
        self.checkpoint = checkpoint
        self.device = device
        isGGUF = checkpoint.gguf != nil
    }

    /// The name that this checkpoint's kind uses.
    func name(_ huggingFace: String, _ gguf: String) -> String { isGGUF ? gguf : huggingFace }

    /// A tensor that may be missing.
    func find(_ name: String) -> Tensor? {
        guard let tensor = checkpoint.tensors[name] else { return nil }
        taken.insert(name)
        return tensor
    }

    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
        guard let tensor = find(name) else { throw ModelError.missingTensor(name) }
        guard tensor.shape == shape else {
            throw ModelError.misshapenTensor(name, shape: tensor.shape, expected: shape)
        }
        return tensor
    }

    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> any LinearWeight {
        try device.linear([tensor(name, [outputs, inputs])])
    }

    /// A vector in float32, such as a norm's weight or a bias.
    func vector(_ name: String, _ count: Int) throws -> Buffer {
        let values = try tensor(name, [count]).dequantized()
        return try vector(values)
    }

    func vector(_ values: [Float]) throws -> Buffer {
        let buffer = try device.allocate(rows: 1, width: values.count)
        device.write(values, into: buffer)
        return buffer
    }

    /// Biases of stacked layers side by side; nil where the checkpoint has none of them.
    func biases(_ parts: [(name: String, count: Int)]) throws -> Buffer? {
        guard parts.contains(where: { checkpoint.tensors[$0.name] != nil }) else { return nil }
        return try vector(parts.flatMap { try tensor($0.name, [$0.count]).dequantized() })
    }

    /// All of the checkpoint, whether they will be taken or not.
    var matrices: (experts: [Tensor], others: [Tensor]) {
        checkpoint.tensors.reduce(into: ([], [])) { matrices, entry in
            guard entry.value.shape.count > 1 else { return }
            if PackRecipe.isExpert(entry.key) {
                matrices.experts.append(entry.value)
            } else {
                matrices.others.append(entry.value)
            }
        }
    }

    /// Numbers in the tensors that were taken, and their bytes.
    var parameters: Int { taken.reduce(0) { $0 + checkpoint.tensors[$1]!.count } }
    var bytes: Int { taken.reduce(0) { $0 + checkpoint.tensors[$1]!.data.count } }

    /// - Parameter leftAside: what this architecture knows and does not need.
    /// - Throws: `ModelError.unusedTensors` for any other tensor that was not taken.
    func requireNothingLeft(_ leftAside: (String) -> Bool = { _ in false }) throws {
        // Older checkpoints carry values that follow from their configuration.
        let derived = ["rotary_emb.inv_freq", "attn_rot_embd", "embeddings.position_ids"]
        let unused = checkpoint.tensorOrder.filter { name in
            !taken.contains(name) && !derived.contains(where: name.contains) && !leftAside(name)
        }
        if let first = unused.first { throw ModelError.unusedTensors(count: unused.count, first: first) }
    }
}
