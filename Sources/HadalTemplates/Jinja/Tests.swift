/// Jinja's tests, `value is name(arguments)`.
/// https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-tests
extension Interpreter {
    func test(_ name: String, _ value: Value, _ arguments: Arguments) throws -> Bool {
        try meter.charge()
        if let comparison = Interpreter.comparisons[name] {
            let other = try arguments.bound("other", of: name, required: 1)[0] ?? .null
            return try Value.compare(comparison, value, other, meter)
        }
        switch name {
        case "divisibleby":
            guard let divisor = try arguments.bound("num", of: name, required: 1)[0]?.integer, divisor != 0 else {
                throw Failure.problem("divisibleby needs an integer that is not 0")
            }
            return try remainder(of: value, by: divisor) == 0
        case "sameas":
            let other = try arguments.bound("other", of: name, required: 1)[0] ?? .null
            return try isSame(value, other)
        case "startingwith", "endingwith":
            // Minja, another interpreter of chat templates, has these two.
            guard case .string(let text) = value,
                case .string(let part) = try arguments.bound("other", of: name, required: 1)[0]
            else { return false }
            let parts = Arguments([.string(part)])
            let method = name == "startingwith" ? "startswith" : "endswith"
            return try StringMethods.call(method, of: text, parts, self).isTrue
        default:
            _ = try arguments.bound(of: name)
            return try test(name, value)
        }
    }

    private static let comparisons: [String: ComparisonOperator] = [
        "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual, "<": .less, "lt": .less,
        "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual, ">": .greater, "gt": .greater,
        "greaterthan": .greater, ">=": .greaterOrEqual, "ge": .greaterOrEqual, "in": .contained,
    ]

    private func test(_ name: String, _ value: Value) throws -> Bool {
        switch name {
        case "defined":
            if case .undefined = value { return false }
            return true
        case "undefined":
            if case .undefined = value { return true }
            return false
        case "none": return value.isNull
        case "boolean":
            if case .bool = value { return true }
            return false
        case "true", "false":
            if case .bool(let value) = value { return value == (name == "true") }
            return false
        case "integer":
            if case .int = value { return true }
            return false
        case "float":
            if case .double = value { return true }
            return false
        case "number":
            switch value {
            case .int, .double, .bool: return true
            default: return false
            }
        case "string":
            if case .string = value { return true }
            return false
        case "mapping":
            if case .dictionary = value { return true }
            return false
        case "sequence":
            // What has a length and elements by key; so a mapping is one too.
            switch value {
            case .undefined, .string, .list, .tuple, .dictionary, .range: return true
            default: return false
            }
        case "iterable":
            switch value {
            case .undefined, .string, .list, .tuple, .dictionary, .range, .view, .generator, .loop: return true
            default: return false
            }
        case "callable":
            switch value {
            case .callable, .undefined: return true
            default: return false
            }
        case "odd": return try remainder(of: value, by: 2) == 1
        case "even": return try remainder(of: value, by: 2) == 0
        case "lower": return StringMethods.predicates["islower"]?(try value.text(meter)) ?? false
        case "upper": return StringMethods.predicates["isupper"]?(try value.text(meter)) ?? false
        case "filter": return Filters.table[try value.text(meter)] != nil
        case "escaped": return false
        default: throw Failure.problem("no test named '\(name)'")
        }
    }

    private func remainder(of value: Value, by divisor: Int) throws -> Double? {
        switch try Value.arithmetic(.remainder, value, .int(divisor), meter) {
        case .int(let remainder): Double(remainder)
        case .double(let remainder): remainder
        default: nil
        }
    }

    /// Python's `is`, as far as values have an identity.
    private func isSame(_ left: Value, _ right: Value) throws -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.string(let a), .string(let b)): a.isSame(as: b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
        case (.namespace, .namespace), (.loop, .loop), (.generator, .generator): try Value.equal(left, right, meter)
        default: false
        }
    }
}
