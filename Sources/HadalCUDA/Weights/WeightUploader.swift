import HadalCheckpoint
import HadalCompute

/// Carries weights to the card in pieces: while one is on its way the next is prepared.
final class WeightUploader: @unchecked Sendable {
    private static let slotBytes = 16 << 20

    /// Page-locked memory with a stream of its own, which says when it may be filled again.
    private final class Slot {
        let memory: PinnedMemory
        let stream: CUDAHandle?

        init(_ context: CUDAContext, bytes: Int) throws(CUDAError) {
            memory = try PinnedMemory(context, bytes: bytes)
            stream = try CUDAContext.makeStream(context.driver)
        }

        deinit { _ = memory.context.driver.destroyStream(stream) }
    }

    private let context: CUDAContext
    private var slots: [Slot] = []
    private var turn = 0

    init(_ context: CUDAContext) { self.context = context }

    /// Puts a matrix at output `first` of a weight, counted over all its members. Done with `finish`.
    /// - Returns: what was rounded to float16.
    func upload(_ tensor: Tensor, into weight: CUDAWeight, at first: Int) throws(CUDAError) -> WeightRange {
        var range = WeightRange()
        let row = weight.format.rowBytes(weight.inputs)
        let rowBytes = row.values + row.scales + row.minimums
        try prepare(rowBytes)
        let rowsMax = slots[0].memory.bytes / rowBytes
        for start in stride(from: 0, to: tensor.rows, by: rowsMax) {
            let rows = start..<min(start + rowsMax, tensor.rows)
            let slot = slots[turn]
            turn = (turn + 1) % slots.count
            context.must(context.driver.synchronizeStream(slot.stream), "cuStreamSynchronize")
            let place = slot.memory.start
            let lengths = [row.values, row.scales, row.minimums].map { rows.count * $0 }
            let scales = place + lengths[0]
            let own = WeightRows(
                values: place, scales: scales, minimums: scales + lengths[1], format: weight.format,
                inputs: weight.inputs
            ).fill(from: tensor, rows)
            range.join(own)
            let output = first + start
            let targets = [
                output * row.values, weight.scalesOffset + output * row.scales,
                weight.minimumsOffset + output * row.minimums,
            ]
            var source = place
            for (target, length) in zip(targets, lengths) where length > 0 {
                copy(source, length, to: weight, at: target, slot)
                source += length
            }
        }
        if weight.format == .fp8 { uploadFactors(tensor, into: weight, at: first) }
        // What the file has mapped has served; its pages need not stay in memory beside the card's.
        tensor.file.advise(.dontNeed, for: tensor.data)
        return range
    }

    /// All that was uploaded is there.
    func finish() {
        context.enter()
        for slot in slots { context.must(context.driver.synchronizeStream(slot.stream), "cuStreamSynchronize") }
    }

    /// Two slots for at least one row each.
    private func prepare(_ rowBytes: Int) throws(CUDAError) {
        context.enter()
        if let slot = slots.first, slot.memory.bytes >= rowBytes { return }
        finish()
        slots = []
        for _ in 0..<2 { slots.append(try Slot(context, bytes: max(Self.slotBytes, rowBytes))) }
    }

    /// FP8's factors of 128 × 128 blocks; 1 where the checkpoint has none.
    private func uploadFactors(_ tensor: Tensor, into weight: CUDAWeight, at first: Int) {
        let count = CUDAWeightFormat.fp8Scales(outputs: tensor.rows, inputs: weight.inputs)
        let factors = tensor.blockScale?.values ?? [Float](repeating: 1, count: count)
        precondition(factors.count == count && first % CUDAWeightFormat.side == 0)
        let before = CUDAWeightFormat.fp8Scales(outputs: first, inputs: weight.inputs)
        let slot = slots[turn]
        factors.withUnsafeBytes { factors in
            copy(factors.baseAddress!, factors.count, to: weight, at: weight.scalesOffset + before * 4, slot)
            // The array is not page-locked and goes away.
            context.must(context.driver.synchronizeStream(slot.stream), "cuStreamSynchronize")
        }
    }

    private func copy(
        _ source: UnsafeRawPointer, _ bytes: Int, to weight: CUDAWeight, at offset: Int, _ slot: Slot
    ) {
        context.must(
            context.driver.copyToDevice(weight.memory.address + UInt64(offset), source, bytes, slot.stream),
            "cuMemcpyHtoDAsync")
    }
}
