import HadalKernels

/// How a matrix's values lie in its bytes.
public enum TensorLayout: Sendable, Hashable {
    /// Row by row, as the format has it.
    case rows
    /// As the processor's kernels read them: panels of 16 outputs, the same for every instruction set (`hadal_weight`).
    /// What is stored so is loaded without any work. Of matrices only, whose outputs are a multiple of 16.
    case panels

    /// Set in a GGUF file's type number for `panels`, beside the format's own. The lower letter is the layout's version:
    /// a file of another is refused like any unknown type.
    static let panelsMark: UInt32 = 0x4850_0100

    /// Outputs of one panel.
    static let panelOutputs = Int(HADAL_LANES)

    /// Bytes of a tensor in panels; nil where `shape` and `format` cannot be laid out so.
    static func panelBytes(format: TensorFormat, shape: [Int]) -> Int? {
        guard shape.count == 2 || shape.count == 3, let inputs = shape.last, shape.allSatisfy({ $0 > 0 }),
            // The plan multiplies by less than 128; no real matrix comes near.
            inputs < 1 << 40, shape[shape.count - 2] % panelOutputs == 0,
            let plan = plan(format: format, outputs: shape[shape.count - 2], inputs: inputs)
        else { return nil }
        let panels = shape.dropLast().reduce((count: 1, overflow: false)) { result, size in
            let (count, overflow) = result.count.multipliedReportingOverflow(by: size)
            return (count, result.overflow || overflow)
        }
        let (bytes, overflow) = (panels.count / panelOutputs).multipliedReportingOverflow(by: Int(plan.panel_bytes))
        return panels.overflow || overflow ? nil : bytes
    }

    /// nil for formats that the kernels do not read directly.
    static func plan(format: TensorFormat, outputs: Int, inputs: Int) -> hadal_weight? {
        var plan = hadal_weight()
        guard inputs % format.blockSize == 0, format.hasRealValues, format.rawValue < 1000,
            hadal_weight_plan(format.rawValue, Int64(outputs), Int64(inputs), &plan)
        else { return nil }
        return plan
    }
}

extension Tensor {
    /// The bytes of the same matrix, or stack of them, laid out in panels, in pieces one after the other. The tensor lies in
    /// rows and has no block factors.
    ///
    /// - Throws: `CheckpointError.shape` where it cannot be laid out so; what `emit` throws.
    func emitPanels(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard layout == .rows, blockScale == nil,
            Tensor.byteCount(format: format, shape: shape, layout: .panels) != nil,
            var plan = TensorLayout.plan(format: format, outputs: rows, inputs: columns)
        else {
            throw CheckpointError.shape(tensor: name, problem: "\(format.name) \(shape) cannot be laid out in panels")
        }
        let panelBytes = Int(plan.panel_bytes)
        // About a megabyte at a time.
        let step = max(1, (1 << 20) / panelBytes)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: step * panelBytes, alignment: 64)
        defer { memory.deallocate() }
        plan.data = memory.baseAddress!.assumingMemoryBound(to: UInt8.self)
        // Matrices of a stack follow each other: their rows are whole panels.
        for first in stride(from: 0, to: rows / TensorLayout.panelOutputs, by: step) {
            let count = min(step, rows / TensorLayout.panelOutputs - first)
            let source = data.baseAddress! + first * TensorLayout.panelOutputs * bytesPerRow
            plan.outputs = Int64(count * TensorLayout.panelOutputs)
            guard hadal_weight_pack(format.rawValue, source, &plan, 0, Int64(count)) else {
                throw CheckpointError.shape(tensor: name, problem: "scales beyond float16 cannot be laid out in panels")
            }
            try emit(UnsafeRawBufferPointer(rebasing: memory[..<(count * panelBytes)]))
        }
    }
}
