/// Why a text is not JSON, and where: `offset` counts bytes from the start of the text.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public var offset: Int
    public var problem: String

    public init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }

    public var description: String { "invalid JSON at byte \(offset): \(problem)" }
}

extension JSON {
    /// Parses RFC 8259 text. Strict: no comments, no trailing bytes, no duplicate keys, valid UTF-8 only.
    ///
    /// - Parameter depthLimit: containers may nest this deep; hostile input cannot exhaust the stack.
    public init(parsing bytes: some Sequence<UInt8>, depthLimit: Int = 128) throws(JSONError) {
        let contiguous = ContiguousArray(bytes)
        self = try JSON.parse(contiguous, depthLimit: depthLimit)
    }

    public init(parsing text: String, depthLimit: Int = 128) throws(JSONError) {
        self = try JSON.parse(ContiguousArray(text.utf8), depthLimit: depthLimit)
    }

    private static func parse(_ bytes: ContiguousArray<UInt8>, depthLimit: Int) throws(JSONError) -> JSON {
        let result: Result<JSON, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, depthLimit: depthLimit)
            do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let depthLimit: Int
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("unexpected bytes after the value") }
        return value
    }

    func failure(_ problem: String) -> JSONError { JSONError(offset: position, problem: problem) }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard let byte = current else { throw failure("the text ends where a value was expected") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("unexpected byte \(byte)")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        depth += 1
        guard depth <= depthLimit else { throw failure("nested deeper than \(depthLimit)") }
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw failure("truncated literal") }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            throw failure("unknown literal")
        }
        position += count
        return value
    }

    private mutating func object() throws(JSONError) -> JSON {
        position += 1
        var object = JSON.Object()
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(object)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("expected a member name") }
            let start = position
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("expected ':'") }
            position += 1
            guard object[key] == nil else { throw JSONError(offset: start, problem: "duplicate key \"\(key)\"") }
            object[key] = try value()
            skipSpace()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(object)
            default: throw failure("expected ',' or '}'")
            }
        }
    }

    private mutating func array() throws(JSONError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipSpace()
            switch current {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw failure("expected ',' or ']'")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        var integral = true
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            integral = false
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            integral = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if integral, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw JSONError(offset: start, problem: "number out of range")
        }
        return .double(value)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position + 1
        if let range = plainString() { return try decoded(UnsafeBufferPointer(rebasing: bytes[range]), at: start) }
        var buffer = ContiguousArray<UInt8>()
        try escapedString(into: &buffer)
        let checked: Result<String, JSONError> = buffer.withUnsafeBufferPointer { pointer in
            do throws(JSONError) { return .success(try decoded(pointer, at: start)) } catch { return .failure(error) }
        }
        return try checked.get()
    }

    /// Appends the bytes of a string to `buffer`, unescaped. They are not checked to be UTF-8.
    mutating func string(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        if let range = plainString() {
            buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range]))
        } else {
            try escapedString(into: &buffer)
        }
    }

    /// Passes a string without escapes; `nil`, and the position after the opening quote, where there are some.
    private mutating func plainString() -> Range<Int>? {
        position += 1
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"), bytes[end] >= 0x20
        {
            end += 1
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        position = end + 1
        return start..<end
    }

    /// From after the opening quote.
    private mutating func escapedString(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &buffer)
            case 0..<0x20: throw failure("control character in a string")
            default:
                buffer.append(byte)
                position += 1
            }
        }
        throw failure("the text ends inside a string")
    }

    private func decoded(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(offset: start, problem: "invalid UTF-8 in a string")
        }
        return text
    }

    private mutating func escape(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        guard let byte = current else { throw failure("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal()
            if unit >= 0xD800, unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try hexadecimal()
                guard low >= 0xDC00, low < 0xE000 else { throw failure("unpaired surrogate") }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw failure("unpaired surrogate") }
            buffer.append(contentsOf: UTF8.encode(scalar)!)
        default: throw failure("unknown escape")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("truncated escape") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure("expected a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
