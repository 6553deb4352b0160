/// Texts written as numbers of their bytes: hexadecimal and binary.
enum DigitRuns {
    /// So many bytes make a run.
    private static let shortest = 8

    /// Hexadecimal bytes, written together or divided by a space, `\x`, `0x`, `:` or `,`.
    static func hexadecimal(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? { runs(text, digits: 2, bits: 4) }

    /// Groups of eight binary digits, written together or divided likewise.
    static func binary(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? { runs(text, digits: 8, bits: 1) }

    private static func runs(_ text: UnsafeBufferPointer<UInt8>, digits: Int, bits: UInt8) -> [UInt8]? {
        var decoded: [UInt8] = []
        var run: [UInt8] = []
        func close() {
            if run.count >= shortest, Decoder.isText(run) {
                if !decoded.isEmpty { decoded.append(0x0A) }
                decoded += run
            }
            run = []
        }
        var place = 0
        while place < text.count {
            if let byte = byte(text, at: place, digits: digits, bits: bits) {
                run.append(byte)
                place += digits
                let divider = divider(text, at: place)
                let next = self.byte(text, at: place + divider, digits: digits, bits: bits)
                if next != nil { place += divider }
                continue
            }
            close()
            place += 1
            // Half a number is none: past what is left of it.
            while place < text.count, value(text[place - 1], bits) != nil, value(text[place], bits) != nil {
                place += 1
            }
        }
        close()
        return decoded.isEmpty ? nil : decoded
    }

    private static func byte(_ text: UnsafeBufferPointer<UInt8>, at place: Int, digits: Int, bits: UInt8) -> UInt8? {
        guard place + digits <= text.count else { return nil }
        var byte: UInt8 = 0
        for offset in 0..<digits {
            guard let value = value(text[place + offset], bits) else { return nil }
            byte = byte << bits | value
        }
        return byte
    }

    private static func value(_ digit: UInt8, _ bits: UInt8) -> UInt8? {
        guard let value = Escapes.hexadecimalDigit(digit), value < 1 << bits else { return nil }
        return value
    }

    /// How many bytes divide two numbers here.
    private static func divider(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        guard place < text.count else { return 0 }
        let after = place + 1 < text.count ? text[place + 1] | 0x20 : 0
        switch text[place] {
        case UInt8(ascii: "\\") where after == UInt8(ascii: "x"): return 2
        case UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "\n"):
            let next = place + 1
            let isPrefixed =
                next + 1 < text.count && (text[next] == UInt8(ascii: "0") || text[next] == UInt8(ascii: "\\"))
                && text[next + 1] | 0x20 == UInt8(ascii: "x")
            return isPrefixed ? 3 : 1
        default: return 0
        }
    }
}
