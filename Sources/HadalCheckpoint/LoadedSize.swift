import HadalKernels

extension TensorFormat {
    /// Bytes that a matrix, or a stack of them, takes once a processor has loaded it: in panels of 16 outputs, or as
    /// float32 where its kernels do not read the format. Factors of FP8 blocks come beside it.
    ///
    /// - Parameter shape: `[…, outputs, inputs]`; rows are whole blocks.
    public func loadedBytes(shape: [Int]) -> Int {
        precondition(shape.count > 1 && shape[shape.count - 1] % blockSize == 0, "\(shape) is no matrix in \(name)")
        let (outputs, inputs) = (shape[shape.count - 2], shape[shape.count - 1])
        let panels = (outputs + TensorLayout.panelOutputs - 1) / TensorLayout.panelOutputs
        var plan = hadal_weight()
        if !hadal_weight_plan(rawValue, Int64(outputs), Int64(inputs), &plan) {
            hadal_weight_plan(TensorFormat.f32.rawValue, Int64(outputs), Int64(inputs), &plan)
        }
        return shape.dropLast(2).reduce(panels * Int(plan.panel_bytes), *)
    }
}
