import HadalCUDAKernels
import HadalCompute

/// `count` matrices of one format and shape in the card's memory, and where their numbers, scales and minimums begin.
final class CUDAWeight: @unchecked Sendable {
    let format: CUDAWeightFormat
    let count: Int
    let outputs: Int
    let inputs: Int
    let memory: CUDAMemory
    /// In `memory`.
    let scalesOffset: Int
    let minimumsOffset: Int
    /// As the kernels take it.
    let argument: hadal_cuda_weight

    var bytes: Int { memory.bytes }

    init(
        _ context: CUDAContext, _ format: CUDAWeightFormat, count: Int, outputs: Int, inputs: Int, name: String
    ) throws(CUDAError) {
        self.format = format
        self.count = count
        self.outputs = outputs
        self.inputs = inputs
        let row = format.rowBytes(inputs)
        let scales = format.scaleBytes(outputs: outputs, inputs: inputs)
        // Each part begins where any load may.
        func aligned(_ bytes: Int) -> Int { (bytes + 255) / 256 * 256 }
        scalesOffset = aligned(count * outputs * row.values)
        minimumsOffset = scalesOffset + aligned(count * scales)
        let memory = try CUDAMemory(
            context, bytes: minimumsOffset + count * outputs * row.minimums, for: name)
        self.memory = memory
        argument = hadal_cuda_weight(
            values: memory.pointer(), scales: scales > 0 ? memory.pointer(at: scalesOffset) : nil,
            minimums: row.minimums > 0 ? memory.pointer(at: minimumsOffset) : nil, format: format.code,
            count: Int32(count), outputs: Int32(outputs), inputs: Int32(inputs))
    }
}

/// A linear layer, or a table: segments along its outputs, one for each format.
final class CUDALinear: LinearWeight {
    let segments: [CUDAWeight]
    let inputs: Int
    let outputs: Int
    let bytes: Int

    init(_ segments: [CUDAWeight]) {
        self.segments = segments
        inputs = segments[0].inputs
        outputs = segments.reduce(0) { $0 + $1.outputs }
        bytes = segments.reduce(0) { $0 + $1.bytes }
    }
}

final class CUDAStacked: StackedWeight {
    let weight: CUDAWeight
    var count: Int { weight.count }
    var inputs: Int { weight.inputs }
    var outputs: Int { weight.outputs }

    init(_ weight: CUDAWeight) { self.weight = weight }
}
