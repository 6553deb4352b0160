/// Checks of a file before anything of it is understood.
enum YAMLBytes {
    /// A configuration is some kilobytes.
    static let sizeLimit = 1 << 20

    struct Defect: Error {
        var line = 1
        var column = 1
        var problem: String
        var advice: String
    }

    /// The text of a file without its byte order mark.
    static func text(_ bytes: [UInt8]) throws(Defect) -> String {
        guard bytes.count <= sizeLimit else {
            throw Defect(
                problem: "the file is larger than 1MiB",
                advice: "check that it is the configuration, and make it smaller")
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            let (line, column) = end(of: validBeginning(content))
            throw Defect(line: line, column: column, problem: "the text is not UTF-8", advice: "save the file as UTF-8")
        }
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            guard let problem = forbidden(scalars[index]) else { continue }
            let (line, column) = end(of: scalars[..<index])
            throw Defect(line: line, column: column, problem: problem, advice: "remove it")
        }
        return text
    }

    private static func validBeginning(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar] {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var scalars: [Unicode.Scalar] = []
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { scalars.append(scalar) }
        return scalars
    }

    /// The place after a text, counted as YAML does.
    private static func end(of text: some Sequence<Unicode.Scalar>) -> (line: Int, column: Int) {
        var place = (line: 1, column: 1)
        var previous: Unicode.Scalar = " "
        for scalar in text {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": place = (place.line + 1, 1)
            default: place.column += 1
            }
            previous = scalar
        }
        return place
    }

    private static func forbidden(_ scalar: Unicode.Scalar) -> String? {
        var name: String { "U+" + String(scalar.value + 0x10000, radix: 16, uppercase: true).suffix(4) }
        if YAMLText.isReserved(scalar) { return "a character of the private use area, \(name)" }
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...:
            return nil
        default: return "a control character, \(name)"
        }
    }
}
