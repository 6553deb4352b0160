import HadalJSON

/// A value of the template language, with Python's types. All containers but namespaces are immutable, as the sandbox
/// demands: a template cannot change what it was given.
enum Value {
    case undefined(Undefined)
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list(List)
    case tuple(List)
    case dictionary(Dictionary)
    case range(PythonRange)
    /// `dict.keys()`, `.values()`, `.items()`
    case view(ViewKind, List)
    /// What lazy filters (`map`, `select`, …) give: always true, has no length, can be walked once.
    case generator(Generator)
    case namespace(Namespace)
    case callable(Callable)
    case loop(LoopState)

    enum ViewKind: String { case keys, values, items }
}

/// Why a value is undefined; the text is only made when someone fails over it.
indirect enum Undefined {
    case name(String)
    case attribute(String, of: String)
    case element(String, of: String)
    case reason(String)
    /// Hidden by the sandbox.
    case forbidden(String, of: String)

    var failure: Failure {
        switch self {
        case .name(let name): .problem("'\(name)' is undefined")
        case .attribute(let name, let type): .problem("'\(type)' has no attribute '\(name)'")
        case .element(let key, let type): .problem("\(type) has no element \(key)")
        case .reason(let reason): .problem(reason)
        case .forbidden(let name, let type): .problem("access to attribute '\(name)' of '\(type)' is unsafe")
        }
    }
}

/// The elements of a list, tuple or view. `depth` is that of the deepest element plus one.
final class List {
    let elements: [Value]
    let depth: Int

    init(_ elements: [Value]) throws {
        self.elements = elements
        depth = try Value.depth(containing: elements)
    }

    private init() {
        elements = []
        depth = 1
    }

    static var empty: List { List() }
}

struct PythonRange {
    var start: Int
    var stop: Int
    var step: Int

    var count: Int {
        if step > 0 { return start < stop ? (stop - start - 1) / step + 1 : 0 }
        return start > stop ? (start - stop - 1) / -step + 1 : 0
    }

    subscript(index: Int) -> Int { start + index * step }
}

final class Generator {
    private var rest: ArraySlice<Value>
    let depth: Int

    init(_ elements: [Value]) throws {
        rest = elements[...]
        depth = try Value.depth(containing: elements)
    }

    func takeFirst() -> Value? { rest.popFirst() }

    func takeAll() -> [Value] {
        defer { rest = [] }
        return Array(rest)
    }
}

/// Mutable by `{% set ns.name = … %}`. The interpreter empties all namespaces at the end, so that cycles are freed.
final class Namespace {
    var attributes: Dictionary

    init(_ attributes: Dictionary) { self.attributes = attributes }
}

/// What can be called.
enum Callable {
    case macro(Macro)
    case function(String, @Sendable (Interpreter, Arguments) throws -> Value)
    indirect case method(of: Value, String)
    case cycler(Cycler)
    case joiner(Joiner)
}

/// A macro with the names it sees.
final class Macro {
    let definition: MacroDefinition
    let scope: Scope

    init(_ definition: MacroDefinition, scope: Scope) {
        self.definition = definition
        self.scope = scope
    }
}

final class Cycler {
    let items: List
    var position = 0

    init(_ items: List) { self.items = items }
}

final class Joiner {
    let separator: String
    var used = false

    init(_ separator: String) { self.separator = separator }
}

/// The variable `loop`.
final class LoopState {
    let items: List
    var index = 0
    /// The last arguments of `loop.changed(…)`.
    var watched: List?

    init(_ items: List) { self.items = items }
}

extension Value {
    static func depth(containing elements: [Value]) throws -> Int {
        var depth = 0
        for element in elements { depth = max(depth, element.nesting) }
        guard depth < Meter.nestingLimit else { throw Failure.limit(what: "nested containers", Meter.nestingLimit) }
        return depth + 1
    }

    /// How deep the containers in this value nest. Namespaces end the count: they are freed one by one.
    var nesting: Int {
        switch self {
        case .list(let list), .tuple(let list), .view(_, let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .generator(let generator): generator.depth
        case .loop(let loop): max(loop.items.depth, loop.watched?.depth ?? 0) + 1
        case .callable(.method(let receiver, _)): receiver.nesting + 1
        case .callable(.cycler(let cycler)): cycler.items.depth + 1
        default: 0
        }
    }

    static func list(of elements: [Value]) throws -> Value { .list(try List(elements)) }
    static func tuple(of elements: [Value]) throws -> Value { .tuple(try List(elements)) }

    init(_ json: JSON, depth: Int = 0) throws {
        guard depth < Meter.nestingLimit else { throw Failure.limit(what: "nested containers", Meter.nestingLimit) }
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(Int(value))
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(try List(try values.map { try Value($0, depth: depth + 1) }))
        case .object(let object):
            var dictionary = Dictionary()
            for (key, value) in object.members {
                try dictionary.set(key, to: try Value(value, depth: depth + 1))
            }
            self = .dictionary(dictionary)
        }
    }

    /// Python's truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let list), .tuple(let list), .view(_, let list): !list.elements.isEmpty
        case .dictionary(let dictionary): !dictionary.isEmpty
        case .range(let range): range.count > 0
        case .generator, .namespace, .callable, .loop: true
        }
    }

    /// The name of the Python type, as its error messages show it.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .range: "range"
        case .view(let kind, _): "dict_" + kind.rawValue
        case .generator: "generator"
        case .namespace: "Namespace"
        case .callable(.macro): "Macro"
        case .callable: "function"
        case .loop: "LoopContext"
        }
    }

    /// The type as Jinja's messages about undefined attributes show it.
    var describedType: String {
        if case .null = self { return "None" }
        return typeName + " object"
    }

    /// An integer where Python takes one: booleans count.
    var integer: Int? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Fails when the value is undefined.
    func defined() throws -> Value {
        if case .undefined(let undefined) = self { throw undefined.failure }
        return self
    }
}
