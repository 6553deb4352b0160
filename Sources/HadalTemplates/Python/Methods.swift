/// The methods of Python's types that a sandboxed template may call.
enum Methods {
    private static let string: Set<String> = [
        "capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
        "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "ljust",
        "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust",
        "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper",
        "zfill",
    ]
    private static let list: Set<String> = ["copy", "count", "index"]
    private static let tuple: Set<String> = ["count", "index"]
    private static let dictionary: Set<String> = ["copy", "get", "items", "keys", "values"]
    private static let loop: Set<String> = ["cycle", "changed"]
    private static let cycler: Set<String> = ["next", "reset"]

    private static let changingList: Set<String> = [
        "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
    ]
    private static let changingDictionary: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

    static func names(_ value: Value) -> Set<String> {
        switch value {
        case .string: string
        case .list: list
        case .tuple: tuple
        case .dictionary: dictionary
        case .loop: loop
        case .callable(.cycler): cycler
        default: []
        }
    }

    /// Methods that would change their object; `ImmutableSandboxedEnvironment` hides them.
    static func changing(_ value: Value) -> Set<String> {
        switch value {
        case .list: changingList
        case .dictionary: changingDictionary
        default: []
        }
    }

    static func call(_ name: String, of receiver: Value, _ arguments: Arguments, _ interpreter: Interpreter) throws
        -> Value
    {
        let meter = interpreter.meter
        switch receiver {
        case .string(let text): return try StringMethods.call(name, of: text, arguments, interpreter)
        case .list(let list), .tuple(let list): return try call(name, of: list, receiver, arguments, meter)
        case .dictionary(let dictionary): return try call(name, of: dictionary, receiver, arguments, meter)
        case .loop(let loop): return try call(name, of: loop, arguments, meter)
        case .callable(.cycler(let cycler)):
            let elements = cycler.items.elements
            let current = elements[cycler.position]
            cycler.position = name == "reset" ? 0 : (cycler.position + 1) % elements.count
            return name == "reset" ? .null : current
        default: throw Failure.type("'\(receiver.typeName)' has no method '\(name)'")
        }
    }

    private static func call(
        _ name: String, of list: List, _ receiver: Value, _ arguments: Arguments, _ meter: Meter
    ) throws -> Value {
        switch name {
        case "copy": return receiver
        case "count":
            let element = try arguments.bound("value", of: "count", required: 1)[0] ?? .null
            return .int(try list.elements.count { try Value.equal($0, element, meter) })
        default:
            let element = try arguments.bound("value", of: "index", required: 1)[0] ?? .null
            guard let index = try list.elements.firstIndex(where: { try Value.equal($0, element, meter) }) else {
                throw Failure.value("\(try element.representation(meter)) is not in \(receiver.typeName)")
            }
            return .int(index)
        }
    }

    private static func call(
        _ name: String, of dictionary: Dictionary, _ receiver: Value, _ arguments: Arguments, _ meter: Meter
    ) throws -> Value {
        if name == "get" {
            guard arguments.keyword.isEmpty else { throw Failure.type("get() takes no keyword arguments") }
            let values = try arguments.bound("key", "default", of: "get", required: 1)
            return try dictionary.value(for: values[0] ?? .null, meter) ?? values[1] ?? .null
        }
        guard arguments.isEmpty else { throw Failure.type("\(name)() takes no arguments") }
        try meter.charge(1 + dictionary.count)
        switch name {
        case "copy": return receiver
        case "keys": return .view(.keys, try List(dictionary.keys))
        case "values": return .view(.values, try List(dictionary.values))
        default: return .view(.items, try List(try dictionary.items()))
        }
    }

    private static func call(_ name: String, of loop: LoopState, _ arguments: Arguments, _ meter: Meter) throws -> Value
    {
        if name == "cycle" {
            guard !arguments.positional.isEmpty else { throw Failure.type("no items for cycling given") }
            return arguments.positional[loop.index % arguments.positional.count]
        }
        let values = try List(arguments.positional)
        defer { loop.watched = values }
        guard let watched = loop.watched else { return .bool(true) }
        return .bool(try !Value.equal(.list(watched), .list(values), meter))
    }
}
