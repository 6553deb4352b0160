/// A value of a GGUF file's metadata, in the type it is stored in.
public enum GGUFValue: Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case float32(Float)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)
    case uint64(UInt64)
    case int64(Int64)
    case float64(Double)

    /// GGUF's numbers for the types.
    public enum Kind: UInt32, Sendable, CaseIterable {
        case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// Bytes of a value; nil for those of varying length.
        var size: Int? {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            case .string, .array: nil
            }
        }
    }

    public static func strings(_ values: [String]) -> GGUFValue { .array(GGUFArray(values)) }
    public static func floats(_ values: [Float]) -> GGUFValue { .array(GGUFArray(.float32, values.map(\.bitPattern))) }
    public static func int32s(_ values: [Int32]) -> GGUFValue { .array(GGUFArray(.int32, values)) }
    public static func uint32s(_ values: [UInt32]) -> GGUFValue { .array(GGUFArray(.uint32, values)) }
}

extension GGUFValue {
    public var kind: Kind {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }

    /// Any of the integer types, where the value fits.
    public var int: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        default: nil
        }
    }

    /// Either float type, or an integer.
    public var double: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: int.map { Double($0) }
        }
    }
}

extension GGUFValue: CustomStringConvertible {
    /// For people: long strings cut, arrays as their first elements and their count.
    public var description: String {
        switch self {
        case .string(let value): CheckpointError.shown(value)
        case .bool(let value): String(value)
        case .float32(let value): "\(value)"
        case .float64(let value): "\(value)"
        case .uint64(let value): "\(value)"
        case .array(let value): value.description
        default: int.map { "\($0)" } ?? ""
        }
    }
}
