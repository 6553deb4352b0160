/// What is asked of Unicode scalars again and again.
enum Scalars {
    static let replacement: UInt32 = 0xFFFD

    /// The scalar at `place` and how many bytes it takes; U+FFFD and one byte where the bytes are no UTF-8.
    @inline(__always)
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (scalar: UInt32, length: Int) {
        let first = bytes[place]
        guard first >= 0x80 else { return (UInt32(first), 1) }
        let length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
        guard length > 0, place + length <= bytes.count else { return (replacement, 1) }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            let byte = bytes[place + offset]
            guard byte & 0xC0 == 0x80 else { return (replacement, 1) }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard scalar >= least, scalar <= 0x10FFFF, !(0xD800...0xDFFF ~= scalar) else { return (replacement, 1) }
        return (scalar, length)
    }

    @inline(__always)
    static func isLetter(_ scalar: UInt32) -> Bool { scalar &- 0x61 < 26 }

    /// Chinese characters, and the syllables and kana that are written among them without spaces.
    @inline(__always)
    static func isIdeograph(_ scalar: UInt32) -> Bool {
        if scalar < 0x2E80 { return false }
        return scalar <= 0x2FDF || 0x3040...0x9FFF ~= scalar || 0xAC00...0xD7A3 ~= scalar || 0xF900...0xFAFF ~= scalar
            || 0x20000...0x3FFFF ~= scalar
    }
}
