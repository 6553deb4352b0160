/// Base64 within a text, in the standard and the URL alphabet.
enum Base64Runs {
    /// Shorter runs are words.
    private static let shortest = 16

    /// The runs that decode to text, a line each; `nil` if there is none.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var start = 0
        while start < text.count {
            guard values[Int(text[start])] >= 0 else {
                start += 1
                continue
            }
            let end = end(text, from: start)
            if end - start >= shortest, let run = decode(text, start..<end), Decoder.isText(run) {
                if !decoded.isEmpty { decoded.append(0x0A) }
                decoded += run
            }
            start = end
        }
        return decoded.isEmpty ? nil : decoded
    }

    /// The end of the run from `start`. It may be broken into lines of a multiple of four characters.
    private static func end(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var end = start
        var line = start
        while end < text.count {
            if values[Int(text[end])] >= 0 {
                end += 1
            } else if text[end] == 0x0A, end - line >= 40, (end - line) % 4 == 0, end + 1 < text.count,
                values[Int(text[end + 1])] >= 0
            {
                end += 1
                line = end
            } else {
                break
            }
        }
        return end
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(range.count * 3 / 4)
        var value: UInt32 = 0
        var count = 0
        for place in range where text[place] != 0x0A {
            value = value << 6 | UInt32(values[Int(text[place])])
            count += 1
            if count % 4 == 0 {
                result += [UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
                value = 0
            }
        }
        switch count % 4 {
        case 2: result.append(UInt8(value >> 4 & 0xFF))
        case 3: result += [UInt8(value >> 10 & 0xFF), UInt8(value >> 2 & 0xFF)]
        case 1: return nil
        default: break
        }
        return result
    }

    /// By byte: its six bits, or -1.
    private static let values: [Int8] = {
        var values = [Int8](repeating: -1, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (index, byte) in alphabet.utf8.enumerated() { values[Int(byte)] = Int8(index) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()
}
