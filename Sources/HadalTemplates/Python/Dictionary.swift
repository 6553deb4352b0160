/// An ordered dictionary with Python's idea of equal keys: `1`, `1.0` and `True` are one.
struct Dictionary {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    private var positions: [Key: Int] = [:]
    private(set) var depth = 1

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// What is hashed and compared in place of a value.
    enum Key: Hashable {
        case null
        case undefined
        case int(Int)
        case double(Double)
        case string(ExactString)
        case tuple([Key])
        case object(ObjectIdentifier)
    }

    /// Compared by code points: Swift takes "é" and "e" with an accent for equal, Python does not.
    struct ExactString: Hashable {
        let text: String

        static func == (left: ExactString, right: ExactString) -> Bool { left.text.isSame(as: right.text) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    subscript(_ key: String) -> Value? { positions[.string(ExactString(text: key))].map { values[$0] } }

    func value(for key: Value, _ meter: Meter) throws -> Value? { positions[try Key(key, meter)].map { values[$0] } }

    mutating func set(_ name: String, to value: Value) throws {
        try set(.string(name), as: .string(ExactString(text: name)), to: value)
    }

    mutating func set(_ key: Value, to value: Value, _ meter: Meter) throws {
        try set(key, as: try Key(key, meter), to: value)
    }

    private mutating func set(_ key: Value, as hashed: Key, to value: Value) throws {
        let depth = max(key.nesting, value.nesting)
        guard depth < Meter.nestingLimit else { throw Failure.limit(what: "nested containers", Meter.nestingLimit) }
        self.depth = max(self.depth, depth + 1)
        if let position = positions[hashed] {
            values[position] = value
        } else {
            positions[hashed] = keys.count
            keys.append(key)
            values.append(value)
        }
    }

    /// The members as (key, value) tuples.
    func items() throws -> [Value] { try zip(keys, values).map { try .tuple(of: [$0, $1]) } }
}

extension Dictionary.Key {
    /// Charged for, since a tuple may hold one value in many places.
    init(_ value: Value, _ meter: Meter) throws {
        try meter.charge()
        switch value {
        case .null: self = .null
        case .undefined: self = .undefined
        case .bool(let value): self = .int(value ? 1 : 0)
        case .int(let value): self = .int(value)
        case .double(let value): self = Int(exactly: value).map { .int($0) } ?? .double(value)
        case .string(let value):
            try meter.charge(value.utf8.count / 32)
            self = .string(Dictionary.ExactString(text: value))
        case .tuple(let list): self = .tuple(try list.elements.map { try Dictionary.Key($0, meter) })
        case .namespace(let namespace): self = .object(ObjectIdentifier(namespace))
        case .loop(let loop): self = .object(ObjectIdentifier(loop))
        case .generator(let generator): self = .object(ObjectIdentifier(generator))
        case .list, .dictionary, .view, .range, .callable:
            throw Failure.type("unhashable type: '\(value.typeName)'")
        }
    }
}

extension String {
    /// Whether both have the same code points.
    func isSame(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return utf8.elementsEqual(other.utf8)
    }

    /// Whether this comes first by code points, which in UTF-8 is the order of bytes.
    func isBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
