/// A JSON value that keeps the order of an object's members, as chat templates (`tojson`) and checkpoint headers need.
/// Foundation's decoder loses that order and accepts duplicate keys.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object(Object)

    /// Members in the order they were written. Keys are unique.
    public struct Object: Sendable, Hashable {
        public private(set) var keys: [String] = []
        private var values: [Name: JSON] = [:]

        public init() {}

        public init(_ members: [(String, JSON)]) {
            for (key, value) in members { self[key] = value }
        }

        public var count: Int { keys.count }
        public var isEmpty: Bool { keys.isEmpty }
        public var members: [(key: String, value: JSON)] { keys.map { ($0, values[Name($0)]!) } }

        /// Reads, replaces in place, appends, or (with `nil`) removes a member.
        public subscript(key: String) -> JSON? {
            get { values[Name(key)] }
            set {
                if let newValue {
                    if values.updateValue(newValue, forKey: Name(key)) == nil { keys.append(key) }
                } else if values.removeValue(forKey: Name(key)) != nil {
                    keys.removeAll { Name($0) == Name(key) }
                }
            }
        }

        public static func == (left: Object, right: Object) -> Bool {
            left.values == right.values && left.keys.map(Name.init) == right.keys.map(Name.init)
        }

        public func hash(into hasher: inout Hasher) { hasher.combine(values) }

        /// A member's name, equal to another only when their bytes are. Swift's strings are equal also when they are
        /// canonically equivalent ("é" in one scalar and in two), but a vocabulary has both as different tokens.
        private struct Name: Hashable {
            var text: String

            init(_ text: String) { self.text = text }

            static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

            func hash(into hasher: inout Hasher) {
                let hashed: Void? = text.utf8.withContiguousStorageIfAvailable {
                    hasher.combine(bytes: UnsafeRawBufferPointer($0))
                }
                // Only strings bridged from elsewhere get here; a contiguous copy must hash alike.
                if hashed == nil {
                    var copy = text
                    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
                }
            }
        }
    }
}

extension JSON {
    public var isNull: Bool { self == .null }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// An integer; a double counts when it has no fraction and fits.
    public var int: Int? {
        switch self {
        case .int(let value): Int(value)
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    public var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: Object? {
        if case .object(let value) = self { value } else { nil }
    }

    /// A member of an object; `nil` where there is none or this is no object.
    public subscript(key: String) -> JSON? { object?[key] }

    /// An element of an array; `nil` where there is none.
    public subscript(index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }
}

// Not by nil: `condition ? value : nil` would then be JSON's null where a `JSON?` is meant. Write `.null`.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}
