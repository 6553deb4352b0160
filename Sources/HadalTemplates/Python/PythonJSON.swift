import HadalJSON

/// JSON as Python's `json` module writes it, with `ensure_ascii=False` unless asked otherwise: what `tojson` means in
/// Hugging Face's templates (Jinja's own escapes HTML).
enum PythonJSON {
    static func text(of value: Value, _ arguments: Arguments, _ meter: Meter) throws -> String {
        let values = try arguments.bound("ensure_ascii", "indent", "separators", "sort_keys", of: "tojson")
        var writer = Writer(meter: meter)
        writer.ensureASCII = values[0]?.isTrue ?? false
        switch values[1] {
        case nil, .some(.null): break
        case .some(.string(let text)): writer.indent = text
        case .some(let width):
            guard let width = width.integer else { throw Failure.type("indent must be an integer or a string") }
            try meter.charge(bytes: max(0, width))
            writer.indent = String(repeating: " ", count: max(0, width))
        }
        if writer.indent != nil { writer.itemSeparator = "," }
        if let separators = values[2], !separators.isNull {
            let parts = try separators.iterated(meter)
            guard parts.count == 2 else { throw Failure.value("separators must be a pair") }
            writer.itemSeparator = try parts[0].text(meter)
            writer.keySeparator = try parts[1].text(meter)
        }
        writer.sortsKeys = values[3]?.isTrue ?? false
        try writer.write(value, level: 0)
        return writer.output
    }

    static func text(of value: Value, _ meter: Meter) throws -> String {
        var writer = Writer(meter: meter)
        try writer.write(value, level: 0)
        return writer.output
    }

    /// `json.loads(text)`
    static func value(of text: String, _ meter: Meter) throws -> Value {
        try meter.charge(1 + text.utf8.count)
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw Failure.value(error.description) }
        return try Value(json)
    }

    private struct Writer {
        let meter: Meter
        var output = ""
        var ensureASCII = false
        var indent: String?
        var itemSeparator = ", "
        var keySeparator = ": "
        var sortsKeys = false

        init(meter: Meter) { self.meter = meter }

        mutating func write(_ value: Value, level: Int) throws {
            try meter.charge()
            guard output.utf8.count <= meter.limits.outputBytes else {
                throw Failure.limit(what: "bytes in a string", meter.limits.outputBytes)
            }
            switch value {
            case .null: output += "null"
            case .bool(let value): output += value ? "true" : "false"
            case .int(let value): output += String(value)
            case .double(let value): output += number(value)
            case .string(let text): try quote(text)
            case .list(let list), .tuple(let list):
                try write(list.elements, "[", "]", level) { writer, element in
                    try writer.write(element, level: level + 1)
                }
            case .dictionary(let dictionary): try write(dictionary, level)
            default: throw Failure.type("Object of type \(value.typeName) is not JSON serializable")
            }
        }

        private mutating func write<Element>(
            _ elements: [Element], _ open: String, _ close: String, _ level: Int,
            _ each: (inout Writer, Element) throws -> Void
        ) throws {
            output += open
            for (index, element) in elements.enumerated() {
                if index > 0 { output += itemSeparator }
                try newLine(level + 1)
                try each(&self, element)
            }
            if !elements.isEmpty { try newLine(level) }
            output += close
        }

        private mutating func newLine(_ level: Int) throws {
            guard let indent else { return }
            try meter.charge(bytes: try meter.product(indent.utf8.count, level))
            output += "\n" + String(repeating: indent, count: level)
        }

        private mutating func write(_ dictionary: Dictionary, _ level: Int) throws {
            var members = try zip(dictionary.keys, dictionary.values).map { (try name($0), $1) }
            if sortsKeys { members.sort { $0.0.isBefore($1.0) } }
            try write(members, "{", "}", level) { writer, member in
                try writer.quote(member.0)
                writer.output += writer.keySeparator
                try writer.write(member.1, level: level + 1)
            }
        }

        private func name(_ key: Value) throws -> String {
            switch key {
            case .string(let text): text
            case .null: "null"
            case .bool(let value): value ? "true" : "false"
            case .int(let value): String(value)
            case .double(let value): number(value)
            default: throw Failure.type("keys must be str, int, float, bool or None, not \(key.typeName)")
            }
        }

        private func number(_ value: Double) -> String {
            value.isNaN
                ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : Value.representation(of: value)
        }

        private mutating func quote(_ text: String) throws {
            try meter.charge(scanning: text)
            let quoted = JSON.quoted(text)
            guard ensureASCII else {
                output += quoted
                return
            }
            for scalar in quoted.unicodeScalars {
                if scalar.value < 0x7F {
                    output.unicodeScalars.append(scalar)
                } else {
                    for unit in UTF16.encode(scalar)! {
                        let digits = String(unit, radix: 16)
                        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }
                }
            }
        }
    }
}
