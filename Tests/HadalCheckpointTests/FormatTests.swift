import Foundation
import HadalCheckpoint
import Testing

/// Formats from data the test makes itself. The hashes are of what ggml's own Python package (gguf 0.19.0) computes
/// from the same bytes; the vectors that QuantizationTests uses are larger but not in this repository.
@Suite struct FormatTests {
    /// Pseudo-random bytes: the top byte of a 64-bit linear congruential generator.
    static func stream(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }

    /// FNV-1a.
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The bits of floats, with one NaN for all.
    static func hash(_ values: [Float]) -> UInt64 {
        hash(values.flatMap { Fixtures.littleEndian($0.isNaN ? 0x7FC0_0000 : $0.bitPattern) })
    }

    @Test(
        "sixteen blocks of any bytes decode as ggml decodes them",
        arguments: [
            (TensorFormat.q4_0, 0x5202_b576_3b0b_4689 as UInt64), (.q4_1, 0xe0a4_33ab_1ba5_5ffe),
            (.q5_0, 0x8d1a_5142_1099_b1db), (.q5_1, 0xf2db_28d7_db92_bc47), (.q8_0, 0x7321_48de_d912_62ac),
            (.q2_K, 0x6837_b066_9816_945e), (.q3_K, 0x6d51_f2a3_103b_4468), (.q4_K, 0x15e4_eed7_3793_8150),
            (.q5_K, 0x78f0_f417_6547_8fba), (.q6_K, 0x8044_6a10_9146_8c60), (.iq1_S, 0x0d42_4117_e89f_907d),
            (.iq1_M, 0xb0d6_0169_f04f_575f), (.iq2_XXS, 0xefd7_ed58_1514_a0c9), (.iq2_XS, 0xc28f_bf75_083d_843b),
            (.iq2_S, 0x2d08_e8a7_456f_54f5), (.iq3_XXS, 0x0c75_adda_5a37_7207), (.iq3_S, 0xeb7d_7e3f_27ab_071d),
            (.iq4_NL, 0x5c7b_eeb7_5f7d_6965), (.iq4_XS, 0xeb51_cbee_f879_b7d9), (.tq1_0, 0xc982_8562_f732_5d91),
            (.tq2_0, 0xe60e_3fb1_81c0_e856), (.mxfp4, 0x94f0_6a84_ded4_f2ee),
        ])
    func decoding(format: TensorFormat, expected: UInt64) throws {
        let bytes = Self.stream(16 * format.blockBytes)
        let tensor = try Tensor(name: "t", format: format, shape: [16, format.blockSize], bytes: bytes)
        #expect(Self.hash(tensor.dequantized()) == expected)
    }

    @Test(
        "values of many magnitudes encode as ggml encodes them",
        arguments: [
            (TensorFormat.f16, 0x125c_1db9_7536_9671 as UInt64), (.bf16, 0x6bfa_45e5_42e8_e934),
            (.q8_0, 0xf76b_0046_8953_47aa), (.q4_0, 0x6896_5e39_cf3c_eb3d), (.q4_1, 0x5235_99af_312e_65c6),
            (.q5_0, 0x476f_2815_0142_55b8), (.q5_1, 0x2e1d_b579_8eb1_489a), (.tq2_0, 0x84c5_86df_2602_ecdf),
        ])
    func encoding(format: TensorFormat, expected: UInt64) throws {
        let bytes = Self.stream(4096, seed: 7)
        let values = stride(from: 0, to: bytes.count, by: 4).map { place in
            let fraction = Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16
            return Float(sign: .plus, exponent: Int(bytes[place + 3] % 16) - 30, significand: Float(fraction - 1 << 23))
        }
        #expect(Self.hash(try Quantizer.quantize(values, as: format)) == expected)
    }

