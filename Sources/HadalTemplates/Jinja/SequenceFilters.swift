/// Jinja's filters for sequences and mappings.
enum SequenceFilters {
    static let table: [String: Filters.Filter] = [
        "length": length, "count": length, "join": join, "items": items, "dictsort": dictsort,
        "list": { interpreter, value, _ in
            let elements = try value.iterated(interpreter.meter)
            try interpreter.meter.charge(elements: elements.count)
            return try .list(of: elements)
        },
        "first": { interpreter, value, _ in
            if case .generator(let generator) = value { return generator.takeFirst() ?? empty("first") }
            return try value.iterated(interpreter.meter).first ?? empty("first")
        },
        "last": { interpreter, value, _ in
            if case .generator = value { throw Failure.type("'generator' object is not reversible") }
            return try value.iterated(interpreter.meter).last ?? empty("last")
        },
        "reverse": { interpreter, value, _ in
            if case .string(let text) = value {
                try interpreter.meter.charge(bytes: text.utf8.count)
                return .string(String(text.unicodeScalars.reversed()))
            }
            let elements = try value.iterated(interpreter.meter)
            try interpreter.meter.charge(elements: elements.count)
            return .generator(try Generator(elements.reversed()))
        },
        "sort": sort, "unique": unique, "sum": sum, "batch": batch, "slice": slice,
        "min": { try extreme($0, $1, $2, "min") }, "max": { try extreme($0, $1, $2, "max") },
        "map": map,
        "select": { try select($0, $1, $2, keeping: true) }, "reject": { try select($0, $1, $2, keeping: false) },
        "selectattr": { try select($0, $1, $2, keeping: true, byAttribute: true) },
        "rejectattr": { try select($0, $1, $2, keeping: false, byAttribute: true) },
    ]

    private static func empty(_ what: String) -> Value {
        .undefined(.reason("no \(what) item, the sequence was empty"))
    }

    @Sendable private static func length(_ interpreter: Interpreter, _ value: Value, _: Arguments) throws -> Value {
        if case .string(let text) = value { try interpreter.meter.charge(scanning: text) }
        guard let length = value.length else { throw Failure.type("object of type '\(value.typeName)' has no len()") }
        return .int(length)
    }

    /// `a.b.0` of a value, as `map(attribute=…)`, `sort(attribute=…)` and others take it.
    private static func attribute(
        _ path: Value, of value: Value, default fallback: Value? = nil, _ interpreter: Interpreter
    ) throws -> Value {
        try interpreter.meter.charge()
        guard case .string(let text) = path else { return try interpreter.item(path, of: value) }
        try interpreter.meter.charge(scanning: text)
        var result = value
        for part in text.utf8.contains(UInt8(ascii: ".")) ? text.split(separator: ".").map(String.init) : [text] {
            try interpreter.meter.charge()
            result = try interpreter.item(Int(part).map { .int($0) } ?? .string(part), of: result)
            if case .undefined = result, let fallback { result = fallback }
        }
        return result
    }

    /// What decides the order of elements: an attribute, in small letters unless case counts.
    private static func keys(
        _ elements: [Value], attribute path: Value?, caseSensitive: Bool, _ interpreter: Interpreter
    ) throws -> [Value] {
        try interpreter.meter.charge(elements: elements.count)
        return try elements.map { element in
            var key = element
            if let path, !path.isNull { key = try attribute(path, of: element, interpreter) }
            guard !caseSensitive, case .string(let text) = key else { return key }
            try interpreter.meter.charge(scanning: text)
            return .string(text.lowercased())
        }
    }

    /// The order that sorts `keys`, equal ones as they came.
    private static func order(_ keys: [Value], descending: Bool, _ meter: Meter) throws -> [Int] {
        try keys.indices.sorted { first, second in
            let (a, b) = descending ? (keys[second], keys[first]) : (keys[first], keys[second])
            if try Value.isLess(a, b, "<", meter) { return true }
            if try Value.isLess(b, a, "<", meter) { return false }
            return first < second
        }
    }

