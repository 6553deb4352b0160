/// What becomes of each character when a text is normalised: a table of two levels, made once.
struct CharacterFolding: Sendable {
    static let standard = CharacterFolding()

    /// The values of the table: a character stays, is left out, or (any other value) becomes this ASCII character.
    static let keep: UInt8 = 0
    static let remove: UInt8 = 0x80

    private static let blockBits: UInt32 = 7
    private static let tableEnd: UInt32 = 0x20000

    /// By a character's upper bits: the number of its block in `actions`. Block 0 keeps everything.
    private var blocks = [UInt8](repeating: 0, count: Int(tableEnd >> blockBits))
    private var actions = [UInt8](repeating: keep, count: 1 << blockBits)
    /// By byte: 1 where a character that starts with it may have to change. All others are passed over unread.
    private(set) var starts = [UInt8](repeating: 0, count: 256)

    private init() {
        for range in FoldedCharacters.removed { for scalar in range { set(scalar, to: Self.remove) } }
        for zero in FoldedCharacters.zeros {
            for digit in UInt32(0)..<10 { set(zero + digit, to: 0x30 + UInt8(digit)) }
        }
        for scalar in UInt32(0xFF01)...0xFF5E { set(scalar, to: UInt8(scalar - 0xFF01) + 0x21) }
        for (ascii, scalars) in FoldedCharacters.replaced {
            for scalar in scalars { set(scalar, to: ascii) }
        }
        starts[0xF3] = 1
    }

    private mutating func set(_ scalar: UInt32, to action: UInt8) {
        let block = Int(scalar >> Self.blockBits)
        if blocks[block] == 0 {
            blocks[block] = UInt8(actions.count >> Self.blockBits)
            actions += [UInt8](repeating: Self.keep, count: 1 << Self.blockBits)
        }
        actions[Int(blocks[block]) << Self.blockBits + Int(scalar & (1 << Self.blockBits - 1))] = action
        if let scalar = Unicode.Scalar(scalar), let first = UTF8.encode(scalar)?.first { starts[Int(first)] = 1 }
    }

    func action(for scalar: UInt32) -> UInt8 {
        if scalar < Self.tableEnd {
            let block = Int(blocks[Int(scalar >> Self.blockBits)])
            return actions[block << Self.blockBits + Int(scalar & (1 << Self.blockBits - 1))]
        }
        return FoldedCharacters.tags.contains(scalar) ? Self.remove : Self.keep
    }
}
