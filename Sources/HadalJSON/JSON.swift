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

    /// Members in the order they were written. Keys are unique; they are the same only where their bytes are (Swift's strings
    /// are equal also where they are canonically equivalent, but a vocabulary has "é" in one scalar and in two as different
    /// tokens).
    public struct Object: Sendable, Hashable {
        struct Member: Sendable, Hashable {
            let key: String
            var value: JSON

            static func == (left: Member, right: Member) -> Bool {
                left.key.hasBytes(of: right.key) && left.value == right.value
            }
        }

        /// From so many members on, looking at each takes longer than hashing a name.
        private static let indexedFrom = 16

        private(set) var all: [Member] = []
        /// Where each member stands; empty while there are few.
        private var places: [Name: Int] = [:]

        public init() {}

        public init(_ members: [(String, JSON)]) {
            all.reserveCapacity(members.count)
            for (key, value) in members { self[key] = value }
        }

        public var count: Int { all.count }
        public var isEmpty: Bool { all.isEmpty }
        public var keys: [String] { all.map(\.key) }
        public var members: [(key: String, value: JSON)] { all.map { ($0.key, $0.value) } }

        /// Reads, replaces in place, appends, or (with `nil`) removes a member.
        public subscript(key: String) -> JSON? {
            get { place(of: key).map { all[$0].value } }
            set {
                switch (place(of: key), newValue) {
                case (let place?, let value?): all[place].value = value
                case (nil, let value?):
                    all.append(Member(key: key, value: value))
                    if !places.isEmpty { places[Name(key)] = all.count - 1 } else { index() }
                case (let place?, nil):
                    all.remove(at: place)
                    places = [:]
                    index()
                case (nil, nil): break
                }
            }
        }

        private func place(of key: String) -> Int? {
            places.isEmpty ? all.firstIndex { $0.key.hasBytes(of: key) } : places[Name(key)]
        }

        private mutating func index() {
            guard all.count >= Self.indexedFrom else { return }
            for (place, member) in all.enumerated() { places[Name(member.key)] = place }
        }

        public static func == (left: Object, right: Object) -> Bool { left.all == right.all }

        public func hash(into hasher: inout Hasher) { hasher.combine(all) }

        private struct Name: Hashable {
            let text: String

            init(_ text: String) { self.text = text }

            static func == (left: Name, right: Name) -> Bool { left.text.hasBytes(of: right.text) }

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

extension String {
    /// Whether the bytes are the same. Equality is quick to say no.
    fileprivate func hasBytes(of other: String) -> Bool { self == other && utf8.elementsEqual(other.utf8) }
}

extension JSON {
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

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
    /// The object without the members that hold nothing.
    public static func compact(_ members: [(String, JSON?)]) -> JSON {
        .object(Object(members.compactMap { member in member.1.map { (member.0, $0) } }))
    }

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
