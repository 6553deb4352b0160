/// Jinja's filters for single values; those for sequences are in `SequenceFilters.swift`.
/// https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters
enum Filters {
    typealias Filter = @Sendable (Interpreter, Value, Arguments) throws -> Value

    static let table: [String: Filter] = text.merging(other) { first, _ in first }
        .merging(SequenceFilters.table) { first, _ in first }

    private static let text: [String: Filter] = [
        "upper": { try string($0, $1, $2, "upper") { $0.uppercased() } },
        "lower": { try string($0, $1, $2, "lower") { $0.lowercased() } },
        "capitalize": { try string($0, $1, $2, "capitalize") { $0.pythonCapitalized } },
        "title": { try string($0, $1, $2, "title", title) },
        "string": { try string($0, $1, $2, "string") { $0 } },
        // Without automatic escaping there is nothing to mark as safe.
        "safe": { try string($0, $1, $2, "safe") { $0 } },
        "e": { try string($0, $1, $2, "e", escaped) },
        "escape": { try string($0, $1, $2, "escape", escaped) },
        "forceescape": { try string($0, $1, $2, "forceescape", escaped) },
        "trim": { interpreter, value, arguments in
            let characters = try arguments.bound("chars", of: "trim")[0]
            let set: String? = if case .string(let text) = characters { text } else { nil }
            return try string(interpreter, value, Arguments(), "trim") { $0.stripped(of: set) }
        },
        "replace": { interpreter, value, arguments in
            let values = try arguments.bound("old", "new", "count", of: "replace", required: 2)
            let meter = interpreter.meter
            return .string(
                try StringMethods.replace(
                    try value.text(meter), try values[0]?.text(meter) ?? "", with: try values[1]?.text(meter) ?? "",
                    count: values[2]?.integer, meter))
        },
        "format": { interpreter, value, arguments in
            guard arguments.keyword.isEmpty || arguments.positional.isEmpty else {
                throw Failure.type("format takes positional or named arguments, not both")
            }
            let meter = interpreter.meter
            if arguments.keyword.isEmpty {
                return .string(
                    try PercentFormat.format(try value.text(meter), with: try .tuple(of: arguments.positional), meter))
            }
            var members = Dictionary()
            for (name, value) in arguments.keyword { try members.set(name, to: value) }
            return .string(try PercentFormat.format(try value.text(meter), with: .dictionary(members), meter))
        },
        "center": { interpreter, value, arguments in
            let width = try arguments.bound("width", of: "center")[0] ?? .int(80)
            let text = try value.text(interpreter.meter)
            return try StringMethods.call("center", of: text, Arguments([width]), interpreter)
        },
        "indent": indent, "truncate": truncate,
        "wordcount": { interpreter, value, _ in
            let text = try value.text(interpreter.meter)
            try interpreter.meter.charge(scanning: text)
            // Words are runs of letters, digits and underscores here.
            let isWord = { (scalar: Unicode.Scalar) in
                scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            }
            return .int(text.unicodeScalars.split { !isWord($0) }.count)
        },
    ]

    private static let other: [String: Filter] = [
        "default": fallback, "d": fallback,
        "tojson": { interpreter, value, arguments in
            .string(try PythonJSON.text(of: value, arguments, interpreter.meter))
        },
        // Not Jinja's: some templates parse tool-call arguments with it.
        "from_json": { interpreter, value, arguments in
            _ = try arguments.bound(of: "from_json")
            return try PythonJSON.value(of: try value.defined().text(interpreter.meter), interpreter.meter)
        },
        "abs": { _, value, _ in
            if case .double(let value) = try value.defined() { return .double(value.magnitude) }
            guard let integer = value.integer, integer != .min else {
                throw Failure.type("bad operand type for abs(): '\(value.typeName)'")
            }
            return .int(abs(integer))
        },
        "int": integer, "float": double, "round": round,
        "attr": { interpreter, value, arguments in
            let name = try arguments.bound("name", of: "attr", required: 1)[0] ?? .null
            // Only what the type offers, never the members of a dictionary.
            let found = try interpreter.attribute(try name.text(interpreter.meter), of: value)
            if case .dictionary = value, case .callable = found { return found }
            if case .dictionary = value {
                return .undefined(.attribute(try name.text(interpreter.meter), of: value.describedType))
            }
            return found
        },
    ]

    private static func string(
        _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments, _ name: String,
        _ change: (String) -> String
    ) throws -> Value {
        _ = try arguments.bound(of: name)
        let text = try value.text(interpreter.meter)
        try interpreter.meter.charge(scanning: text)
        let result = change(text)
        try interpreter.meter.charge(bytes: result.utf8.count)
        return .string(result)
    }

