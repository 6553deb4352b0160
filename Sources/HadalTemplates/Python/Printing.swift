import Foundation

/// Python's `str` and `repr`.
extension Value {
    func text(_ meter: Meter) throws -> String {
        switch self {
        case .string(let text): return text
        case .undefined: return ""
        default:
            var printer = Printer(meter: meter)
            try printer.print(self)
            return printer.output
        }
    }

    func representation(_ meter: Meter) throws -> String {
        var printer = Printer(meter: meter)
        try printer.print(self)
        return printer.output
    }

    /// `repr(float)`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
    static func representation(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        // Swift prints the same digits, but turns to exponents elsewhere.
        let sign = value.sign == .minus ? "-" : ""
        var mantissa = value.magnitude.description
        var exponent = 0
        if let mark = mantissa.firstIndex(of: "e") {
            exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
            mantissa = String(mantissa[..<mark])
        }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(parts[0].utf8) + (parts.count > 1 ? Array(parts[1].utf8) : [])
        // The value is 0.d₁d₂… · 10^point.
        var point = parts[0].utf8.count + exponent
        while digits.count > 1, digits.first == 0x30 {
            digits.removeFirst()
            point -= 1
        }
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        if digits == [0x30] { return sign + "0.0" }
        let text = String(decoding: digits, as: UTF8.self)
        let scientific = point - 1
        if scientific < -4 || scientific >= 16 {
            let fraction = text.count > 1 ? "." + text.dropFirst() : ""
            let magnitude = abs(scientific)
            return sign + text.prefix(1) + fraction + "e" + (scientific < 0 ? "-" : "+")
                + (magnitude < 10 ? "0" : "") + String(magnitude)
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text }
        if point >= digits.count { return sign + text + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + text.prefix(point) + "." + text.dropFirst(point)
    }

    /// `repr(str)`
    static func representation(of text: String) -> String {
        let quote: Unicode.Scalar = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? "\"" : "'"
        var output = String.UnicodeScalarView()
        output.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\":
                output.append("\\")
                output.append(scalar)
            case "\n": output.append(contentsOf: "\\n".unicodeScalars)
            case "\r": output.append(contentsOf: "\\r".unicodeScalars)
            case "\t": output.append(contentsOf: "\\t".unicodeScalars)
            case _ where !scalar.isPythonPrintable:
                let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                let digits = String(scalar.value, radix: 16)
                output.append(
                    contentsOf: ("\\" + mark + String(repeating: "0", count: width - digits.count) + digits)
                        .unicodeScalars)
            default: output.append(scalar)
            }
        }
        output.append(quote)
        return String(output)
    }
}

private struct Printer {
    let meter: Meter
    var output = ""
    private var depth = 0

    init(meter: Meter) { self.meter = meter }

    private mutating func write(_ text: String) throws {
        output += text
        guard output.utf8.count <= meter.limits.outputBytes else {
            throw Failure.limit(what: "bytes in a string", meter.limits.outputBytes)
        }
    }

    mutating func print(_ value: Value) throws {
        try meter.charge()
        depth += 1
        defer { depth -= 1 }
        // Namespaces may hold each other.
        guard depth <= Meter.nestingLimit + 1 else {
            throw Failure.limit(what: "nested containers", Meter.nestingLimit)
        }
        switch value {
        case .undefined: try write("Undefined")
        case .null: try write("None")
        case .bool(let value): try write(value ? "True" : "False")
        case .int(let value): try write(String(value))
        case .double(let value): try write(Value.representation(of: value))
        case .string(let text):
            try meter.charge(scanning: text)
            try write(Value.representation(of: text))
        case .list(let list): try print(list.elements, "[", "]")
        case .tuple(let list): try print(list.elements, "(", list.elements.count == 1 ? ",)" : ")")
        case .view(let kind, let list): try print(list.elements, "dict_\(kind.rawValue)([", "])")
        case .dictionary(let dictionary): try print(dictionary)
        case .range(let range):
            try write("range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))")
        case .namespace(let namespace):
            try write("<Namespace ")
            try print(namespace.attributes)
            try write(">")
        case .loop(let loop): try write("<LoopContext \(loop.index + 1)/\(loop.items.elements.count)>")
        case .generator: try write("<generator object>")
        case .callable(.macro(let macro)): try write("<Macro \(Value.representation(of: macro.definition.name))>")
        case .callable: try write("<function>")
        }
    }

    private mutating func print(_ elements: [Value], _ open: String, _ close: String) throws {
        try write(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { try write(", ") }
            try print(element)
        }
        try write(close)
    }

    private mutating func print(_ dictionary: Dictionary) throws {
        try write("{")
        for index in 0..<dictionary.count {
            if index > 0 { try write(", ") }
            try print(dictionary.keys[index])
            try write(": ")
            try print(dictionary.values[index])
        }
        try write("}")
    }
}
