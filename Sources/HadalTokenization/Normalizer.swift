/// What happens to text before it is cut and merged.
enum Normalizer: Sendable, Hashable {
    case form(NormalForm)
    case lowercase
    case stripAccents
    case prepend(String)
    case replace(String, with: String)
    case strip(left: Bool, right: Bool)
    case bert(cleansText: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool)

    func apply(to text: String) -> String {
        switch self {
        case .form(let form): form.apply(to: text)
        case .lowercase: Normalizer.lowercased(text)
        case .stripAccents: Normalizer.withoutAccents(text)
        case .prepend(let prefix): text.isEmpty ? text : prefix + text
        case .replace(let pattern, let replacement): Normalizer.replacing(pattern, with: replacement, in: text)
        case .strip(let left, let right): Normalizer.stripped(text, left: left, right: right)
        case .bert(let cleansText, let spacesChinese, let stripsAccents, let lowercases):
            Normalizer.bert(text, cleansText, spacesChinese, stripsAccents, lowercases)
        }
    }

    /// Scalar by scalar, without the final sigma's rule: as the tokenizers were trained.
    private static func lowercased(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.append((65...90).contains(scalar.value) ? UInt8(scalar.value) | 32 : UInt8(scalar.value))
            } else if (0x3000..<0xA000).contains(scalar.value) {
                result.append(scalar)
            } else {
                result += scalar.properties.lowercaseMapping.utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Mn removed; what is decomposed before stays so.
    private static func withoutAccents(_ text: String) -> String {
        let classes = ScalarClasses.table
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars where !classes[scalar.value].contains(.nonspacing) { result.append(scalar) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Every occurrence, byte for byte: Swift's own search finds canonically equivalent text too.
    private static func replacing(_ pattern: String, with replacement: String, in text: String) -> String {
        let pattern = Array(pattern.utf8)
        guard let first = pattern.first else { return text }
        let source = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count + source.count / 4)
        var index = 0
        while index < source.count {
            if source[index] == first, source[index...].starts(with: pattern) {
                result += replacement.utf8
                index += pattern.count
            } else {
                result.append(source[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func stripped(_ text: String, left: Bool, right: Bool) -> String {
        var scalars = Substring(text).unicodeScalars
        if left { while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() } }
        if right { while scalars.last?.properties.isWhitespace == true { scalars.removeLast() } }
        return String(scalars)
    }

    /// The basic tokenizer of the original BERT, in its order.
    private static func bert(
        _ text: String, _ cleansText: Bool, _ spacesChinese: Bool, _ stripsAccents: Bool, _ lowercases: Bool
    ) -> String {
        let classes = ScalarClasses.table
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let kind = classes[scalar.value]
            if cleansText {
                // Of the controls only these three are white space to BERT; U+0085 and others vanish.
                if [0x09, 0x0A, 0x0D].contains(scalar.value) {
                    result.append(0x20)
                    continue
                }
                if scalar.value == 0 || scalar.value == 0xFFFD || kind.contains(.other) { continue }
                if kind.contains(.space) {
                    result.append(0x20)
                    continue
                }
            }
            if spacesChinese, isChinese(scalar.value) {
                result.append(0x20)
                result.append(scalar)
                result.append(0x20)
            } else {
                result.append(scalar)
            }
        }
        var cleaned = String(decoding: result, as: UTF8.self)
        if stripsAccents, cleaned.utf8.contains(where: { $0 >= 0x80 }) {
            cleaned = withoutAccents(NormalForm.nfd.apply(to: cleaned))
        }
        return lowercases ? lowercased(cleaned) : cleaned
    }

    private static func isChinese(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
