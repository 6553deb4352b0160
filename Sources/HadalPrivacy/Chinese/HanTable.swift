/// What single Chinese characters stand for: one byte for each, 0 for nothing.
struct HanTable: Sendable {
    private static let first: UInt32 = 0x4000
    private var values = [UInt8](repeating: 0, count: 0x6000)

    init(_ characters: (value: UInt8, String)...) {
        for (value, text) in characters {
            for scalar in text.unicodeScalars where Self.first..<Self.first + 0x6000 ~= scalar.value {
                values[Int(scalar.value - Self.first)] = value
            }
        }
    }

    subscript(character: Unicode.Scalar?) -> UInt8 {
        guard let character, Self.first..<Self.first + 0x6000 ~= character.value else { return 0 }
        return values[Int(character.value - Self.first)]
    }

    func contains(_ character: Unicode.Scalar?) -> Bool { self[character] != 0 }
}
