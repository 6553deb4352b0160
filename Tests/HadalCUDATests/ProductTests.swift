import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport
import Testing

@Suite struct ProductTests {
    /// A tensor of random numbers, or of random blocks where the format can only be read.
    static func tensor(_ format: TensorFormat, _ outputs: Int, _ inputs: Int, _ seed: Int = 1) throws -> Tensor {
        var random = SplitMix(state: UInt64(seed))
        guard format == .f8_E4M3 else {
            return try Tensor(
                name: format.name, format: format, shape: [outputs, inputs],
                bytes: Quantizer.quantize(random.floats(outputs * inputs), as: format))
        }
        // Every number but NaN, and a factor of its own for each block.
        let file = MappedFile(
            copying: (0..<outputs * inputs).map { _ in
                UInt8.random(in: 0..<0x7F, using: &random) | (Bool.random(using: &random) ? 0x80 : 0)
            })
        let (rows, columns) = ((outputs + 127) / 128, (inputs + 127) / 128)
        return try Tensor(
            name: "fp8", format: format, shape: [outputs, inputs], data: file.bytes, file: file,
            blockScale: .init(
                rows: rows, columns: columns,
                values: (0..<rows * columns).map { _ in Float.random(in: 0.001...0.01, using: &random) }))
    }

    /// Of what the device makes of a weight, against float32 arithmetic on the same numbers.
    static func error(_ tensor: Tensor, rows: Int) throws -> Double {
        var random = SplitMix(state: 7)
        let (outputs, inputs) = (tensor.rows, tensor.columns)
        let (x, bias, start) = (
            random.floats(rows * inputs), random.floats(outputs), random.floats(rows * outputs)
        )
        func product(_ device: any ComputeDevice, _ weight: any LinearWeight) throws -> [Float] {
            let out = try device.buffer(start, width: outputs)
            device.multiply(
                try device.buffer(x, width: inputs), rows: rows, by: weight,
                bias: try device.buffer(bias, width: outputs), accumulates: true, into: out)
            return device.read(out, rows: rows)
        }
        let (card, processor) = (try TestCard.device(), try processor())
        return relativeError(
            try product(card, card.linear([tensor])),
            try product(processor, processor.linear(tensor.dequantized(), outputs: outputs, inputs: inputs)))
    }

    /// Sums are float32; rows are exact for float32 weights, else rounded to float16. Q4_K's scales are products, rounded too.
    static func limit(_ format: TensorFormat) -> Double {
        switch format {
        case .f32: 1e-5
        case .q4_K: 2e-3
        default: 1e-3
        }
    }

    @Test(arguments: [
        TensorFormat.f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q4_K, .q6_K, .mxfp4, .f8_E4M3,
    ])
    func productsAreThoseOfTheNumbersInTheFile(format: TensorFormat) throws {
        for (outputs, inputs, rows) in [
            (1, 256, 1), (15, 256, 3), (33, 512, 8), (130, 768, 17), (16, 256, 70), (250, 256, 70), (600, 256, 130),
        ] {
            let error = try Self.error(Self.tensor(format, outputs, inputs), rows: rows)
            #expect(error < Self.limit(format), "\(outputs) × \(inputs), \(rows) rows: \(error)")
        }
    }

    /// Inputs that fill no register: float32 on the card.
    @Test(arguments: [TensorFormat.f32, .f16, .bf16]) func oddInputsAreTaken(format: TensorFormat) throws {
        for (outputs, inputs, rows) in [(3, 5, 7), (17, 33, 2), (50, 48, 9), (7, 1, 1)] {
            let error = try Self.error(Self.tensor(format, outputs, inputs), rows: rows)
            #expect(error < Self.limit(format), "\(outputs) × \(inputs), \(rows) rows: \(error)")
        }
        let error = try Self.error(Self.tensor(.f8_E4M3, 40, 100), rows: 3)
        #expect(error < 1e-5)
    }

    @Test(arguments: [TensorFormat.f32, .bf16, .q8_0, .q4_K, .mxfp4, .f8_E4M3])
    func aRowHasTheSameBitsAloneAndAmongOthers(format: TensorFormat) throws {
        let (outputs, inputs, rows) = (50, 512, 70)
        var random = SplitMix(state: 77)
        let x = random.floats(rows * inputs)
        let device = try TestCard.device()
        let weight = try device.linear([Self.tensor(format, outputs, inputs)])
        func product(_ first: Int, _ count: Int) throws -> [Float] {
            let out = try device.allocate(rows: count, width: outputs)
            device.multiply(
                try device.buffer(Array(x[first * inputs..<(first + count) * inputs]), width: inputs), rows: count,
                by: weight, bias: nil, accumulates: false, into: out)
            return device.read(out, rows: count)
        }
        let together = try product(0, rows)
        for (first, count) in [(0, 1), (9, 1), (69, 1), (3, 13), (30, 33)] {
            #expect(
                try product(first, count) == Array(together[first * outputs..<(first + count) * outputs]),
                "\(count) from \(first)")
        }
    }

    /// Neighbours of one format become one matrix; the others follow in places of their own.
    @Test func stackedFormatsGiveWhatEachGivesAlone() throws {
        let inputs = 256
        let tensors = try [TensorFormat.q8_0, .q8_0, .f32, .q4_0, .q4_K, .bf16, .f8_E4M3, .f8_E4M3].enumerated().map {
            try Self.tensor($1, 20 + $0, inputs, $0)
        }
        var random = SplitMix(state: 31)
        let device = try TestCard.device()
        let x = try device.buffer(random.floats(3 * inputs), width: inputs)
        func product(_ tensors: [Tensor]) throws -> [Float] {
            let weight = try device.linear(tensors)
            let out = try device.allocate(rows: 3, width: weight.outputs)
            device.multiply(x, rows: 3, by: weight, bias: nil, accumulates: false, into: out)
            return device.read(out, rows: 3)
        }
        let together = try product(tensors)
        let width = tensors.reduce(0) { $0 + $1.rows }
        var first = 0
        for tensor in tensors {
            let alone = try product([tensor])
            for row in 0..<3 {
                #expect(
                    Array(together[row * width + first..<row * width + first + tensor.rows])
                        == Array(alone[row * tensor.rows..<(row + 1) * tensor.rows]), "\(tensor.name), row \(row)")
            }
            first += tensor.rows
        }
    }

    @Test(arguments: [TensorFormat.f32, .bf16, .q8_0, .f8_E4M3]) func headsHaveWeightsOfTheirOwn(format: TensorFormat)
        throws
    {
        let (heads, outputs, inputs, rows) = (3, 128, 64, 11)
        let tensors = try (0..<heads).map { try Self.tensor(format, outputs, inputs, $0) }
        var random = SplitMix(state: 5)
        let x = random.floats(rows * 300)
        func product(_ device: any ComputeDevice, _ weight: any StackedWeight) throws -> [Float] {
            let out = try device.allocate(rows: rows, width: 500)
            device.multiplyPerHead(
                try device.buffer(x, width: 300), rows: rows, stride: 90, offset: 7, by: weight, into: out,
                outStride: 150, outOffset: 11)
            return device.read(out, rows: rows)
        }
        let (card, processor) = (try TestCard.device(), try processor())
        let error = relativeError(
            try product(card, card.heads(tensors)),
            try product(
                processor,
                processor.stacked(
                    tensors.flatMap { $0.dequantized() }, count: heads, outputs: outputs, inputs: inputs)))
        #expect(error < Self.limit(format), "\(error)")
    }
}
