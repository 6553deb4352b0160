import HadalCUDA
import HadalCheckpoint
import HadalCompute
import TestSupport
import Testing

@Suite struct AttentionTests {
    /// Two sequences in scattered blocks: one goes on into a second piece of attention.
    private struct Case {
        static let lengths = [270, 33]
        static let tables: [[Int32]] = [[7, 2, 4, 11, 9, 1, 6, 3, 10], [0, 5]]

        var queryHeads: Int
        var keyHeads: Int
        var keyWidth: Int
        var valueWidth: Int
        var isLatent: Bool
        var format: KVCacheShape.Format

        var shape: KVCacheShape {
            KVCacheShape(
                layers: 2, keyValueHeads: keyHeads, keyWidth: keyWidth, valueWidth: isLatent ? 0 : valueWidth,
                blocks: 12, format: format)
        }

        /// Stores every position, and attends from those that `isAsked` says, all in one step.
        func outputs(_ device: any ComputeDevice, isAsked: (_ sequence: Int, _ position: Int) -> Bool) throws
            -> [Float]
        {
            let cache = try device.makeCache(shape)
            try store(device, cache)
            return try attend(device, cache, isAsked)
        }

        private func random(_ seed: Int, _ count: Int) -> [Float] {
            var random = SplitMix(state: UInt64(seed))
            return random.floats(count)
        }

        private func step(_ isIn: (Int, Int) -> Bool) -> Step {
            var step = Step()
            step.blockTables = Self.tables
            for (sequence, length) in Self.lengths.enumerated() {
                for position in 0..<length where isIn(sequence, position) {
                    step.tokens.append(0)
                    step.positions.append(Int32(position))
                    step.sequences.append(Int32(sequence))
                }
            }
            return step
        }

        func store(_ device: any ComputeDevice, _ cache: any KVCache) throws {
            let step = step { _, _ in true }
            device.begin(step)
            let keys = try device.buffer(
                random(1, step.rows * (keyHeads * keyWidth + 3)), width: keyHeads * keyWidth + 3)
            let values =
                isLatent
                ? nil
                : try device.buffer(
                    random(2, step.rows * (keyHeads * valueWidth + 5)), width: keyHeads * valueWidth + 5)
            device.store(keys: keys, keyOffset: 3, values: values, valueOffset: 5, layer: 1, into: cache)
        }

        private func attend(
            _ device: any ComputeDevice, _ cache: any KVCache, _ isAsked: (Int, Int) -> Bool
        ) throws -> [Float] {
            let step = step(isAsked)
            device.begin(step)
            // A row's queries depend on its place alone.
            let width = queryHeads * keyWidth
            var queries: [Float] = []
            for row in 0..<step.rows {
                queries += random(1000 * Int(step.sequences[row]) + Int(step.positions[row]), width + 2)
            }
            let out = try device.allocate(rows: step.rows, width: queryHeads * valueWidth)
            device.attend(
                try device.buffer(queries, width: width + 2), queryOffset: 2, layer: 1, cache: cache,
                shape: AttentionShape(queryHeads: queryHeads, valueWidth: valueWidth, scale: 0.3), into: out)
            return device.read(out, rows: step.rows)
        }
    }

    private static let heads = [
        (4, 2, 24, 24, false), (3, 3, 16, 20, false), (12, 1, 64, 64, false), (6, 1, 136, 128, true),
        (2, 2, 15, 9, false), (20, 1, 192, 128, true), (3, 1, 576, 512, true),
        (4, 2, 64, 32, false), (2, 2, 128, 128, false),
    ]

