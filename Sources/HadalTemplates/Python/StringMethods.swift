/// Methods of `str`.
enum StringMethods {
    static func call(_ name: String, of text: String, _ arguments: Arguments, _ interpreter: Interpreter) throws
        -> Value
    {
        let meter = interpreter.meter
        try meter.charge(scanning: text)
        if name == "format" {
            var format = BraceFormat(arguments, interpreter)
            let result = try format.format(text)
            try meter.charge(bytes: result.utf8.count)
            return .string(result)
        }
        if let predicate = predicates[name] {
            _ = try arguments.bound(of: name)
            return .bool(predicate(text))
        }
        if let conversion = conversions[name] {
            _ = try arguments.bound(of: name)
            let result = conversion(text)
            try meter.charge(bytes: result.utf8.count)
            return .string(result)
        }
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try characters(arguments.bound("chars", of: name)[0], name)
            return .string(text.stripped(of: characters, left: name != "rstrip", right: name != "lstrip"))
        case "startswith", "endswith": return .bool(try hasEnd(text, name, arguments))
        case "removeprefix", "removesuffix":
            let part = try string(arguments, 0, name)
            if name == "removeprefix" {
                return .string(text.utf8.starts(with: part.utf8) ? text.bytes(part.utf8.count..<text.utf8.count) : text)
            }
            return .string(ends(text, with: part) ? text.bytes(0..<text.utf8.count - part.utf8.count) : text)
        case "split", "rsplit": return try split(text, name, arguments, meter)
        case "splitlines":
            let keep = try arguments.bound("keepends", of: name)[0]?.isTrue ?? false
            let lines = text.lines(keepingEnds: keep)
            try meter.charge(elements: lines.count)
            return try .list(of: lines.map { .string($0) })
        case "partition", "rpartition": return try partition(text, name, arguments)
        case "replace":
            let values = try arguments.bound("old", "new", "count", of: name, required: 2)
            return .string(
                try replace(
                    text, try asString(values[0], name), with: try asString(values[1], name), count: values[2]?.integer,
                    meter))
        case "find", "rfind", "index", "rindex", "count": return try search(text, name, arguments)
        case "join":
            let values = try arguments.bound("iterable", of: name, required: 1)[0] ?? .null
            return .string(
                try join(
                    try values.iterated(meter).map { value in
                        guard case .string(let part) = value else {
                            throw Failure.type("join: expected str instance, \(value.typeName) found")
                        }
                        return part
                    }, with: text, meter))
        case "center", "ljust", "rjust", "zfill": return .string(try pad(text, name, arguments, meter))
        default: throw Failure.type("'str' has no method '\(name)'")
        }
    }

    /// Without a count, or with a negative one, all are replaced.
    static func replace(_ text: String, _ old: String, with new: String, count: Int?, _ meter: Meter) throws -> String {
        let limit = count.map { $0 < 0 ? .max : $0 } ?? .max
        let ranges = text.ranges(of: old, limit: limit)
        try meter.charge(1 + ranges.count)
        try meter.charge(bytes: text.utf8.count + (try meter.product(ranges.count, new.utf8.count)))
        return text.replacing(ranges, with: new)
    }

    static func join(_ parts: [String], with separator: String, _ meter: Meter) throws -> String {
        let bytes = parts.reduce(0) { $0 + $1.utf8.count }
        try meter.charge(bytes: bytes + (try meter.product(max(0, parts.count - 1), separator.utf8.count)))
        return parts.joined(separator: separator)
    }

    private static let conversions: [String: @Sendable (String) -> String] = [
        "upper": { $0.uppercased() }, "lower": { $0.lowercased() }, "casefold": { $0.lowercased() },
        "title": { $0.pythonTitle }, "capitalize": { $0.pythonCapitalized },
        "swapcase": { text in
            text.unicodeScalars.map {
                $0.properties.isUppercase ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping
            }.joined()
        },
    ]

    private static func all(_ text: String, _ property: (Unicode.Scalar) -> Bool) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(property)
    }

    static let predicates: [String: @Sendable (String) -> Bool] = [
        "isascii": { $0.utf8.allSatisfy { $0 < 0x80 } },
        "isspace": { all($0, \.isPythonSpace) },
        "isalpha": { all($0, isAlphabetic) },
        "isdigit": { all($0) { $0.properties.numericType == .decimal || $0.properties.numericType == .digit } },
        "isdecimal": { all($0) { $0.properties.numericType == .decimal } },
        "isnumeric": { all($0) { $0.properties.numericType != nil } },
        "isalnum": { all($0) { isAlphabetic($0) || $0.properties.numericType != nil } },
        "isupper": { text in
            text.unicodeScalars.contains(where: \.isCased)
                && !text.unicodeScalars.contains { $0.properties.isLowercase || $0.isTitlecase }
        },
        "islower": { text in
            text.unicodeScalars.contains(where: \.isCased)
                && !text.unicodeScalars.contains { $0.properties.isUppercase || $0.isTitlecase }
        },
        "istitle": { text in text.unicodeScalars.contains(where: \.isCased) && text.pythonTitle.isSame(as: text) },
    ]

    private static func isAlphabetic(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    private static func asString(_ value: Value?, _ method: String) throws -> String {
        guard case .string(let text) = try value?.defined() else {
            throw Failure.type("\(method)() takes strings, not \(value?.typeName ?? "nothing")")
        }
        return text
    }

    private static func string(_ arguments: Arguments, _ index: Int, _ method: String) throws -> String {
        try asString(arguments.positional.indices.contains(index) ? arguments.positional[index] : nil, method)
    }

    private static func characters(_ value: Value?, _ method: String) throws -> String? {
        switch value {
        case nil, .some(.null): nil
        default: try asString(value, method)
        }
    }

    private static func ends(_ text: String, with part: String) -> Bool {
        text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
    }

    private static func hasEnd(_ text: String, _ name: String, _ arguments: Arguments) throws -> Bool {
        let values = try arguments.bound("prefix", "start", "end", of: name, required: 1)
        let part = window(text, values[1], values[2])
        func matches(_ candidate: String) -> Bool {
            name == "startswith" ? part.utf8.starts(with: candidate.utf8) : ends(part, with: candidate)
        }
        if case .tuple(let candidates) = values[0] {
            return try candidates.elements.contains { matches(try asString($0, name)) }
        }
        return matches(try asString(values[0], name))
    }

    /// `text[start:end]` for the optional bounds of `find` and its kin.
    private static func window(_ text: String, _ start: Value?, _ end: Value?) -> String {
        guard start?.integer != nil || end?.integer != nil else { return text }
        let scalars = text.unicodeScalars
        let count = scalars.count
        func clamped(_ bound: Int) -> Int { min(max(bound < 0 ? bound &+ count : bound, 0), count) }
        let first = clamped(start?.integer ?? 0)
        return String(scalars.dropFirst(first).prefix(max(0, clamped(end?.integer ?? count) - first)))
    }

    private static func search(_ text: String, _ name: String, _ arguments: Arguments) throws -> Value {
        let values = try arguments.bound("sub", "start", "end", of: name, required: 1)
        let part = try asString(values[0], name)
        let window = window(text, values[1], values[2])
        let ranges = window.ranges(of: part, limit: name == "find" || name == "index" ? 1 : .max)
        if name == "count" { return .int(ranges.count) }
        var found = ranges.first?.lowerBound
        if name.hasPrefix("r") {
            // The last place may overlap one found from the left.
            found = lastPlace(of: part, in: window)
        }
        guard let found else {
            if name.hasSuffix("index") { throw Failure.value("substring not found") }
            return .int(-1)
        }
        let skipped = values[1]?.integer.map { start in
            let count = text.unicodeScalars.count
            return min(max(start < 0 ? start &+ count : start, 0), count)
        }
        return .int((skipped ?? 0) + window.bytes(0..<found).unicodeScalars.count)
    }

    private static func lastPlace(of part: String, in text: String) -> Int? {
        func reversed(_ text: String) -> String { String(text.unicodeScalars.reversed()) }
        return reversed(text).firstRange(of: reversed(part)).map { text.utf8.count - $0.upperBound }
    }

    private static func split(_ text: String, _ name: String, _ arguments: Arguments, _ meter: Meter) throws -> Value {
        let values = try arguments.bound("sep", "maxsplit", of: name)
        let limit = values[1]?.integer.map { $0 < 0 ? .max : $0 } ?? .max
        let separator = try characters(values[0], name)
        let pieces: [String]
        if let separator {
            guard !separator.isEmpty else { throw Failure.value("empty separator") }
            if name == "rsplit", limit < .max {
                let reversed = { (text: String) in String(text.unicodeScalars.reversed()) }
                let text = reversed(text)
                let ranges = text.ranges(of: reversed(separator), limit: limit)
                pieces = text.pieces(between: ranges).reversed().map(reversed)
            } else {
                pieces = text.pieces(between: text.ranges(of: separator, limit: limit))
            }
        } else if name == "rsplit", limit < .max {
            let reversed = { (text: String) in String(text.unicodeScalars.reversed()) }
            pieces = reversed(text).words(limit: limit).reversed().map(reversed)
        } else {
            pieces = text.words(limit: limit)
        }
        try meter.charge(elements: pieces.count)
        return try .list(of: pieces.map { .string($0) })
    }

    private static func partition(_ text: String, _ name: String, _ arguments: Arguments) throws -> Value {
        let separator = try asString(try arguments.bound("sep", of: name, required: 1)[0], name)
        guard !separator.isEmpty else { throw Failure.value("empty separator") }
        let place =
            name == "partition" ? text.firstRange(of: separator)?.lowerBound : lastPlace(of: separator, in: text)
        guard let place else {
            return try .tuple(of: (name == "partition" ? [text, "", ""] : ["", "", text]).map { .string($0) })
        }
        let rest = text.bytes(place + separator.utf8.count..<text.utf8.count)
        return try .tuple(of: [.string(text.bytes(0..<place)), .string(separator), .string(rest)])
    }

    private static func pad(_ text: String, _ name: String, _ arguments: Arguments, _ meter: Meter) throws -> String {
        let values = try arguments.bound("width", "fillchar", of: name, required: 1)
        guard let width = values[0]?.integer else { throw Failure.type("\(name)() needs an integer width") }
        let fill = try values[1].map { try asString($0, name) } ?? " "
        guard fill.unicodeScalars.count == 1 else { throw Failure.type("the fill character must be one character") }
        let missing = width.subtractingReportingOverflow(text.unicodeScalars.count).partialValue
        guard missing > 0 else { return text }
        try meter.charge(bytes: try meter.product(missing, fill.utf8.count) + text.utf8.count)
        func filler(_ count: Int, _ fill: String) -> String { String(repeating: fill, count: count) }
        switch name {
        case "ljust": return text + filler(missing, fill)
        case "rjust": return filler(missing, fill) + text
        case "zfill":
            let sign = text.unicodeScalars.first.map { $0 == "+" || $0 == "-" } ?? false
            return sign ? text.prefix(1) + filler(missing, "0") + text.dropFirst() : filler(missing, "0") + text
        default:
            // CPython puts the odd blank left when the width is odd.
            let left = missing / 2 + (missing & width & 1)
            return filler(left, fill) + text + filler(missing - left, fill)
        }
    }
}
