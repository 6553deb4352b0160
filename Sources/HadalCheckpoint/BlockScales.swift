/// DeepSeek's FP8 checkpoints keep the factors of `X.weight` in a tensor `X.weight_scale_inv`. Here they find their
/// weights; what remains are the tensors a model knows.
enum BlockScales {
    private static let suffix = FP8.factorsSuffix

    static func attach(_ tensors: [Tensor]) throws(CheckpointError) -> [Tensor] {
        var places: [String: Int] = [:]
        for (index, tensor) in tensors.enumerated() { places[tensor.name] = index }
        var result: [Tensor?] = tensors
        for (index, scale) in tensors.enumerated() where scale.name.hasSuffix(suffix) {
            // Without its weight (one file of a sharded set on its own) it stays a tensor like others.
            guard let place = places[String(scale.name.dropLast(suffix.count))] else { continue }
            let weight = tensors[place]
            func invalid(_ problem: String) -> CheckpointError {
                .invalid(
                    file: scale.file.path, item: "tensor \(CheckpointError.shown(scale.name))",
                    offset: scale.fileOffset, problem: problem)
            }
            guard weight.format == .f8_E4M3 || weight.format == .f8_E5M2 else {
                throw invalid("factors for a weight in \(weight.format.name), not FP8")
            }
            guard [.f32, .bf16, .f16, .f8_E8M0].contains(scale.format), scale.shape == weight.blockScaleShape
            else {
                throw invalid("\(scale.format.name) \(scale.shape) for a weight of \(weight.shape)")
            }
            result[place] = try weight.scaled(
                by: Tensor.BlockScale(rows: scale.rows, columns: scale.columns, values: scale.dequantized()))
            result[index] = nil
        }
        return result.compactMap { $0 }
    }
}