    @Test("all halves decode, and any float encodes, as the processor does it")
    func halves() throws {
        let halves = (0...UInt16.max).flatMap { Fixtures.littleEndian($0) }
        let values = try Tensor(name: "h", format: .f16, shape: [1 << 16], bytes: halves).dequantized()
        for half in 0...UInt16.max {
            let expected = Float(Float16(bitPattern: half))
            let value = values[Int(half)]
            #expect(value.isNaN ? expected.isNaN : value.bitPattern == expected.bitPattern)
        }
        let bytes = Self.stream(1 << 18, seed: 3)
        var floats = bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map { Float(bitPattern: raw.load(fromByteOffset: 4 * $0, as: UInt32.self)) }
        }
        // Most random floats are out of range: the same again near one and near the smallest half.
        floats += floats.map { Float(bitPattern: $0.bitPattern & 0x87FF_FFFF | 0x3800_0000) }
        floats += floats.prefix(1 << 16).map { Float(bitPattern: $0.bitPattern & 0x83FF_FFFF | 0x3300_0000) }
        let encoded = try Quantizer.quantize(floats, as: .f16)
        for (index, value) in floats.enumerated() where !value.isNaN {
            let half = UInt16(encoded[2 * index]) | UInt16(encoded[2 * index + 1]) << 8
            if half != Float16(value).bitPattern { Issue.record("\(value) became \(half)") }
        }
    }

    @Test("FP8 bytes are sign, exponent and mantissa")
    func fp8() throws {
        func expected(_ byte: UInt8, mantissaBits: Int, bias: Int) -> Float {
            let mantissa = Int(byte) & (1 << mantissaBits - 1)
            let exponent = Int(byte & 0x7F) >> mantissaBits
            let significand = Float(exponent > 0 ? mantissa + 1 << mantissaBits : mantissa)
            let magnitude = Float(
                sign: .plus, exponent: max(exponent, 1) - bias - mantissaBits, significand: significand)
            return byte & 0x80 != 0 ? -magnitude : magnitude
        }
        let all = Array(0...UInt8.max)
        func values(_ format: TensorFormat) throws -> [Float] {
            try Tensor(name: "t", format: format, shape: [256], bytes: all).dequantized()
        }
        for (byte, value) in zip(all, try values(.f8_E4M3)) {
            if byte & 0x7F == 0x7F {
                #expect(value.isNaN)
            } else {
                #expect(value == expected(byte, mantissaBits: 3, bias: 7))
            }
        }
        for (byte, value) in zip(all, try values(.f8_E5M2)) {
            switch byte & 0x7F {
            case 0x7C: #expect(value.isInfinite)
            case 0x7D...: #expect(value.isNaN)
            default: #expect(value == expected(byte, mantissaBits: 2, bias: 15))
            }
        }
        for (format, mantissaBits, bias) in [(TensorFormat.f8_E4M3FNUZ, 3, 8), (.f8_E5M2FNUZ, 2, 16)] {
            for (byte, value) in zip(all, try values(format)) {
                if byte == 0x80 {
                    #expect(value.isNaN)
                } else {
                    #expect(value == expected(byte, mantissaBits: mantissaBits, bias: bias))
                }
            }
        }
        for (byte, value) in zip(all, try values(.f8_E8M0)) {
            if byte == 255 {
                #expect(value.isNaN)
            } else {
                #expect(value == Float(sign: .plus, exponent: Int(byte) - 127, significand: 1))
            }
        }
        let nibbles = try Tensor(name: "t", format: .f4, shape: [4], bytes: [0x72, 0xF9]).dequantized()
        #expect(nibbles == [1, 6, -0.5, -6])
    }

    @Test("integers become floats")
    func integers() throws {
        func decode(_ format: TensorFormat, _ bytes: [UInt8]) throws -> [Float] {
            try Tensor(name: "t", format: format, shape: [1], bytes: bytes).dequantized()
        }
        #expect(try decode(.i8, [0xFE]) == [-2])
        #expect(try decode(.u8, [0xFE]) == [254])
        #expect(try decode(.i16, [0xFE, 0xFF]) == [-2])
        #expect(try decode(.u16, [0xFE, 0xFF]) == [65534])
        #expect(try decode(.i32, [0xFE, 0xFF, 0xFF, 0xFF]) == [-2])
        #expect(try decode(.u32, [0, 0, 0, 0x80]) == [0x1p31])
        #expect(try decode(.i64, [UInt8](repeating: 0xFF, count: 8)) == [-1])
        #expect(try decode(.u64, [UInt8](repeating: 0, count: 7) + [0x80]) == [0x1p63])
        #expect(try decode(.f64, Fixtures.littleEndian((-0.25).bitPattern)) == [-0.25])
        #expect(try decode(.bool, [1]) == [1])
    }

    /// Uniform sums: near enough to the bell shape of weights.
    static func weights(_ count: Int) -> [Float] {
        let bytes = stream(4 * count, seed: 11)
        return (0..<count).map { index in
            (0..<4).reduce(Float(0)) { $0 + Float(bytes[4 * index + $1]) } / 256 - 1.9921875
        }
    }

    /// Root of the mean squared error over that of the values.
    static func error(_ values: [Float], _ format: TensorFormat) throws -> Float {
        let bytes = try Quantizer.quantize(values, as: format)
        let decoded = try Tensor(name: "t", format: format, shape: [values.count], bytes: bytes).dequantized()
        let (noise, signal) = zip(values, decoded).reduce((Float(0), Float(0))) {
            ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.0 * $1.0)
        }
        return (noise / signal).squareRoot()
    }

    @Test(
        "quantized weights are near the originals",
        arguments: [
            (TensorFormat.q8_0, 0.006 as Float), (.q6_K, 0.018), (.q5_K, 0.036), (.q5_1, 0.042), (.q5_0, 0.044),
            (.q4_K, 0.072), (.q4_1, 0.084), (.q4_0, 0.092),
        ])
    func roundTrip(format: TensorFormat, bound: Float) throws {
        let weights = Self.weights(256 * 64)
        #expect(try Self.error(weights, format) < bound)
        // One-sided values, such as norms', need the offset.
        if format == .q4_K || format == .q5_K {
            #expect(try Self.error(weights.map { $0 + 3 }, format) < bound / 3)
        }
    }

    @Test("blocks of zeros, of one value and of extremes stay finite", arguments: Quantizer.formats)
    func edges(format: TensorFormat) throws {
        let blocks: [(Float, ClosedRange<Float>)] = [(0, 0...0), (1, 0.97...1.03), (-1, -1.03 ... -0.97)]
        for (value, range) in blocks {
            let bytes = try Quantizer.quantize([Float](repeating: value, count: 256), as: format)
            let decoded = try Tensor(name: "t", format: format, shape: [256], bytes: bytes).dequantized()
            #expect(decoded.allSatisfy { range.contains($0) }, "\(value)")
        }
        var mixed = [Float](repeating: 1e-30, count: 256)
        mixed[17] = -60_000
        mixed[200] = 60_000
        let bytes = try Quantizer.quantize(mixed, as: format)
        let decoded = try Tensor(name: "t", format: format, shape: [256], bytes: bytes).dequantized()
        #expect(decoded.allSatisfy { $0.isFinite && abs($0) < 70_000 })
        // Nonsense in gives nonsense out, but no trap.
        _ = try Quantizer.quantize([.nan, .infinity, -.infinity, 3e38] + mixed.dropFirst(4), as: format)
    }

    @Test("what cannot be encoded is an error")
    func refused() {
        #expect(throws: CheckpointError.self) { try Quantizer.quantize([1, 2, 3], as: .q8_0) }
        #expect(throws: CheckpointError.self) { try Quantizer.quantize([Float](repeating: 0, count: 256), as: .iq2_XS) }
    }

    @Test("names are what people write")
    func names() {
        #expect(TensorFormat.q4_0.name == "Q4_0")
        #expect(TensorFormat.iq2_XXS.name == "IQ2_XXS")
        #expect(TensorFormat(name: "q6_k") == .q6_K)
        #expect(TensorFormat(name: "F8_E4M3") == .f8_E4M3)
        #expect(TensorFormat(name: "q9") == nil)
        #expect(TensorFormat.q4_K.byteCount(elements: 512) == 288)
        #expect(TensorFormat.q4_K.isQuantized && !TensorFormat.bf16.isQuantized && !TensorFormat.f8_E4M3.isQuantized)
    }
}
