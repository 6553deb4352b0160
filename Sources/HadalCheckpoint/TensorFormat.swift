/// How a tensor's numbers are stored. Raw values below 1000 are ggml's type numbers as GGUF files carry them.
public enum TensorFormat: UInt32, Sendable, Hashable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q8_1 = 9
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case q8_K = 15
    case iq2_XXS = 16
    case iq2_XS = 17
    case iq3_XXS = 18
    case iq1_S = 19
    case iq4_NL = 20
    case iq3_S = 21
    case iq2_S = 22
    case iq4_XS = 23
    case i8 = 24
    case i16 = 25
    case i32 = 26
    case i64 = 27
    case f64 = 28
    case iq1_M = 29
    case bf16 = 30
    case tq1_0 = 34
    case tq2_0 = 35
    case mxfp4 = 39
    /// Formats only safetensors files have.
    case f8_E4M3 = 1000
    case f8_E5M2 = 1001
    case u8 = 1002
    case u16 = 1003
    case u32 = 1004
    case u64 = 1005
    case bool = 1006
    case f8_E8M0 = 1007
    case f4 = 1008
    case f8_E4M3FNUZ = 1009
    case f8_E5M2FNUZ = 1010
    /// These can be listed but not turned into real numbers (`hasRealValues`).
    case f6_E2M3 = 1011
    case f6_E3M2 = 1012
    case c64 = 1013
}

extension TensorFormat {
    /// As files and people write it: `Q4_0`, `IQ2_XXS`, `F8_E4M3`, `BF16`.
    public var name: String { "\(self)".uppercased() }

    /// The format of this name, in upper or lower case.
    public init?(name: String) {
        guard let format = TensorFormat.byName[name.uppercased()] else { return nil }
        self = format
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

    /// Values in a block; a row holds a whole number of blocks. 1 for numbers that stand alone.
    public var blockSize: Int { layout.values }

    /// Bytes in a block.
    public var blockBytes: Int { layout.bytes }

    /// Blocks of integers with scales of their own (so neither plain floats nor integers, nor FP8).
    public var isQuantized: Bool { blockSize > 1 && rawValue < 1000 }

    /// False for the formats that are only listed: complex numbers and 6-bit floats.
    public var hasRealValues: Bool {
        switch self {
        case .f6_E2M3, .f6_E3M2, .c64: false
        default: true
        }
    }

    /// Bytes of that many values, which must be a whole number of blocks.
    public func byteCount(elements: Int) -> Int {
        precondition(elements >= 0 && elements % blockSize == 0, "\(elements) values are no whole number of blocks")
        return elements / blockSize * blockBytes
    }

    private var layout: (values: Int, bytes: Int) {
        switch self {
        case .i8, .u8, .bool, .f8_E4M3, .f8_E5M2, .f8_E8M0, .f8_E4M3FNUZ, .f8_E5M2FNUZ: (1, 1)
        case .f16, .bf16, .i16, .u16: (1, 2)
        case .f32, .i32, .u32: (1, 4)
        case .f64, .i64, .u64, .c64: (1, 8)
        case .f4: (2, 1)
        case .f6_E2M3, .f6_E3M2: (4, 3)
        case .q4_0, .iq4_NL: (32, 18)
        case .q4_1: (32, 20)
        case .q5_0: (32, 22)
        case .q5_1: (32, 24)
        case .q8_0: (32, 34)
        case .q8_1: (32, 36)
        case .mxfp4: (32, 17)
        case .q2_K: (256, 84)
        case .q3_K, .iq3_S: (256, 110)
        case .q4_K: (256, 144)
        case .q5_K: (256, 176)
        case .q6_K: (256, 210)
        case .q8_K: (256, 292)
        case .iq1_S: (256, 50)
        case .iq1_M: (256, 56)
        case .iq2_XXS, .tq2_0: (256, 66)
        case .iq2_XS: (256, 74)
        case .iq2_S: (256, 82)
        case .iq3_XXS: (256, 98)
        case .iq4_XS: (256, 136)
        case .tq1_0: (256, 54)
        }
    }
}