    @Sendable private static func sort(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("reverse", "case_sensitive", "attribute", of: "sort")
        let elements = try value.iterated(interpreter.meter)
        let descending = values[0]?.isTrue ?? false
        // `attribute="a,b"` sorts by several.
        var paths: [Value] = [values[2] ?? .null]
        if case .string(let text) = values[2], text.utf8.contains(UInt8(ascii: ",")) {
            paths = text.split(separator: ",").map { .string(String($0)) }
        }
        let columns = try paths.map {
            try keys(elements, attribute: $0, caseSensitive: values[1]?.isTrue ?? false, interpreter)
        }
        let rows =
            columns.count == 1
            ? columns[0] : try elements.indices.map { row in try .tuple(of: columns.map { $0[row] }) }
        return try .list(of: try order(rows, descending: descending, interpreter.meter).map { elements[$0] })
    }

    @Sendable private static func dictsort(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("case_sensitive", "by", "reverse", of: "dictsort")
        guard case .dictionary(let dictionary) = try value.defined() else {
            throw Failure.type("dictsort needs a mapping, not \(value.typeName)")
        }
        let by = try values[1]?.text(interpreter.meter) ?? "key"
        guard by == "key" || by == "value" else { throw Failure.problem("you can only sort by 'key' or 'value'") }
        let keys = try keys(
            by == "key" ? dictionary.keys : dictionary.values, attribute: nil,
            caseSensitive: values[0]?.isTrue ?? false, interpreter)
        let items = try dictionary.items()
        return try .list(
            of: try order(keys, descending: values[2]?.isTrue ?? false, interpreter.meter).map { items[$0] })
    }

    @Sendable private static func unique(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("case_sensitive", "attribute", of: "unique")
        let elements = try value.iterated(interpreter.meter)
        let keys = try keys(
            elements, attribute: values[1], caseSensitive: values[0]?.isTrue ?? false, interpreter)
        var seen: Set<Dictionary.Key> = []
        return .generator(
            try Generator(
                try zip(elements, keys).filter { try seen.insert(Dictionary.Key($1, interpreter.meter)).inserted }.map(
                    \.0)))
    }

    private static func extreme(
        _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments, _ name: String
    ) throws -> Value {
        let values = try arguments.bound("case_sensitive", "attribute", of: name)
        let elements = try value.iterated(interpreter.meter)
        let keys = try keys(
            elements, attribute: values[1], caseSensitive: values[0]?.isTrue ?? false, interpreter)
        guard var best = keys.indices.first else {
            return .undefined(.reason("no aggregated item, sequence was empty"))
        }
        for index in keys.indices.dropFirst() {
            let (a, b) = name == "min" ? (keys[index], keys[best]) : (keys[best], keys[index])
            if try Value.isLess(a, b, "<", interpreter.meter) { best = index }
        }
        return elements[best]
    }

    @Sendable private static func sum(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("attribute", "start", of: "sum")
        var total = values[1] ?? .int(0)
        for element in try value.iterated(interpreter.meter) {
            var term = element
            if let path = values[0], !path.isNull { term = try attribute(path, of: element, interpreter) }
            try interpreter.meter.charge()
            total = try Value.arithmetic(.add, total, term, interpreter.meter)
        }
        return total
    }

    @Sendable private static func join(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("d", "attribute", of: "join")
        let meter = interpreter.meter
        let parts = try value.iterated(meter).map { element in
            try meter.charge()
            guard let path = values[1], !path.isNull else { return try element.text(meter) }
            return try attribute(path, of: element, interpreter).text(meter)
        }
        return .string(try StringMethods.join(parts, with: try values[0]?.text(meter) ?? "", meter))
    }

