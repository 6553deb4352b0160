import HadalJSON
import HadalWire

/// Pieces of JSON Schema, for the description of the API.
extension APIDescription {
    typealias Members = KeyValuePairs<String, JSON>

    static let string: JSON = ["type": "string"]
    static let integer: JSON = ["type": "integer"]
    static let number: JSON = ["type": "number"]
    static let boolean: JSON = ["type": "boolean"]
    static let anyObject: JSON = ["type": "object"]
    static let anything: JSON = [:]
    static let binary: JSON = ["type": "string", "format": "binary"]
    static let tokens = array(integer(0...Int(Int32.max)), min: 1)

    static func integer(_ range: ClosedRange<Int>) -> JSON {
        ["type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound))]
    }

    static func number(_ range: ClosedRange<Double>) -> JSON {
        ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
    }

    static func word(_ words: String...) -> JSON { word(words) }

    static func word(_ words: [String]) -> JSON { ["type": "string", "enum": .array(words.map(JSON.string))] }

    static func array(_ items: JSON, min: Int? = nil, max: Int? = nil) -> JSON {
        .compact([
            ("type", "array"), ("items", items), ("minItems", min.map { .int(Int64($0)) }),
            ("maxItems", max.map { .int(Int64($0)) }),
        ])
    }

    static func either(_ schemas: JSON...) -> JSON { ["anyOf": .array(schemas)] }

    static func nullable(_ schema: JSON) -> JSON { ["anyOf": [schema, ["type": "null"]]] }

    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    /// - Parameters:
    ///   - members: those that are always there.
    ///   - optional: those that may be left out, or null.
    ///   - further: those that may be left out.
    static func object(
        _ members: Members, optional: [(String, JSON)] = [], further: Members = [:]
    ) -> JSON {
        let all = members.map { ($0, $1) } + optional.map { ($0, nullable($1)) } + further.map { ($0, $1) }
        return .compact([
            ("type", "object"), ("properties", .object(JSON.Object(all))),
            ("required", members.isEmpty ? nil : .array(members.map { .string($0.key) })),
        ])
    }
}