    @Test(arguments: heads, KVCacheShape.Format.allCases)
    func attentionIsThatOfTheProcessor(
        heads: (query: Int, key: Int, keyWidth: Int, valueWidth: Int, isLatent: Bool), format: KVCacheShape.Format
    ) throws {
        let item = Case(
            queryHeads: heads.query, keyHeads: heads.key, keyWidth: heads.keyWidth, valueWidth: heads.valueWidth,
            isLatent: heads.isLatent, format: format)
        // The caches hold the same bytes, so that what differs is the order of sums; on the matrix units also float16's rounding.
        let error = try differing { device in try item.outputs(device) { $1 % 9 == 0 || $1 > 250 } }
        #expect(error < (heads.keyWidth % 32 == 0 && format == .f16 ? 3e-3 : 1e-5), "\(error)")
    }

    @Test func aRowHasTheSameBitsAloneAndAmongOthers() throws {
        for (isLatent, keyWidth) in [(true, 40), (true, 64), (false, 40), (false, 32)] {
            let item = Case(
                queryHeads: 6, keyHeads: isLatent ? 1 : 2, keyWidth: keyWidth, valueWidth: 32, isLatent: isLatent,
                format: .f16)
            let device = try TestCard.device()
            let asked = [(0, 0), (0, 31), (0, 255), (0, 256), (0, 269), (1, 32)]
            let together = try item.outputs(device) { sequence, position in
                asked.contains { $0 == (sequence, position) }
            }
            let width = item.queryHeads * item.valueWidth
            for (index, row) in asked.enumerated() {
                let alone = try item.outputs(device) { $0 == row.0 && $1 == row.1 }
                #expect(alone == Array(together[index * width..<(index + 1) * width]), "\(row)")
            }
        }
    }

    /// So that a prefix which one has saved serves wherever the identity allows it, and swapped blocks come back.
    @Test(arguments: KVCacheShape.Format.allCases) func blocksHoldTheProcessorsBytes(format: KVCacheShape.Format) throws
    {
        let item = Case(queryHeads: 2, keyHeads: 2, keyWidth: 70, valueWidth: 24, isLatent: false, format: format)
        func block(_ device: any ComputeDevice) throws -> (cache: any KVCache, bytes: [UInt8]) {
            let cache = try device.makeCache(item.shape)
            // What is not written is the same on both.
            let zeros = [UInt8](repeating: 0, count: item.shape.bytesPerBlock)
            for index in 0..<Int32(item.shape.blocks) { zeros.withUnsafeBytes { cache.fill(block: index, from: $0) } }
            try item.store(device, cache)
            return (cache, Self.bytes(cache, 7))
        }
        let device = try TestCard.device()
        let card = try block(device)
        #expect(try card.bytes == block(processor()).bytes)
        #expect(card.bytes.contains { $0 != 0 })
        card.bytes.withUnsafeBytes { card.cache.fill(block: 8, from: $0) }
        #expect(Self.bytes(card.cache, 8) == card.bytes)
    }

    private static func bytes(_ cache: any KVCache, _ block: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 1, count: cache.shape.bytesPerBlock)
        bytes.withUnsafeMutableBytes { cache.copy(block: block, to: $0) }
        return bytes
    }

    @Test(arguments: [(3, 16), (2, 200), (1, 7)]) func encodersAttendWithinTheirTexts(heads: Int, headWidth: Int) throws
    {
        let lengths = [5, 1, 70]
        let width = heads * headWidth
        let error = try differing { device in
            var random = SplitMix(state: 3)
            let qkv = try device.buffer(random.floats(76 * 3 * width), width: 3 * width)
            let out = try device.allocate(rows: 76, width: width)
            device.attendWithin(qkv, lengths: lengths, heads: heads, headWidth: headWidth, scale: 0.2, into: out)
            return device.read(out, rows: 76)
        }
        #expect(error < 1e-5, "\(error)")
    }

    @Test func headsThatAreTooWideAreRefused() throws {
        #expect {
            try TestCard.device().makeCache(
                KVCacheShape(layers: 1, keyValueHeads: 1, keyWidth: 1000, valueWidth: 0, blocks: 1, format: .f16))
        } throws: { error in "\(error)" == "the model has heads of 1000 numbers; the most is 640" }
    }
}