    /// Capitals at the start and after white space, hyphens and opening brackets; all else small.
    private static func title(_ text: String) -> String {
        var output = ""
        var atStart = true
        for scalar in text.unicodeScalars {
            output += atStart ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            atStart = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return output
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&#34;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    @Sendable private static func fallback(_: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bound("default_value", "boolean", of: "default")
        if case .undefined = value { return values[0] ?? .string("") }
        return values[1]?.isTrue ?? false && !value.isTrue ? values[0] ?? .string("") : value
    }

    @Sendable private static func indent(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("width", "first", "blank", of: "indent")
        let meter = interpreter.meter
        let text = try value.text(meter)
        let indentation: String
        if case .string(let given) = values[0] {
            indentation = given
        } else {
            let width = max(0, values[0]?.integer ?? 4)
            try meter.charge(bytes: width)
            indentation = String(repeating: " ", count: width)
        }
        let blank = values[2]?.isTrue ?? false
        let lines = (text + "\n").lines()
        try meter.charge(1 + lines.count)
        try meter.charge(bytes: text.utf8.count + (try meter.product(lines.count, indentation.utf8.count + 1)))
        var output = values[1]?.isTrue ?? false ? indentation : ""
        for (index, line) in lines.enumerated() {
            if index > 0 { output += "\n" + (blank || !line.isEmpty ? indentation : "") }
            output += line
        }
        return .string(output)
    }

    @Sendable private static func truncate(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("length", "killwords", "end", "leeway", of: "truncate")
        let text = try value.text(interpreter.meter)
        try interpreter.meter.charge(bytes: text.utf8.count)
        let end = try values[2]?.text(interpreter.meter) ?? "..."
        let length = values[0]?.integer ?? 255
        let leeway = values[3]?.integer ?? 5
        let endCount = end.unicodeScalars.count
        guard length >= endCount, leeway >= 0 else { throw Failure.value("truncate: length or leeway too small") }
        guard text.unicodeScalars.count > length.addingReportingOverflow(leeway).partialValue else {
            return .string(text)
        }
        let kept = String(text.unicodeScalars.prefix(length - endCount))
        if values[1]?.isTrue ?? false { return .string(kept + end) }
        let cut = kept.unicodeScalars.lastIndex(of: " ").map { String(kept.unicodeScalars[..<$0]) } ?? kept
        return .string(cut + end)
    }

    @Sendable private static func integer(_: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bound("default", "base", of: "int")
        let fallback = values[0] ?? .int(0)
        switch try value.defined() {
        case .double(let value): return Int(exactly: value.rounded(.towardZero)).map { .int($0) } ?? fallback
        case .string(let text):
            var digits = text.stripped(of: nil).replacing("_", with: "").lowercased()
            let base = values[1]?.integer ?? 10
            guard (2...36).contains(base) else { return fallback }
            if let prefix = [16: "0x", 8: "0o", 2: "0b"][base], digits.hasPrefix(prefix) { digits.removeFirst(2) }
            if let integer = Int(digits, radix: base) { return .int(integer) }
            guard let double = Value.number(parsing: text), let integer = Int(exactly: double.rounded(.towardZero))
            else {
                return fallback
            }
            return .int(integer)
        default: return value.integer.map { .int($0) } ?? fallback
        }
    }

    @Sendable private static func double(_: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let fallback = try arguments.bound("default", of: "float")[0] ?? .double(0)
        switch try value.defined() {
        case .double: return value
        case .string(let text): return Value.number(parsing: text).map { .double($0) } ?? fallback
        default: return value.integer.map { .double(Double($0)) } ?? fallback
        }
    }

    @Sendable private static func round(_: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bound("precision", "method", of: "round")
        let precision = values[0]?.integer ?? 0
        let number: Double
        switch try value.defined() {
        case .double(let value): number = value
        default:
            guard let integer = value.integer else { throw Failure.type("round needs a number, not \(value.typeName)") }
            number = Double(integer)
        }
        let method: String = if case .string(let method) = values[1] { method } else { "common" }
        guard abs(precision) <= 300 else { throw Failure.value("round: precision out of range") }
        switch method {
        case "common":
            // Python rounds integers to integers.
            if case .double = value { return .double(Value.rounded(number, to: precision)) }
            return .int(Int(exactly: Value.rounded(number, to: min(0, precision))) ?? value.integer ?? 0)
        case "ceil", "floor":
            let scale = Value.power(of: precision)
            return .double((number * scale).rounded(method == "ceil" ? .up : .down) / scale)
        default: throw Failure.problem("method must be common, ceil or floor")
        }
    }
}