    @Sendable private static func items(_ interpreter: Interpreter, _ value: Value, _: Arguments) throws -> Value {
        switch value {
        case .undefined: return .generator(try Generator([]))
        case .dictionary(let dictionary):
            try interpreter.meter.charge(1 + dictionary.count)
            return .generator(try Generator(try dictionary.items()))
        default: throw Failure.type("can only get item pairs from a mapping, not \(value.typeName)")
        }
    }

    @Sendable private static func batch(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("linecount", "fill_with", of: "batch", required: 1)
        let elements = try value.iterated(interpreter.meter)
        guard let size = values[0]?.integer, size > 0 else { throw Failure.value("batch needs a positive size") }
        try interpreter.meter.charge(elements: elements.count)
        if let fill = values[1], !fill.isNull, size > interpreter.meter.limits.elements {
            _ = fill
            throw Failure.limit(what: "elements", interpreter.meter.limits.elements)
        }
        return .generator(
            try Generator(
                try stride(from: 0, to: elements.count, by: size).map { start in
                    var row = Array(elements[start..<start + min(size, elements.count - start)])
                    if let fill = values[1], !fill.isNull {
                        row += Array(repeating: fill, count: size - row.count)
                    }
                    return try .list(of: row)
                }))
    }

    @Sendable private static func slice(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let values = try arguments.bound("slices", "fill_with", of: "slice", required: 1)
        let elements = try value.iterated(interpreter.meter)
        guard let count = values[0]?.integer, count > 0 else { throw Failure.value("slice needs a positive count") }
        try interpreter.meter.charge(elements: count)
        try interpreter.meter.charge(elements: elements.count)
        let (size, longer) = elements.count.quotientAndRemainder(dividingBy: count)
        var start = 0
        return .generator(
            try Generator(
                try (0..<count).map { index in
                    let end = start + size + (index < longer ? 1 : 0)
                    defer { start = end }
                    var row = Array(elements[start..<end])
                    if let fill = values[1], !fill.isNull, index >= longer { row.append(fill) }
                    return try .list(of: row)
                }))
    }

    @Sendable private static func map(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws
        -> Value
    {
        let elements = try value.iterated(interpreter.meter)
        try interpreter.meter.charge(elements: elements.count)
        if arguments.positional.isEmpty, arguments.keyword.contains(where: { $0.name == "attribute" }) {
            let values = try arguments.bound("attribute", "default", of: "map", required: 1)
            return .generator(
                try Generator(
                    try elements.map {
                        try attribute(values[0] ?? .null, of: $0, default: values[1], interpreter)
                    }))
        }
        guard case .string(let name) = arguments.positional.first else {
            throw Failure.problem("map requires a filter argument")
        }
        var rest = arguments
        rest.positional.removeFirst()
        return .generator(try Generator(try elements.map { try interpreter.filter(name, $0, rest) }))
    }

    private static func select(
        _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments, keeping: Bool, byAttribute: Bool = false
    ) throws -> Value {
        let elements = try value.iterated(interpreter.meter)
        try interpreter.meter.charge(elements: elements.count)
        var rest = arguments
        var path: Value?
        if byAttribute {
            guard let first = rest.positional.first else {
                throw Failure.problem("missing parameter for attribute name")
            }
            path = first
            rest.positional.removeFirst()
        }
        var name: String?
        if let first = rest.positional.first {
            name = try first.text(interpreter.meter)
            rest.positional.removeFirst()
        }
        return .generator(
            try Generator(
                try elements.filter { element in
                    let subject = try path.map { try attribute($0, of: element, interpreter) } ?? element
                    return try name.map { try interpreter.test($0, subject, rest) } ?? subject.isTrue == keeping
                }))
    }
}

extension Value {
    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension Interpreter {
    func filter(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Value {
        guard let filter = Filters.table[name] else { throw Failure.problem("no filter named '\(name)'") }
        try meter.charge()
        return try filter(self, value, arguments)
    }
}
