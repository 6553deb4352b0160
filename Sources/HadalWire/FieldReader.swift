import HadalJSON

/// Reads the members of one JSON object and, at the end, refuses those that nobody asked for. `null` counts as absent, as
/// clients write it for what they leave open.
public struct FieldReader {
    public let path: String
    private let object: JSON.Object
    private var known: [String] = []

    /// - Parameter path: where the object stands, empty for the whole body.
    public init(_ json: JSON, at path: String = "") throws(WireError) {
        guard let object = json.object else { throw .wrongType(field: path, expected: "an object") }
        self.object = object
        self.path = path
    }

    /// The path of a member, for messages.
    public func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    public mutating func value(_ name: String) -> JSON? {
        known.append(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    public mutating func required(_ name: String) throws(WireError) -> JSON {
        guard let value = value(name) else { throw .missing(field: field(name)) }
        return value
    }

    public mutating func string(_ name: String) throws(WireError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw .wrongType(field: field(name), expected: "a string") }
        return text
    }

    public mutating func requiredString(_ name: String) throws(WireError) -> String {
        guard let text = try string(name) else { throw .missing(field: field(name)) }
        return text
    }

    public mutating func bool(_ name: String) throws(WireError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let bool = value.bool else { throw .wrongType(field: field(name), expected: "true or false") }
        return bool
    }

    public mutating func int(_ name: String, in range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw .wrongType(field: field(name), expected: "an integer") }
        guard let int = value.int else {
            // 1e300 is an integer too; say what is wrong with it.
            let expected = number == number.rounded() ? "between \(range.lowerBound) and \(range.upperBound)" : nil
            if let expected { throw .outOfRange(field: field(name), expected: expected) }
            throw .wrongType(field: field(name), expected: "an integer")
        }
        guard range.contains(int) else {
            throw .outOfRange(field: field(name), expected: "between \(range.lowerBound) and \(range.upperBound)")
        }
        return int
    }

    public mutating func number(_ name: String, in range: ClosedRange<Double>) throws(WireError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw .wrongType(field: field(name), expected: "a number") }
        guard range.contains(number) else {
            throw .outOfRange(field: field(name), expected: "between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    public mutating func array(_ name: String, limit: Int) throws(WireError) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.array else { throw .wrongType(field: field(name), expected: "an array") }
        guard elements.count <= limit else {
            throw .outOfRange(field: field(name), expected: "an array of at most \(limit)")
        }
        return elements
    }

    /// Accepts fields that make no difference here.
    public mutating func ignore(_ names: [String]) { known += names }

    /// Refuses a field that would change the result, except where it holds a value that asks for nothing.
    public mutating func refuse(_ name: String, unless harmless: [JSON] = []) throws(WireError) {
        guard let value = value(name), !harmless.contains(value) else { return }
        throw .unsupported(field: field(name), problem: "not supported yet")
    }

    /// Every member must have been asked for by now.
    public func finish() throws(WireError) {
        for key in object.keys where !known.contains(key) { throw .unknown(field: field(key)) }
    }
}

extension JSON {
    /// Token ids: integers that fit 32 bits and are not negative.
    func tokens(at path: String) throws(WireError) -> [Int32] {
        guard let elements = array else { throw .wrongType(field: path, expected: "an array of token ids") }
        var ids: [Int32] = []
        ids.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .int(let value) = element, let id = Int32(exactly: value), id >= 0 else {
                throw .wrongType(field: "\(path)[\(index)]", expected: "a token id")
            }
            ids.append(id)
        }
        return ids
    }
}
