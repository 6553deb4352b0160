import HadalCheckpoint
import HadalCompute
import Testing

@Suite struct ProductTests {
    /// Outputs that do not fill a panel, inputs that do not fill a register, rows that do not fill a tile.
    static let shapes = [(1, 1, 1), (3, 5, 7), (16, 32, 2), (17, 33, 4), (50, 100, 9), (130, 257, 13), (64, 384, 6)]

    static func reference(_ x: [Float], _ weight: [Float], rows: Int, outputs: Int, inputs: Int) -> [Double] {
        var result: [Double] = []
        for row in 0..<rows {
            for output in 0..<outputs {
                result.append(
                    (0..<inputs).reduce(0.0) {
                        $0 + Double(x[row * inputs + $1]) * Double(weight[output * inputs + $1])
                    })
            }
        }
        return result
    }

    @Test(arguments: [TensorFormat.f32, .f16, .bf16])
    func unquantizedWeightsAreComputedExactly(format: TensorFormat) throws {
        for (index, (outputs, inputs, rows)) in Self.shapes.enumerated() {
            var random = RandomNumbers(index)
            let tensor = try Tensor(
                name: "w", format: format, shape: [outputs, inputs],
                bytes: Quantizer.quantize(random.floats(outputs * inputs), as: format))
            let x = random.floats(rows * inputs)
            let bias = random.floats(outputs)
            let start = random.floats(rows * outputs)
            let product = Self.reference(x, tensor.dequantized(), rows: rows, outputs: outputs, inputs: inputs)
            var expected: [Double] = []
            for (place, value) in product.enumerated() {
                expected.append(value + Double(bias[place % outputs]) + Double(start[place]))
            }
            var first: [Float]?
            for device in devices {
                let weight = try device.linear([tensor])
                let out = device.buffer(start, width: outputs)
                device.multiply(
                    device.buffer(x, width: inputs), rows: rows, by: weight, bias: device.buffer(bias, width: outputs),
                    accumulates: true, into: out)
                let values = device.read(out, rows: rows)
                #expect(relativeError(values, expected) < 1e-6, "\(device.summary) \(outputs)×\(inputs)×\(rows)")
                #expect(values == first ?? values, "\(device.summary) differs from the other devices")
                first = values
            }
        }
    }

    @Test(arguments: [TensorFormat.q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K])
    func quantizedWeightsStayWithinOnePercent(format: TensorFormat) throws {
        // The last shape goes beyond what is kept in the caches at once, in every direction.
        for (outputs, inputs, rows) in [(33, 256, 1), (100, 512, 7), (16, 768, 12), (200, 1280, 110)] {
            var random = RandomNumbers(outputs)
            let tensor = try Tensor(
                name: "w", format: format, shape: [outputs, inputs],
                bytes: Quantizer.quantize(random.floats(outputs * inputs), as: format))
            try check(tensor, rows: rows, random: &random)
        }
    }

