import Foundation

/// `[[fill]align][sign][#][0][width][,][.precision][type]`, the small language of `str.format` and, in part, of `%`.
/// https://docs.python.org/3/library/string.html#format-specification-mini-language
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    var align: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var alternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    /// Python allows far more; nobody needs it in a prompt.
    private static let precisionLimit = 100

    init() {}

    init(parsing text: String) throws {
        var rest = Array(text.unicodeScalars)[...]
        let aligns: Set<Unicode.Scalar> = ["<", ">", "=", "^"]
        if rest.count > 1, aligns.contains(rest[rest.startIndex + 1]) {
            fill = rest.removeFirst()
            align = rest.removeFirst()
        } else if let first = rest.first, aligns.contains(first) {
            align = rest.removeFirst()
        }
        if let first = rest.first, first == "+" || first == "-" || first == " " { sign = rest.removeFirst() }
        if rest.first == "#" {
            alternate = true
            rest.removeFirst()
        }
        if rest.first == "0" {
            if align == nil {
                fill = "0"
                align = "="
            }
            rest.removeFirst()
        }
        width = try FormatSpecification.number(&rest) ?? 0
        if let first = rest.first, first == "," || first == "_" { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = try FormatSpecification.number(&rest) else {
                throw Failure.value("format needs a precision")
            }
            precision = digits
        }
        type = rest.popFirst()
        guard rest.isEmpty else { throw Failure.value("invalid format specifier '\(text)'") }
    }

    static func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws -> Int? {
        var value: Int?
        while let digit = rest.first, digit.isASCIIDigit {
            rest.removeFirst()
            value = (value ?? 0) * 10 + Int(digit.value - 0x30)
            guard value ?? 0 <= 1 << 30 else { throw Failure.value("too many decimal digits in a format") }
        }
        return value
    }

    func format(_ value: Value, _ meter: Meter) throws -> String {
        switch value {
        case .string(let text):
            guard type == nil || type == "s" else { throw unknownType(value) }
            return try padded("", precision.map { String(text.unicodeScalars.prefix($0)) } ?? text, "<", meter)
        case .int, .bool, .double: return try number(value, meter)
        default:
            guard type == nil, width == 0, precision == nil, align == nil else {
                throw Failure.type("unsupported format string passed to \(value.typeName).__format__")
            }
            return try value.text(meter)
        }
    }

    private func unknownType(_ value: Value) -> Failure {
        .value("unknown format code '\(type.map(String.init) ?? "")' for object of type '\(value.typeName)'")
    }

    private func number(_ value: Value, _ meter: Meter) throws -> String {
        if let integer = value.integer, type.map({ "dbBoxXn".unicodeScalars.contains($0) }) ?? true {
            if type == nil, case .bool = value, width == 0 { return try value.text(meter) }
            let radix = ["b": 2, "o": 8, "x": 16, "X": 16][type ?? "d"] ?? 10
            let digits = String(integer.magnitude, radix: radix, uppercase: type == "X")
            let prefix = alternate && radix != 10 ? "0" + String(type ?? "d") : ""
            return try padded(signText(integer < 0) + prefix, grouped(digits), ">", meter)
        }
        let double: Double
        if case .double(let value) = value { double = value } else { double = Double(value.integer ?? 0) }
        let digits = try digits(of: double, value)
        return try padded(signText(double.sign == .minus && !double.isNaN), digits, ">", meter)
    }

    private func digits(of value: Double, _ original: Value) throws -> String {
        let precision = self.precision ?? 6
        guard precision <= FormatSpecification.precisionLimit else { throw Failure.value("precision too large") }
        let magnitude = value.magnitude
        guard magnitude.isFinite else { return magnitude.isNaN ? "nan" : "inf" }
        switch type {
        case nil where self.precision == nil: return grouped(Value.representation(of: magnitude))
        case "f", "F": return grouped(String(format: "%.\(precision)f", magnitude))
        case "e", "E": return String(format: "%.\(precision)\(type ?? "e")", magnitude)
        case "g", "G", "n", nil: return String(format: "%.\(max(1, precision))\(type == "G" ? "G" : "g")", magnitude)
        case "%": return String(format: "%.\(precision)f", magnitude * 100) + "%"
        default: throw unknownType(original)
        }
    }

    private func signText(_ negative: Bool) -> String { negative ? "-" : sign == "-" ? "" : String(sign) }

    private func grouped(_ digits: String) -> String {
        guard let grouping else { return digits }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var output = ""
        for (index, digit) in parts[0].enumerated() {
            if index > 0, (parts[0].count - index) % 3 == 0 { output.unicodeScalars.append(grouping) }
            output.append(digit)
        }
        return parts.count > 1 ? output + "." + parts[1] : output
    }

    private func padded(_ sign: String, _ body: String, _ natural: Unicode.Scalar, _ meter: Meter) throws -> String {
        let missing = width - sign.unicodeScalars.count - body.unicodeScalars.count
        guard missing > 0 else { return sign + body }
        try meter.charge(bytes: try meter.product(missing, 4) + body.utf8.count)
        func filler(_ count: Int) -> String { String(repeating: String(fill), count: count) }
        return switch align ?? natural {
        case "<": sign + body + filler(missing)
        case "^": filler(missing / 2) + sign + body + filler(missing - missing / 2)
        case "=": sign + filler(missing) + body
        default: filler(missing) + sign + body
        }
    }
}

