import Foundation
import HadalCompute
import Testing

@Suite struct AttentionTests {
    /// Two sequences in one step, in scattered blocks; grouped heads, and the latent form whose values begin the keys.
    @Test(arguments: [(4, 2, 24, 24, false), (6, 1, 40, 32, true), (3, 3, 16, 20, false)])
    func attentionEqualsItsDefinition(
        queryHeads: Int, keyHeads: Int, keyWidth: Int, valueWidth: Int, isLatent: Bool
    ) throws {
        let lengths = [70, 33]
        var random = RandomNumbers(keyWidth)
        let keys = lengths.map { random.floats($0 * keyHeads * keyWidth) }
        let values = lengths.map { random.floats($0 * keyHeads * valueWidth) }
        let queries = lengths.map { random.floats($0 * queryHeads * keyWidth) }
        let scale: Float = 0.3
        var expected: [Double] = []
        for (sequence, length) in lengths.enumerated() {
            for row in 0..<length {
                for head in 0..<queryHeads {
                    let keyHead = head / (queryHeads / keyHeads)
                    let scores = (0...row).map { position in
                        (0..<keyWidth).reduce(0.0) {
                            $0 + Double(queries[sequence][(row * queryHeads + head) * keyWidth + $1])
                                * Double(keys[sequence][(position * keyHeads + keyHead) * keyWidth + $1])
                        } * Double(scale)
                    }
                    let weights = scores.map { exp($0 - scores.max()!) }
                    for column in 0..<valueWidth {
                        let sum = (0...row).reduce(0.0) { sum, position in
                            let value =
                                isLatent
                                ? keys[sequence][(position * keyHeads + keyHead) * keyWidth + column]
                                : values[sequence][(position * keyHeads + keyHead) * valueWidth + column]
                            return sum + weights[position] * Double(value)
                        }
                        expected.append(sum / weights.reduce(0, +))
                    }
                }
            }
        }
        for device in devices {
            for (format, limit) in [(KVCacheShape.Format.f32, 1e-6), (.f16, 2e-3), (.int8, 2e-2)] {
                let cache = try device.makeCache(
                    KVCacheShape(
                        layers: 2, keyValueHeads: keyHeads, keyWidth: keyWidth, valueWidth: isLatent ? 0 : valueWidth,
                        blocks: 8, format: format))
                var step = Step()
                step.blockTables = [[7, 2, 4], [0, 5]]
                for (sequence, length) in lengths.enumerated() {
                    step.tokens += Array(repeating: 0, count: length)
                    step.positions += (0..<Int32(length)).map { $0 }
                    step.sequences += Array(repeating: Int32(sequence), count: length)
                }
                device.begin(step)
                let out = device.allocate(rows: step.rows, width: queryHeads * valueWidth)
                device.store(
                    keys: device.buffer(keys.flatMap { $0 }, width: keyHeads * keyWidth), keyOffset: 0,
                    values: isLatent ? nil : device.buffer(values.flatMap { $0 }, width: keyHeads * valueWidth),
                    valueOffset: 0, layer: 1, into: cache)
                device.attend(
                    device.buffer(queries.flatMap { $0 }, width: queryHeads * keyWidth), queryOffset: 0, layer: 1,
                    cache: cache, shape: AttentionShape(queryHeads: queryHeads, valueWidth: valueWidth, scale: scale),
                    into: out)
                #expect(
                    relativeError(device.read(out, rows: step.rows), expected) < limit, "\(device.summary) \(format)")
            }
        }
    }

    @Test func rotationEqualsItsDefinitionInBothLayouts() {
        let (heads, pairs) = (2, 5)
        var random = RandomNumbers(3)
        let x = random.floats(3 * 24)
        let frequencies: [Float] = [1, 0.5, 0.25, 0.1, 0.01]
        for device in devices {
            for layout in [RotaryLayout.interleaved, .halves] {
                var step = Step()
                step.tokens = [0, 0, 0]
                step.positions = [0, 3, 1000]
                step.sequences = [0, 0, 0]
                step.blockTables = [[]]
                device.begin(step)
                let buffer = device.buffer(x, width: 24)
                device.rotate(
                    buffer, rows: 3, heads: heads, stride: 11, offset: 2,
                    frequencies: device.buffer(frequencies, width: pairs), magnitude: 1.5, layout: layout)
                var expected = x.map(Double.init)
                for row in 0..<3 {
                    for head in 0..<heads {
                        for pair in 0..<pairs {
                            let start = row * 24 + 2 + head * 11
                            let (i, j) =
                                layout == .interleaved
                                ? (start + 2 * pair, start + 2 * pair + 1) : (start + pair, start + pairs + pair)
                            let angle = Double(Float(step.positions[row]) * frequencies[pair])
                            let (a, b) = (Double(x[i]), Double(x[j]))
                            expected[i] = 1.5 * (a * cos(angle) - b * sin(angle))
                            expected[j] = 1.5 * (b * cos(angle) + a * sin(angle))
                        }
                    }
                }
                #expect(relativeError(device.read(buffer, rows: 3), expected) < 1e-6)
            }
        }
    }
}
