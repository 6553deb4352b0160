/// Follows a JSON object or array scalar by scalar (RFC 8259), so that it can be passed on before its end has come.
///
/// Line breaks and other control characters within strings, which models write and JSON forbids, are passed on as escapes.
struct JSONScanner: Sendable {
    enum Step: Hashable { case more, complete, invalid }

    /// What may come next.
    enum Place: Hashable, Sendable {
        case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, done
        case string(isKey: Bool)
        case escape(isKey: Bool)
        case hexadecimal(isKey: Bool, left: Int)
        case literal(rest: [Unicode.Scalar])
        case number(Number)
    }

    enum Number: Hashable, Sendable { case minus, zero, integer, point, fraction, exponent, sign, power }

    static let depthLimit = 128

    private(set) var place = Place.value
    /// Open containers; true for objects.
    private var containers: [Bool] = []

    var depth: Int { containers.count }

    /// A value of any kind that is all of a text, as it is passed on; nil where the text is none.
    static func value(_ text: String) -> (json: String?, isTooDeep: Bool) {
        // Only containers stand alone, so it is read as the one element of an array.
        var (scanner, json, brackets) = (JSONScanner(), "", "")
        _ = scanner.push("[", to: &brackets)
        for scalar in text.unicodeScalars {
            let step = scanner.push(scalar, to: &json)
            let isSecond = scanner.depth == 1 && scanner.place == .value
            guard step == .more, !isSecond else { return (nil, scanner.depth > depthLimit) }
        }
        let isWhole = scanner.place != .valueOrEnd && scanner.push("]", to: &brackets) == .complete
        return (isWhole ? json : nil, false)
    }

    /// Takes the next scalar and writes it to `output`.
    mutating func push(_ scalar: Unicode.Scalar, to output: inout String) -> Step {
        switch place {
        case .done: return .invalid
        case .string(let isKey): return string(scalar, isKey, &output)
        case .escape(let isKey):
            switch scalar {
            case "\"", "\\", "/", "b", "f", "n", "r", "t": place = .string(isKey: isKey)
            case "u": place = .hexadecimal(isKey: isKey, left: 4)
            default: return .invalid
            }
        case .hexadecimal(let isKey, let left):
            guard scalar.properties.isASCIIHexDigit else { return .invalid }
            place = left == 1 ? .string(isKey: isKey) : .hexadecimal(isKey: isKey, left: left - 1)
        case .literal(let rest):
            guard scalar == rest.first else { return .invalid }
            place = rest.count == 1 ? .commaOrEnd : .literal(rest: Array(rest.dropFirst()))
        case .number(let number):
            if let next = JSONScanner.next(number, scalar) {
                place = .number(next)
            } else {
                guard [.zero, .integer, .fraction, .power].contains(number) else { return .invalid }
                place = .commaOrEnd
                return push(scalar, to: &output)
            }
        case .value, .valueOrEnd, .keyOrEnd, .key, .colon, .commaOrEnd:
            guard !JSONScanner.isSpace(scalar) else { break }
            guard structure(scalar) else { return .invalid }
        }
        output.unicodeScalars.append(scalar)
        return place == .done ? .complete : .more
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t"
    }

    private mutating func string(_ scalar: Unicode.Scalar, _ isKey: Bool, _ output: inout String) -> Step {
        switch scalar {
        case "\"": place = isKey ? .colon : .commaOrEnd
        case "\\": place = .escape(isKey: isKey)
        case _ where scalar.value < 0x20:
            output += JSONScanner.escaped(scalar)
            return .more
        default: break
        }
        output.unicodeScalars.append(scalar)
        return .more
    }

    /// A scalar as it stands within a JSON string.
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where scalar.value < 0x20: (scalar.value < 16 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }

    /// A scalar between strings, numbers and words.
    private mutating func structure(_ scalar: Unicode.Scalar) -> Bool {
        switch (scalar, place) {
        case ("{", .value), ("{", .valueOrEnd):
            containers.append(true)
            place = .keyOrEnd
        case ("[", .value), ("[", .valueOrEnd):
            containers.append(false)
            place = .valueOrEnd
        case ("}", .keyOrEnd), ("]", .valueOrEnd): close()
        case ("}", .commaOrEnd), ("]", .commaOrEnd):
            guard containers.last == (scalar == "}") else { return false }
            close()
        case (",", .commaOrEnd): place = containers.last == true ? .key : .value
        case (":", .colon): place = .value
        case ("\"", .key), ("\"", .keyOrEnd): place = .string(isKey: true)
        default:
            // Only containers stand alone.
            guard place == .value || place == .valueOrEnd, !containers.isEmpty else { return false }
            return scalarValue(scalar)
        }
        return containers.count <= JSONScanner.depthLimit
    }

    private mutating func close() {
        containers.removeLast()
        place = containers.isEmpty ? .done : .commaOrEnd
    }

    private mutating func scalarValue(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"": place = .string(isKey: false)
        case "t": place = .literal(rest: ["r", "u", "e"])
        case "f": place = .literal(rest: ["a", "l", "s", "e"])
        case "n": place = .literal(rest: ["u", "l", "l"])
        case "-": place = .number(.minus)
        case "0": place = .number(.zero)
        case "1"..."9": place = .number(.integer)
        default: return false
        }
        return true
    }

    private static func next(_ number: Number, _ scalar: Unicode.Scalar) -> Number? {
        let isDigit = ("0"..."9").contains(scalar)
        switch (number, scalar) {
        case (.minus, "0"): return .zero
        case (.minus, _): return isDigit ? .integer : nil
        case (.integer, _) where isDigit: return .integer
        case (.zero, "."), (.integer, "."): return .point
        case (.zero, "e"), (.zero, "E"), (.integer, "e"), (.integer, "E"), (.fraction, "e"), (.fraction, "E"):
            return .exponent
        case (.point, _), (.fraction, _): return isDigit ? .fraction : nil
        case (.exponent, "+"), (.exponent, "-"): return .sign
        case (.exponent, _), (.sign, _), (.power, _): return isDigit ? .power : nil
        default: return nil
        }
    }
}
