import HadalCheckpoint
import HadalCompute

/// A checkpoint's tensors by their Hugging Face or GGUF names, checked for shape as they are taken.
struct Weights {
    let checkpoint: Checkpoint
    let device: any ComputeDevice
    let isGGUF: Bool

    init(_ checkpoint: Checkpoint, device: any ComputeDevice) {
        self.checkpoint = checkpoint
        self.device = device
        isGGUF = checkpoint.gguf != nil
    }

    /// The name that this checkpoint's kind uses.
    func name(_ huggingFace: String, _ gguf: String) -> String { isGGUF ? gguf : huggingFace }

    func find(_ name: String) -> Tensor? { checkpoint.tensors[name] }

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
        return vector(values)
    }

    func vector(_ values: [Float]) -> Buffer {
        let buffer = device.allocate(rows: 1, width: values.count)
        device.write(values, into: buffer)
        return buffer
    }

    /// Biases of stacked layers side by side; nil where the checkpoint has none of them.
    func biases(_ parts: [(name: String, count: Int)]) throws -> Buffer? {
        guard parts.contains(where: { find($0.name) != nil }) else { return nil }
        return vector(try parts.flatMap { try tensor($0.name, [$0.count]).dequantized() })
    }
}