    /// Formats that cannot be written here: random blocks with tame scales.
    @Test(arguments: [TensorFormat.iq4_NL, .iq4_XS, .mxfp4, .q2_K, .q3_K])
    func readOnlyFormatsStayWithinOnePercent(format: TensorFormat) throws {
        var random = RandomNumbers(Int(format.rawValue))
        let (outputs, inputs) = (40, 512)
        var bytes = (0..<format.byteCount(elements: outputs * inputs)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        // Float16 scales near one, or an exponent byte near it.
        let scales: [Int] =
            switch format {
            case .q2_K: [80, 82]
            case .q3_K: [108]
            case .mxfp4: []
            default: [0]
            }
        for block in stride(from: 0, to: bytes.count, by: format.blockBytes) {
            for place in scales {
                bytes[block + place] = UInt8.random(in: 0...255, using: &random)
                bytes[block + place + 1] = 0x38
            }
            if format == .mxfp4 { bytes[block] = UInt8.random(in: 120...130, using: &random) }
        }
        let tensor = try Tensor(name: "w", format: format, shape: [outputs, inputs], bytes: bytes)
        try check(tensor, rows: 5, random: &random)
    }

    private func check(_ tensor: Tensor, rows: Int, random: inout RandomNumbers) throws {
        let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
        let x = random.floats(rows * inputs)
        let expected = Self.reference(x, tensor.dequantized(), rows: rows, outputs: outputs, inputs: inputs)
        var first: [Float]?
        for device in devices {
            let weight = try device.linear([tensor])
            let out = device.allocate(rows: rows, width: outputs)
            device.multiply(
                device.buffer(x, width: inputs), rows: rows, by: weight, bias: nil, accumulates: false, into: out)
            let values = device.read(out, rows: rows)
            #expect(relativeError(values, expected) < 0.01, "\(device.summary) \(tensor.format.name)")
            #expect(values == first ?? values, "\(device.summary) differs from the other devices")
            first = values
        }
    }

    @Test(arguments: [TensorFormat.f32, .bf16, .q8_0, .q4_K])
    func aRowDoesNotDependOnItsNeighbours(format: TensorFormat) throws {
        var random = RandomNumbers(77)
        let (outputs, inputs, rows) = (100, 512, 33)
        let tensor = try Tensor(
            name: "w", format: format, shape: [outputs, inputs],
            bytes: Quantizer.quantize(random.floats(outputs * inputs), as: format))
        let x = random.floats(rows * inputs)
        for device in devices {
            let weight = try device.linear([tensor])
            let out = device.allocate(rows: rows, width: outputs)
            device.multiply(
                device.buffer(x, width: inputs), rows: rows, by: weight, bias: nil, accumulates: false, into: out)
            let together = device.read(out, rows: rows)
            for row in 0..<rows {
                let alone = device.buffer(Array(x[row * inputs..<(row + 1) * inputs]), width: inputs)
                device.multiply(alone, rows: 1, by: weight, bias: nil, accumulates: false, into: out)
                #expect(device.read(out, rows: 1) == Array(together[row * outputs..<(row + 1) * outputs]))
            }
        }
    }

    /// Each format wants its rows quantized in its own way.
    @Test func stackedFormatsGiveWhatEachGivesAlone() throws {
        var random = RandomNumbers(31)
        let (outputs, inputs, rows) = (24, 512, 9)
        let formats: [TensorFormat] = [.q8_0, .f32, .q4_0, .q8_0, .q4_K, .q6_K]
        let tensors = try formats.map {
            try Tensor(
                name: $0.name, format: $0, shape: [outputs, inputs],
                bytes: Quantizer.quantize(random.floats(outputs * inputs), as: $0))
        }
        let x = random.floats(rows * inputs)
        for device in devices {
            let input = device.buffer(x, width: inputs)
            let together = device.allocate(rows: rows, width: outputs * tensors.count)
            device.multiply(
                input, rows: rows, by: try device.linear(tensors), bias: nil, accumulates: false, into: together)
            let values = device.read(together, rows: rows)
            for (index, tensor) in tensors.enumerated() {
                let alone = device.allocate(rows: rows, width: outputs)
                device.multiply(
                    input, rows: rows, by: try device.linear([tensor]), bias: nil, accumulates: false, into: alone)
                let part = (0..<rows).flatMap { (row: Int) -> [Float] in
                    let first = (row * tensors.count + index) * outputs
                    return Array(values[first..<first + outputs])
                }
                #expect(device.read(alone, rows: rows) == part, "\(device.summary) \(tensor.name)")
            }
        }
    }

    @Test func workIsWhatTheProductsCost() throws {
        let (outputs, inputs, rows) = (40, 64, 3)
        let tensor = try Tensor(
            name: "w", format: .q8_0, shape: [outputs, inputs],
            bytes: Quantizer.quantize(Array(repeating: 1, count: outputs * inputs), as: .q8_0))
        for device in devices {
            let weight = try device.linear([tensor])
            let before = device.work
            device.multiply(
                device.allocate(rows: rows, width: inputs), rows: rows, by: weight, bias: nil, accumulates: false,
                into: device.allocate(rows: rows, width: outputs))
            let work = device.work - before
            #expect(work.operations == 2 * rows * outputs * inputs)
            // Three panels of 16 outputs, each two blocks of 32 × 16 bytes and 16 float16 scales: once for all rows.
            #expect(work.weightBytes == 3 * 2 * (512 + 32))
        }
    }

    @Test func blockScaledFP8IsExact() throws {
        var random = RandomNumbers(5)
        let (outputs, inputs, rows) = (144, 200, 3)
        let bytes = (0..<outputs * inputs).map { _ in
            UInt8.random(in: 0...0x7E, using: &random) | (Bool.random(using: &random) ? 0x80 : 0)
        }
        let file = MappedFile(copying: bytes)
        let tensor = try Tensor(
            name: "w", format: .f8_E4M3, shape: [outputs, inputs], data: file.bytes, file: file,
            blockScale: Tensor.BlockScale(rows: 2, columns: 2, values: [0.5, 2, 0.01, 1]))
        let x = random.floats(rows * inputs)
        let expected = Self.reference(x, tensor.dequantized(), rows: rows, outputs: outputs, inputs: inputs)
        for device in devices {
            let weight = try device.linear([tensor])
            let out = device.allocate(rows: rows, width: outputs)
            device.multiply(
                device.buffer(x, width: inputs), rows: rows, by: weight, bias: nil, accumulates: false, into: out)
            #expect(relativeError(device.read(out, rows: rows), expected) < 1e-6, "\(device.summary)")
        }
    }

    @Test func headsAreMultipliedByTheirOwnWeights() throws {
        var random = RandomNumbers(9)
        let (heads, outputs, inputs, rows) = (3, 20, 48, 5)
        let weights = random.floats(heads * outputs * inputs)
        let x = random.floats(rows * heads * 64)
        for device in devices {
            let stacked = try device.stacked(weights, count: heads, outputs: outputs, inputs: inputs)
            let out = device.allocate(rows: rows, width: heads * 24)
            device.multiplyPerHead(
                device.buffer(x, width: heads * 64), rows: rows, stride: 64, offset: 8, by: stacked, into: out,
                outStride: 24, outOffset: 2)
            let values = device.read(out, rows: rows)
            var expected: [Double] = []
            var found: [Float] = []
            for row in 0..<rows {
                for head in 0..<heads {
                    for output in 0..<outputs {
                        expected.append(
                            (0..<inputs).reduce(0.0) {
                                $0 + Double(x[row * heads * 64 + head * 64 + 8 + $1])
                                    * Double(weights[(head * outputs + output) * inputs + $1])
                            })
                        found.append(values[row * heads * 24 + head * 24 + 2 + output])
                    }
                }
            }
            #expect(relativeError(found, expected) < 1e-6, "\(device.summary)")
        }
    }
}
