import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport
import Testing

/// Operations on single rows, on the card and on the processor.
@Suite struct RowTests {
    private static let (rows, width) = (5, 70)

    private static func numbers(_ seed: UInt64, _ count: Int = rows * width) -> [Float] {
        var random = SplitMix(state: seed)
        return random.floats(count)
    }

    @Test func rowsAreGatheredAndColumnsCopied() throws {
        #expect(
            try differing { device in
                let x = try device.buffer(Self.numbers(1), width: Self.width)
                let out = try device.allocate(rows: 4, width: Self.width)
                device.gather(x, rows: [4, 0, 0, 2], into: out)
                device.copy(x, rows: 3, from: 7, width: 20, into: out, to: 33)
                return device.read(out, rows: 4)
            } == 0)
    }

    @Test(arguments: [1, 70, 255, 256, 257, 5000]) func theLikeliestIsTheFirstOfTheLargest(width: Int) throws {
        var random = SplitMix(state: UInt64(width))
        // Few different numbers, so that there are equals.
        var numbers = (0..<4 * width).map { _ in Float(Int.random(in: -9...9, using: &random)) }
        for place in 2 * width..<3 * width { numbers[place] = -.infinity }
        for place in 3 * width..<4 * width where place % 3 == 0 { numbers[place] = .nan }
        let device = try TestCard.device()
        let wanted = (0..<4).map { row -> Int32 in
            let own = numbers[row * width..<(row + 1) * width]
            let largest = own.filter { !$0.isNaN }.max() ?? -.infinity
            return largest == -.infinity ? 0 : Int32(own.firstIndex(of: largest)! - own.startIndex)
        }
        let x = try device.buffer(numbers, width: width)
        #expect(device.likeliest(x, rows: 4) == wanted)
        #expect(device.likeliest(x, rows: 1) == [wanted[0]] && device.likeliest(x, rows: 0) == [])
    }

    @Test func normsAreThoseOfTheProcessor() throws {
        #expect(
            try differing { device in
                let x = try device.buffer(Self.numbers(2), width: Self.width)
                let out = try device.buffer(Self.numbers(3), width: Self.width)
                let weight = try device.buffer(Self.numbers(4, 13), width: 13)
                device.rmsNorm(x, rows: Self.rows, offset: 9, groups: 4, weight: weight, epsilon: 1e-5, into: out)
                device.rmsNorm(x, rows: 2, offset: 0, groups: 1, weight: weight, epsilon: 1e-5, into: x)
                return device.read(out, rows: Self.rows) + device.read(x, rows: Self.rows)
            } < 1e-6)
        #expect(
            try differing { device in
                let x = try device.buffer(Self.numbers(5), width: Self.width)
                let weight = try device.buffer(Self.numbers(6, Self.width), width: Self.width)
                let bias = try device.buffer(Self.numbers(7, Self.width), width: Self.width)
                device.layerNorm(x, rows: Self.rows, weight: weight, bias: bias, epsilon: 1e-6, into: x)
                return device.read(x, rows: Self.rows)
            } < 1e-6)
    }

    @Test func activationsAreThoseOfTheProcessor() throws {
        #expect(
            try differing { device in
                let x = try device.buffer(Self.numbers(8).map { $0 * 20 }, width: Self.width)
                let out = try device.allocate(rows: Self.rows, width: Self.width / 2)
                device.gatedSiLU(x, rows: Self.rows, into: out)
                return device.read(out, rows: Self.rows)
            } < 1e-5)
        for isGELU in [true, false] {
            #expect(
                try differing { device in
                    let x = try device.buffer(Self.numbers(9).map { $0 * 3 }, width: Self.width)
                    if isGELU { device.gelu(x, rows: 4) } else { device.tanh(x, rows: 4) }
                    return device.read(x, rows: Self.rows)
                } < 1e-5)
        }
    }

    @Test func sumsAreExact() throws {
        #expect(
            try differing { device in
                let out = try device.buffer(Self.numbers(10), width: Self.width)
                device.add(try device.buffer(Self.numbers(11), width: Self.width), rows: 4, into: out)
                return device.read(out, rows: Self.rows)
            } == 0)
    }

    @Test(arguments: [RotaryLayout.interleaved, .halves]) func rotationsAreThoseOfTheProcessor(layout: RotaryLayout)
        throws
    {
        #expect(
            try differing { device in
                var step = Step()
                step.tokens = [0, 0, 0]
                step.positions = [0, 3, 100_000]
                step.sequences = [0, 0, 0]
                step.blockTables = [[]]
                device.begin(step)
                let x = try device.buffer(Self.numbers(12), width: Self.width)
                let frequencies = try device.buffer([1, 0.5, 0.25, 0.1, 0.01], width: 5)
                for _ in 0..<2 {  // a step's angles are made once
                    device.rotate(
                        x, rows: 3, heads: 3, stride: 21, offset: 2, frequencies: frequencies, magnitude: 1.5,
                        layout: layout)
                }
                return device.read(x, rows: Self.rows)
            } < 1e-6)
    }

    @Test(arguments: [TensorFormat.f32, .f16, .bf16, .q8_0, .q4_0, .q4_K, .q6_K])
    func embeddingsAreTheTablesRows(format: TensorFormat) throws {
        let tensor = try Tensor(
            name: "table", format: format, shape: [9, 256],
            bytes: Quantizer.quantize(Self.numbers(13, 9 * 256), as: format))
        let error = try differing { device in
            var step = Step()
            step.tokens = [8, 0, 3, 3]
            step.positions = [0, 0, 0, 0]
            step.sequences = [0, 0, 0, 0]
            step.blockTables = [[]]
            device.begin(step)
            let out = try device.allocate(rows: 4, width: 256)
            device.embed(try device.table(tensor), into: out)
            return device.read(out, rows: 4)
        }
        // Bfloat16, which the card keeps as float16, is exact in it but for the smallest numbers.
        #expect([.q4_K, .q6_K].contains(format) ? error < 1e-3 : error < 1e-6, "\(error)")
    }

    @Test func memoryIsCountedAndGivenBack() throws {
        let device = try TestCard.device()
        let before = device.scratchBytes
        let buffer = try device.allocate(rows: 16, width: 32)
        #expect(device.scratchBytes == before + 16 * 32 * 4)
        #expect(device.read(buffer, rows: 16) == [Float](repeating: 0, count: 16 * 32))
        device.free(buffer)
        #expect(device.scratchBytes == before)
    }
}
