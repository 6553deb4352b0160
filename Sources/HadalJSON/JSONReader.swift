extension JSON {
    /// Reads JSON text from front to back without making a tree of it: for files of megabytes, of which a few members
    /// are long and regular, such as a vocabulary.
    ///
    /// Refuses what `init(parsing:)` refuses, but for duplicate names, which `body` sees twice.
    ///
    /// - Throws: `JSONError`, and what `body` throws.
    public static func read<Result>(
        _ bytes: UnsafeRawBufferPointer, depthLimit: Int = 128, _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        try bytes.withMemoryRebound(to: UInt8.self) { bytes in
            // Once for all strings, rather than once for each.
            guard String(validating: bytes, as: UTF8.self) != nil else {
                throw JSONError(offset: 0, problem: "the text is not UTF-8")
            }
            var reader = JSONReader(JSONParser(bytes: bytes, depthLimit: depthLimit))
            let result = try body(&reader)
            try reader.end()
            return result
        }
    }
}

/// A place in JSON text. Every function reads one whole value (or throws) and stands after it. Not copyable, so that it
/// cannot outlive the bytes it reads.
public struct JSONReader: ~Copyable {
    private var parser: JSONParser

    init(_ parser: consuming JSONParser) { self.parser = parser }

    public enum Kind: Sendable { case object, array, string, other }

    /// What the next value is.
    public var kind: Kind {
        mutating get {
            parser.skipSpace()
            switch parser.current {
            case UInt8(ascii: "{"): return .object
            case UInt8(ascii: "["): return .array
            case UInt8(ascii: "\""): return .string
            default: return .other
            }
        }
    }

    /// The next value as a tree.
    public mutating func value() throws(JSONError) -> JSON { try parser.value() }

    /// The next value, an integer.
    public mutating func int() throws(JSONError) -> Int {
        parser.skipSpace()
        let start = parser.position
        guard let value = try parser.value().int else {
            throw JSONError(offset: start, problem: "expected an integer")
        }
        return value
    }

    /// Appends the next value, a string, to `buffer` as UTF-8.
    public mutating func string(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        guard kind == .string else { throw parser.failure("expected a string") }
        try parser.string(into: &buffer)
    }

    /// Reads an object. `body` gets the UTF-8 of each name and must read the value.
    public mutating func forEachMember(
        _ body: (_ name: ContiguousArray<UInt8>, _ value: inout JSONReader) throws -> Void
    ) throws {
        var name = ContiguousArray<UInt8>()
        try forEach(in: .object, until: UInt8(ascii: "}")) { reader in
            name.removeAll(keepingCapacity: true)
            guard reader.kind == .string else { throw reader.parser.failure("expected a member name") }
            try reader.parser.string(into: &name)
            reader.parser.skipSpace()
            guard reader.parser.current == UInt8(ascii: ":") else { throw reader.parser.failure("expected ':'") }
            reader.parser.position += 1
            try body(name, &reader)
        }
    }

    /// Reads an array. `body` must read each element.
    public mutating func forEachElement(_ body: (_ element: inout JSONReader) throws -> Void) throws {
        try forEach(in: .array, until: UInt8(ascii: "]"), body)
    }

    private mutating func forEach(
        in container: Kind, until close: UInt8, _ body: (inout JSONReader) throws -> Void
    ) throws {
        guard kind == container else {
            throw parser.failure(container == .object ? "expected an object" : "expected an array")
        }
        guard parser.depth < parser.depthLimit else {
            throw parser.failure("nested deeper than \(parser.depthLimit)")
        }
        parser.depth += 1
        defer { parser.depth -= 1 }
        parser.position += 1
        parser.skipSpace()
        if parser.current == close {
            parser.position += 1
            return
        }
        while true {
            try body(&self)
            parser.skipSpace()
            switch parser.current {
            case UInt8(ascii: ","): parser.position += 1
            case close:
                parser.position += 1
                return
            default: throw parser.failure("expected ',' or '\(Character(Unicode.Scalar(close)))'")
            }
        }
    }

    mutating func end() throws(JSONError) {
        parser.skipSpace()
        guard parser.position == parser.bytes.count else { throw parser.failure("unexpected bytes after the value") }
    }
}
