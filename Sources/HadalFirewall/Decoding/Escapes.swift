/// Characters written by their numbers within a text.
enum Escapes {
    /// Fewer escapes than this are how such things are written, not a disguise.
    private static let least = 4

    /// The text with `%69` decoded; `nil` if there are few of them.
    static func percent(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        replacing(text, first: "%") { place in
            guard let value = number(text, place + 1, digits: 2...2) else { return nil }
            return ([UInt8(value.value)], 1 + value.count)
        }
    }

    /// The text with `\u0069`, `\u{69}`, `\U00000069`, `\x69` and `U+0069` decoded; `nil` if there are few of them.
    static func unicode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        replacing(text, first: "\\U") { place in
            guard place + 2 < text.count else { return nil }
            let mark = text[place + 1]
            if text[place] == UInt8(ascii: "U") {
                guard mark == UInt8(ascii: "+"), let value = number(text, place + 2, digits: 4...6) else { return nil }
                return (utf8(value.value), 2 + value.count)
            }
            switch mark {
            case UInt8(ascii: "u") where text[place + 2] == UInt8(ascii: "{"):
                guard let value = number(text, place + 3, digits: 1...6), place + 3 + value.count < text.count,
                    text[place + 3 + value.count] == UInt8(ascii: "}")
                else { return nil }
                return (utf8(value.value), 4 + value.count)
            case UInt8(ascii: "u"): return escape(text, place, digits: 4...4)
            case UInt8(ascii: "U"): return escape(text, place, digits: 8...8)
            case UInt8(ascii: "x"): return escape(text, place, digits: 2...2)
            default: return nil
            }
        }
    }

    /// The text with `&#105;`, `&#x69;` and the common named entities decoded; `nil` if there are few of them.
    static func html(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        replacing(text, first: "&") { place in
            let end = min(text.count, place + 12)
            guard let semicolon = text[place..<end].firstIndex(of: UInt8(ascii: ";")) else { return nil }
            let name = String(decoding: text[place + 1..<semicolon], as: UTF8.self)
            if let named = entities[name] { return ([named], semicolon + 1 - place) }
            guard name.first == "#" else { return nil }
            let isHexadecimal = name.dropFirst().first.map { $0 == "x" || $0 == "X" } ?? false
            let value = isHexadecimal ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
            return value.map { (utf8($0), semicolon + 1 - place) }
        }
    }

    private static let entities: [String: UInt8] = [
        "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "amp": UInt8(ascii: "&"), "quot": UInt8(ascii: "\""),
        "apos": UInt8(ascii: "'"),
        "nbsp": UInt8(ascii: " "), "colon": UInt8(ascii: ":"), "lbrack": UInt8(ascii: "["),
        "period": UInt8(ascii: "."), "comma": UInt8(ascii: ","), "vert": UInt8(ascii: "|"),
        "NewLine": 0x0A, "Tab": 0x09,
    ]

    private static func escape(
        _ text: UnsafeBufferPointer<UInt8>, _ place: Int, digits: ClosedRange<Int>
    ) -> ([UInt8], Int)? {
        number(text, place + 2, digits: digits).map { (utf8($0.value), 2 + $0.count) }
    }

    private static func replacing(
        _ text: UnsafeBufferPointer<UInt8>, first: String, _ decode: (Int) -> ([UInt8], Int)?
    ) -> [UInt8]? {
        let marks = Array(first.utf8)
        guard text.contains(where: marks.contains) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var count = 0
        var place = 0
        while place < text.count {
            if marks.contains(text[place]), let (bytes, length) = decode(place) {
                result += bytes
                place += length
                count += 1
            } else {
                result.append(text[place])
                place += 1
            }
        }
        return count >= least ? result : nil
    }

    /// As many hexadecimal digits as there are, within `digits`.
    private static func number(
        _ text: UnsafeBufferPointer<UInt8>, _ place: Int, digits: ClosedRange<Int>
    ) -> (value: UInt32, count: Int)? {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, place + count < text.count, let digit = hexadecimalDigit(text[place + count]) {
            value = value << 4 | UInt32(digit)
            count += 1
        }
        return count >= digits.lowerBound ? (value, count) : nil
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func utf8(_ scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).flatMap { UTF8.encode($0) }.map(Array.init) ?? Array("\u{FFFD}".utf8)
    }
}
