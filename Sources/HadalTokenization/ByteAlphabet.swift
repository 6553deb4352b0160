/// The printable stand-ins of byte-level vocabularies (GPT-2): each byte is written as one character, printable Latin-1
/// ones as themselves, the other 68 as U+0100 and up, so that a space is `Ġ` and a line feed `Ċ`.
enum ByteAlphabet {
    /// Scalar of each byte.
    static let scalarOfByte: [UInt32] = {
        var next: UInt32 = 0x100
        return (UInt32(0)..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// Byte of each scalar up to U+0143, -1 where it stands for none.
    private static let byteOfScalar: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalarOfByte.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    /// The bytes a piece stands for. One with a character outside the alphabet, such as an added token, stands for its
    /// own text.
    static func decode(_ piece: Span<UInt8>, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        let table = byteOfScalar
        var index = 0
        while index < piece.count {
            let (scalar, next) = piece.scalar(at: index)
            guard scalar < table.count, table[Int(scalar)] >= 0 else {
                bytes.removeAll(keepingCapacity: true)
                for index in piece.indices { bytes.append(piece[index]) }
                return
            }
            bytes.append(UInt8(table[Int(scalar)]))
            index = next
        }
    }

    static func decode(_ piece: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        let piece = Array(piece)
        decode(piece.span, into: &bytes)
        return bytes
    }
}
