import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport
import Testing

/// What becomes of weights that are not as the card would have them.
@Suite struct WeightTests {
    /// Float16 ends at 65504, and far below 2⁻¹⁴ it has few digits: what does not fit is float32 on the card.
    @Test(arguments: [Float(1 << 20), 0x1p-30]) func bfloat16BeyondFloat16KeepsItsNumbers(scale: Float) throws {
        var random = SplitMix(state: 3)
        let tensor = try Tensor(
            name: "w", format: .bf16, shape: [20, 64],
            bytes: Quantizer.quantize(random.floats(20 * 64).map { $0 * scale }, as: .bf16))
        let x = random.floats(3 * 64)
        let error = try differing { device in
            let out = try device.allocate(rows: 3, width: 20)
            device.multiply(
                try device.buffer(x, width: 64), rows: 3, by: try device.linear([tensor]), bias: nil,
                accumulates: false, into: out)
            return device.read(out, rows: 3)
        }
        #expect(error < 1e-6, "\(error)")
    }

    /// Residual streams of large models have numbers that float16 has not; rows have a factor of their own.
    @Test(arguments: [Float(1 << 20), 0x1p-40]) func rowsOfAnySizeAreTaken(scale: Float) throws {
        let (outputs, inputs, rows) = (40, 256, 5)
        var random = SplitMix(state: 9)
        // Each row is larger than the last.
        let x = random.floats(rows * inputs).enumerated().map { $1 * scale * Float(1 << ($0 / inputs * 4)) }
        for format in [TensorFormat.bf16, .q4_1, .f8_E4M3] {
            let tensor = try ProductTests.tensor(format, outputs, inputs)
            func product(_ device: any ComputeDevice, _ weight: any LinearWeight) throws -> [Float] {
                let out = try device.allocate(rows: rows, width: outputs)
                device.multiply(
                    try device.buffer(x, width: inputs), rows: rows, by: weight, bias: nil, accumulates: false,
                    into: out)
                return device.read(out, rows: rows)
            }
            let (card, processor) = (try TestCard.device(), try processor())
            let own = try product(card, card.linear([tensor]))
            let exact = try product(
                processor, processor.linear(tensor.dequantized(), outputs: outputs, inputs: inputs))
            for row in 0..<rows {
                let part = row * outputs..<(row + 1) * outputs
                #expect(
                    relativeError(Array(own[part]), Array(exact[part])) < ProductTests.limit(format),
                    "\(format), row \(row)")
            }
        }
    }

    @Test func aTableAndItsTiedProjectionTakeMemoryOnce() throws {
        let device = try TestCard.device()
        let tensor = try ProductTests.tensor(.bf16, 30, 64)
        let projection = try device.linear([tensor])
        #expect(try device.table(tensor) === projection)
        #expect(try device.linear([ProductTests.tensor(.bf16, 30, 64)]) !== projection)
    }

    @Test func profilesCountWhatWasComputed() throws {
        let device = try TestCard.device()
        let weight = try device.linear([ProductTests.tensor(.q8_0, 48, 64)])
        let x = try device.buffer([Float](repeating: 1, count: 192), width: 64)
        let out = try device.allocate(rows: 3, width: 48)
        let before = device.work
        device.profiler.start()
        for _ in 0..<5 {
            device.multiply(x, rows: 3, by: weight, bias: nil, accumulates: false, into: out, as: .gateUp)
        }
        let count = device.profiler.stop().total(.gateUp)
        let work = device.work - before
        #expect(count.calls == 5 && count.bytes == work.weightBytes && work.weightBytes >= 5 * 48 * 68)
        #expect(count.integerOperations == 5 * 2 * 3 * 48 * 64 && work.operations == count.integerOperations)
    }

    @Test func panelsAreReadToo() throws {
        let tensor = try ProductTests.tensor(.q8_0, 48, 256)
        let directory = try TemporaryDirectory()
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string("none")
        try writer.add("blk.0.ffn_up.weight", format: .q8_0, shape: tensor.shape, bytes: Array(tensor.data))
        try writer.write(to: directory.file("rows.gguf"))
        try Packer(
            Checkpoint.open(directory.file("rows.gguf")), recipe: PackRecipe(nil), laysOutPanels: true
        ).write(to: directory.file("panels.gguf"))
        let panels = try Checkpoint.open(directory.file("panels.gguf")).tensor("blk.0.ffn_up.weight")
        #expect(panels.layout == .panels)
        #expect(try ProductTests.error(panels, rows: 4) < 1e-3)
    }

    @Test func whatIsNoMatrixIsRefused() throws {
        let device = try TestCard.device()
        #expect(throws: ComputeError.self) { try device.linear([Tensor(name: "v", shape: [4], values: [1, 2, 3, 4])]) }
        #expect(throws: ComputeError.self) {
            try device.linear([ProductTests.tensor(.f32, 2, 4), ProductTests.tensor(.f32, 2, 5)])
        }
        #expect(throws: ComputeError.self) {
            try device.stacked([ProductTests.tensor(.f32, 2, 4), ProductTests.tensor(.f32, 3, 4)])
        }
    }
}
