/// Reads characters from UTF-8, forwards and backwards. A byte that belongs to none counts as a character that nothing is.
enum UTF8Scalars {
    static let invalid: UInt32 = 0xFFFF

    @inline(__always)
    static func next(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> (scalar: UInt32, length: Int) {
        let first = text[offset]
        if first < 0x80 { return (UInt32(first), 1) }
        return longer(text, first, at: offset)
    }

    private static func longer(
        _ text: UnsafeBufferPointer<UInt8>, _ first: UInt8, at offset: Int
    ) -> (scalar: UInt32, length: Int) {
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first < 0xF5, offset + length <= text.count else { return (invalid, 1) }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for next in offset + 1..<offset + length {
            guard text[next] & 0xC0 == 0x80 else { return (invalid, 1) }
            scalar = scalar << 6 | UInt32(text[next] & 0x3F)
        }
        return (scalar, length)
    }

    /// The character that ends at `offset`, which is not 0.
    static func previous(_ text: UnsafeBufferPointer<UInt8>, before offset: Int) -> (scalar: UInt32, length: Int) {
        var start = offset - 1
        while start > 0, offset - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
        let found = next(text, at: start)
        return start + found.length == offset ? found : (invalid, 1)
    }

    /// The beginning of the character so many before `offset`, or of the text.
    static func start(_ text: UnsafeBufferPointer<UInt8>, characters: Int, before offset: Int) -> Int {
        var start = offset
        var left = characters
        while left > 0, start > 0 {
            start -= previous(text, before: start).length
            left -= 1
        }
        return start
    }
}
