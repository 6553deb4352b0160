import HadalGrammar
import HadalJSON

/// Whether a value is what a schema admits, by the grammar that structured output goes by.
enum SchemaCheck {
    static func admits(_ schema: JSON, _ value: JSON) -> Bool {
        guard let grammar = try? Grammar(.jsonSchema(schema)) else { return false }
        return grammar.matches(ordered(value, schema).text)
    }

    /// The grammar wants members in the order in which the schema names them; a schema itself does not.
    private static func ordered(_ value: JSON, _ schema: JSON) -> JSON {
        if let elements = value.array, let items = schema["items"] {
            return .array(elements.map { ordered($0, items) })
        }
        guard let object = value.object, let properties = schema["properties"]?.object else { return value }
        let named = properties.keys.filter { object[$0] != nil }
        let others = object.keys.filter { properties[$0] == nil }
        return .object(
            JSON.Object(
                (named + others).map { name in
                    (name, properties[name].map { ordered(object[name]!, $0) } ?? object[name]!)
                }))
    }
}