/// `'…' % values`
enum PercentFormat {
    static func format(_ format: String, with values: Value, _ meter: Meter) throws -> String {
        var output = ""
        var rest = Array(format.unicodeScalars)[...]
        var arguments: [Value] = if case .tuple(let list) = values { list.elements } else { [values] }
        arguments.reverse()
        func next() throws -> Value {
            guard let value = arguments.popLast() else { throw Failure.type("not enough arguments for format string") }
            return value
        }
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                output.unicodeScalars.append(scalar)
                continue
            }
            var value: Value?
            if rest.first == "(" {
                guard let end = rest.firstIndex(of: ")"), case .dictionary(let dictionary) = values else {
                    throw Failure.type("format requires a mapping")
                }
                let key = String(rest[rest.startIndex + 1..<end])
                guard let member = dictionary[key] else { throw Failure.problem("KeyError: '\(key)'") }
                value = member
                arguments = []
                rest = rest[(end + 1)...]
            }
            var specification = FormatSpecification()
            specification.align = ">"
            while let flag = rest.first, "-+ #0".unicodeScalars.contains(flag) {
                rest.removeFirst()
                switch flag {
                case "-": specification.align = "<"
                case "+": specification.sign = "+"
                case " ": if specification.sign != "+" { specification.sign = " " }
                case "#": specification.alternate = true
                default:
                    if specification.align != "<" {
                        specification.align = "="
                        specification.fill = "0"
                    }
                }
            }
            specification.width = try FormatSpecification.number(&rest) ?? 0
            if rest.first == "." {
                rest.removeFirst()
                specification.precision = try FormatSpecification.number(&rest) ?? 0
            }
            guard let type = rest.popFirst() else { throw Failure.value("incomplete format") }
            if type == "%" {
                output += "%"
                continue
            }
            output += try one(type, value ?? next(), &specification, meter)
            try meter.charge(1 + output.utf8.count / 1024)
            guard output.utf8.count <= meter.limits.outputBytes else {
                throw Failure.limit(what: "bytes in a string", meter.limits.outputBytes)
            }
        }
        if !arguments.isEmpty {
            switch values {
            case .dictionary, .list: break
            default: throw Failure.type("not all arguments converted during string formatting")
            }
        }
        return output
    }

    private static func one(
        _ type: Unicode.Scalar, _ value: Value, _ specification: inout FormatSpecification, _ meter: Meter
    ) throws -> String {
        switch type {
        case "s", "r", "a":
            // A zero flag means nothing to strings.
            if specification.align == "=" { (specification.align, specification.fill) = (">", " ") }
            let text = type == "s" ? try value.text(meter) : try value.representation(meter)
            return try specification.format(.string(text), meter)
        case "d", "i", "u", "x", "X", "o":
            specification.type = type == "i" || type == "u" ? "d" : type
            specification.precision = nil
            if case .double(let double) = value, let integer = Int(exactly: double.rounded(.towardZero)) {
                return try specification.format(.int(integer), meter)
            }
            guard let integer = value.integer else {
                throw Failure.type("%\(type) format: a real number is required, not \(value.typeName)")
            }
            return try specification.format(.int(integer), meter)
        case "f", "F", "e", "E", "g", "G":
            specification.type = type
            if case .double = value { return try specification.format(value, meter) }
            guard let integer = value.integer else {
                throw Failure.type("must be real number, not \(value.typeName)")
            }
            return try specification.format(.double(Double(integer)), meter)
        default: throw Failure.value("unsupported format character '\(type)'")
        }
    }
}

