/// The functions every template can call: Jinja's own and those Hugging Face adds.
enum Globals {
    typealias Function = @Sendable (Interpreter, Arguments) throws -> Value

    static let table: [String: Function] = [
        "range": range, "dict": dictionary, "namespace": namespace, "cycler": cycler, "joiner": joiner,
        "raise_exception": raise, "strftime_now": now,
    ]

    @Sendable private static func range(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        let numbers = try arguments.positional.map { value in
            guard let integer = try value.defined().integer else {
                throw Failure.type("'\(value.typeName)' object cannot be interpreted as an integer")
            }
            // Keeps every difference and sum below within 64 bits.
            guard integer.magnitude < 1 << 61 else { throw Failure.problem("OverflowError: range bound too large") }
            return integer
        }
        guard arguments.keyword.isEmpty, (1...3).contains(numbers.count) else {
            throw Failure.type("range takes 1 to 3 positional arguments")
        }
        let range = PythonRange(
            start: numbers.count > 1 ? numbers[0] : 0, stop: numbers.count > 1 ? numbers[1] : numbers[0],
            step: numbers.count > 2 ? numbers[2] : 1)
        guard range.step != 0 else { throw Failure.value("range() arg 3 must not be zero") }
        guard range.count <= interpreter.meter.limits.elements else {
            throw Failure.limit(what: "elements", interpreter.meter.limits.elements)
        }
        return .range(range)
    }

    /// `dict(mapping or pairs, name=value…)`
    private static func members(_ function: String, _ interpreter: Interpreter, _ arguments: Arguments) throws
        -> Dictionary
    {
        guard arguments.positional.count <= 1 else {
            throw Failure.type("\(function) takes at most 1 positional argument")
        }
        var result = Dictionary()
        switch try arguments.positional.first?.defined() {
        case nil: break
        case .dictionary(let dictionary): result = dictionary
        case .namespace(let namespace): result = namespace.attributes
        case .some(let pairs):
            for pair in try pairs.iterated(interpreter.meter) {
                let parts = try pair.iterated(interpreter.meter)
                guard parts.count == 2 else { throw Failure.value("\(function) needs pairs of key and value") }
                try result.set(parts[0], to: parts[1], interpreter.meter)
            }
        }
        // Changing a dictionary copies it.
        try interpreter.meter.charge(elements: result.count + arguments.keyword.count)
        for (name, value) in arguments.keyword { try result.set(name, to: value) }
        return result
    }

    @Sendable private static func dictionary(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        .dictionary(try members("dict", interpreter, arguments))
    }

    @Sendable private static func namespace(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        try interpreter.makeNamespace(try members("namespace", interpreter, arguments))
    }

    @Sendable private static func cycler(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        guard !arguments.positional.isEmpty else { throw Failure.type("cycler needs at least one item") }
        return .callable(.cycler(Cycler(try List(arguments.positional))))
    }

    @Sendable private static func joiner(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        let separator = try arguments.bound("sep", of: "joiner")[0]
        return .callable(.joiner(Joiner(try separator?.text(interpreter.meter) ?? ", ")))
    }

    @Sendable private static func raise(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        let message = try arguments.bound("message", of: "raise_exception", required: 1)[0]
        throw Failure.refused(try message?.text(interpreter.meter) ?? "")
    }

    @Sendable private static func now(_ interpreter: Interpreter, _ arguments: Arguments) throws -> Value {
        guard case .string(let format) = try arguments.bound("format", of: "strftime_now", required: 1)[0] else {
            throw Failure.type("strftime_now needs a format string")
        }
        let text = interpreter.clock.formatted(format)
        try interpreter.meter.charge(bytes: text.utf8.count)
        return .string(text)
    }
}
