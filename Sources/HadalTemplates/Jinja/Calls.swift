/// The evaluated arguments of a call.
struct Arguments {
    var positional: [Value] = []
    private(set) var keyword: [(name: String, value: Value)] = []

    init(_ positional: [Value] = []) { self.positional = positional }

    mutating func add(_ name: String, _ value: Value) throws {
        guard !keyword.contains(where: { $0.name == name }) else {
            throw Failure.type("got multiple values for keyword argument '\(name)'")
        }
        keyword.append((name, value))
    }

    /// Adds the members of `**mapping`, whose names differ already.
    mutating func add(_ mapping: Dictionary) throws {
        for given in keyword where mapping[given.name] != nil {
            throw Failure.type("got multiple values for keyword argument '\(given.name)'")
        }
        for (key, value) in zip(mapping.keys, mapping.values) {
            guard case .string(let name) = key else { throw Failure.type("keywords must be strings") }
            keyword.append((name, value))
        }
    }

    /// Takes a named argument out.
    mutating func take(_ name: String) -> Value? {
        guard let index = keyword.firstIndex(where: { $0.name == name }) else { return nil }
        return keyword.remove(at: index).value
    }

    var isEmpty: Bool { positional.isEmpty && keyword.isEmpty }

    /// The arguments in the order of a Python function's parameters; `nil` where none was given.
    func bound(_ names: String..., of function: String, required: Int = 0) throws -> [Value?] {
        guard positional.count <= names.count else {
            throw Failure.type("\(function) takes at most \(names.count) arguments (\(positional.count) given)")
        }
        var values: [Value?] = positional + Array(repeating: nil, count: names.count - positional.count)
        for (name, value) in keyword {
            guard let index = names.firstIndex(of: name) else {
                throw Failure.type("\(function) got an unexpected keyword argument '\(name)'")
            }
            guard values[index] == nil else {
                throw Failure.type("\(function) got multiple values for argument '\(name)'")
            }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw Failure.type("\(function) is missing the argument '\(names[index])'")
        }
        return values
    }
}

extension Interpreter {
    func call(_ callee: Value, _ arguments: Arguments) throws -> Value {
        switch callee {
        case .undefined(let undefined): throw undefined.failure
        case .callable(.macro(let macro)): return .string(try call(macro, arguments))
        case .callable(.function(_, let function)): return try function(self, arguments)
        case .callable(.method(let receiver, let name)): return try Methods.call(name, of: receiver, arguments, self)
        case .callable(.joiner(let joiner)):
            defer { joiner.used = true }
            return .string(joiner.used ? joiner.separator : "")
        case .namespace, .loop, .generator, .null, .bool, .int, .double, .string, .list, .tuple, .dictionary, .range,
            .view,
            .callable(.cycler):
            throw Failure.type("'\(callee.typeName)' object is not callable")
        }
    }

    /// Evaluates the call of a `call` block and hands `caller` to the macro called.
    func evaluateCall(_ callee: Expression, caller: Value) throws -> Value {
        guard case .chain(let base, let links) = callee, case .call(let given) = links.last?.kind else {
            return try evaluate(callee)
        }
        let function = try follow(links.dropLast(), from: try evaluate(base))
        var arguments = try evaluate(given)
        try arguments.add("caller", caller)
        return try call(function, arguments)
    }

    private func call(_ macro: Macro, _ arguments: Arguments) throws -> String {
        let definition = macro.definition
        var arguments = arguments
        let local = Scope(parent: macro.scope)
        if definition.takesCaller {
            local.names["caller"] = arguments.take("caller") ?? .undefined(.reason("no caller defined"))
        }
        let parameters = definition.parameters
        for (index, parameter) in parameters.enumerated() {
            try meter.charge(1 + arguments.keyword.count)
            if index < arguments.positional.count {
                local.names[parameter.name] = arguments.positional[index]
            } else if let value = arguments.take(parameter.name) {
                local.names[parameter.name] = value
            } else if let fallback = parameter.fallback {
                // A default sees the parameters before it.
                let outer = scope
                scope = local
                defer { scope = outer }
                local.names[parameter.name] = try evaluate(fallback)
            } else {
                local.names[parameter.name] = .undefined(.reason("parameter '\(parameter.name)' was not provided"))
            }
        }
        let rest = Array(arguments.positional.dropFirst(parameters.count))
        if definition.takesVariadic {
            local.names["varargs"] = try .tuple(of: rest)
        } else if !rest.isEmpty {
            throw Failure.type("macro '\(definition.name)' takes not more than \(parameters.count) argument(s)")
        }
        if definition.takesKeywords {
            var keywords = Dictionary()
            for (name, value) in arguments.keyword { try keywords.set(name, to: value) }
            local.names["kwargs"] = .dictionary(keywords)
        } else if let unknown = arguments.keyword.first {
            throw Failure.type("macro '\(definition.name)' takes no keyword argument '\(unknown.name)'")
        }
        try meter.enter()
        defer { meter.leave() }
        return try capture(definition.body, in: local)
    }
}