/// `str.format`, without a way from values to their classes.
struct BraceFormat {
    let arguments: Arguments
    let interpreter: Interpreter
    private var next = 0

    init(_ arguments: Arguments, _ interpreter: Interpreter) {
        self.arguments = arguments
        self.interpreter = interpreter
    }

    mutating func format(_ text: String) throws -> String { try format(Array(text.unicodeScalars)[...], nested: false) }

    private mutating func format(_ text: ArraySlice<Unicode.Scalar>, nested: Bool) throws -> String {
        var output = ""
        var rest = text
        while let scalar = rest.popFirst() {
            switch scalar {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                rest.removeFirst()
                output.unicodeScalars.append(scalar)
            case "{":
                var depth = 1
                guard
                    let end = rest.firstIndex(where: { scalar in
                        if scalar == "{" { depth += 1 }
                        if scalar == "}" { depth -= 1 }
                        return depth == 0
                    })
                else { throw Failure.value("expected '}' before end of string") }
                output += try field(rest[..<end], nested: nested)
                rest = rest[(end + 1)...]
                try interpreter.meter.charge(1 + output.utf8.count / 1024)
                guard output.utf8.count <= interpreter.meter.limits.outputBytes else {
                    throw Failure.limit(what: "bytes in a string", interpreter.meter.limits.outputBytes)
                }
            case "}": throw Failure.value("single '}' encountered in format string")
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private mutating func field(_ text: ArraySlice<Unicode.Scalar>, nested: Bool) throws -> String {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let bang = text[..<colon].firstIndex(of: "!") ?? colon
        var value = try lookUp(text[..<bang])
        if bang < colon {
            switch String(text[(bang + 1)..<colon]) {
            case "s": value = .string(try value.text(interpreter.meter))
            case "r", "a": value = .string(try value.representation(interpreter.meter))
            default: throw Failure.value("unknown conversion specifier")
            }
        }
        guard colon < text.endIndex else { return try value.text(interpreter.meter) }
        guard !nested else { throw Failure.value("max string recursion exceeded") }
        let specification = try format(text[(colon + 1)...], nested: true)
        return try FormatSpecification(parsing: specification).format(value, interpreter.meter)
    }

    private mutating func lookUp(_ path: ArraySlice<Unicode.Scalar>) throws -> Value {
        let end = path.firstIndex { $0 == "." || $0 == "[" } ?? path.endIndex
        let name = String(path[..<end])
        var value: Value
        if name.isEmpty || Int(name) != nil {
            let index = Int(name) ?? next
            if name.isEmpty { next += 1 }
            guard arguments.positional.indices.contains(index) else {
                throw Failure.problem("IndexError: replacement index \(index) out of range")
            }
            value = arguments.positional[index]
        } else {
            guard let found = arguments.keyword.first(where: { $0.name == name }) else {
                throw Failure.problem("KeyError: '\(name)'")
            }
            value = found.value
        }
        var rest = path[end...]
        while let mark = rest.popFirst() {
            if mark == "." {
                let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
                value = try interpreter.attribute(String(rest[..<end]), of: value)
                rest = rest[end...]
            } else {
                guard mark == "[", let end = rest.firstIndex(of: "]") else {
                    throw Failure.value("missing ']' in format string")
                }
                let key = String(rest[..<end])
                value = try interpreter.item(Int(key).map { .int($0) } ?? .string(key), of: value)
                rest = rest[(end + 1)...]
            }
        }
        return try value.defined()
    }
}
