import HadalJSON

/// What an answer must look like.
public struct OutputConstraint: Sendable, Hashable {
    public enum Form: Sendable, Hashable {
        /// Any JSON object.
        case jsonObject
        /// - isStrict: objects have no members but those that the schema names, where it says nothing of others.
        case jsonSchema(JSON, isStrict: Bool)
        case regex(String)
        case choice([String])
        /// In llama.cpp's notation.
        case grammar(String)
    }

    public static let choicesLimit = 10_000

    public var form: Form
    /// The request's field that asked for it, for messages.
    public var field: String

    public init(_ form: Form, field: String) {
        self.form = form
        self.field = field
    }

    // MARK: a client's request

    /// `response_format` as OpenAI and DeepSeek have it, and what vLLM takes beside it: `guided_json`, `guided_regex`,
    /// `guided_choice`, `guided_grammar`, and `structured_outputs` with the same inside.
    ///
    /// - Returns: nil where none is there, or the text is free.
    /// - Throws: where more than one asks for something.
    static func read(_ fields: inout FieldReader) throws(WireError) -> OutputConstraint? {
        var found = [try responseFormat(&fields)].compactMap { $0 }
        found += try forms(&fields, prefix: "guided_")
        if let value = fields.value("structured_outputs") {
            var inner = try FieldReader(value, at: fields.field("structured_outputs"))
            found += try forms(&inner, prefix: "")
            if try inner.bool("json_object") == true {
                found.append(OutputConstraint(.jsonObject, field: inner.field("json_object")))
            }
            try inner.refuse("structural_tag")
            try inner.refuse("whitespace_pattern")
            inner.ignore(["disable_fallback", "disable_any_whitespace", "backend"])
            try inner.refuse("disable_additional_properties", unless: [false])
            try inner.finish()
        }
        try fields.refuse("guided_whitespace_pattern")
        // Which library vLLM uses for it.
        fields.ignore(["guided_decoding_backend"])
        guard found.count <= 1 else {
            throw .outOfRange(field: found[1].field, expected: "left out, since \(found[0].field) is given")
        }
        return found.first
    }

    private static func responseFormat(_ fields: inout FieldReader) throws(WireError) -> OutputConstraint? {
        guard let value = fields.value("response_format") else { return nil }
        var format = try FieldReader(value, at: fields.field("response_format"))
        switch try format.requiredString("type") {
        case "json_object":
            // llama.cpp's servers take a schema here.
            let schema = format.value("schema")
            try format.finish()
            let field = schema == nil ? format.path : format.field("schema")
            return OutputConstraint(schema.map { .jsonSchema($0, isStrict: false) } ?? .jsonObject, field: field)
        case "json_schema":
            let inner = try FieldReader(try format.required("json_schema"), at: format.field("json_schema"))
            try format.finish()
            return try named(inner)
        default: return try flat(value, at: format.path)
        }
    }

    /// `text.format` of `/v1/responses`, where a schema stands beside its type.
    static func flat(_ value: JSON, at path: String) throws(WireError) -> OutputConstraint? {
        var format = try FieldReader(value, at: path)
        switch try format.requiredString("type") {
        case "text":
            try format.finish()
            return nil
        case "json_object":
            try format.finish()
            return OutputConstraint(.jsonObject, field: path)
        case "json_schema": return try named(format)
        default: throw .outOfRange(field: format.field("type"), expected: "one of text, json_object, json_schema")
        }
    }

    /// A schema with its name.
    private static func named(_ fields: FieldReader) throws(WireError) -> OutputConstraint {
        var named = fields
        _ = try named.requiredString("name")
        _ = try named.string("description")
        let schema = try named.required("schema")
        guard schema.object != nil else { throw .wrongType(field: named.field("schema"), expected: "an object") }
        let isStrict = try named.bool("strict") ?? false
        try named.finish()
        return OutputConstraint(.jsonSchema(schema, isStrict: isStrict), field: named.field("schema"))
    }

    /// Ollama's `format`: `json`, or a schema.
    static func ollama(_ fields: inout FieldReader) throws(WireError) -> OutputConstraint? {
        guard let value = fields.value("format"), value != "" else { return nil }
        if value == "json" { return OutputConstraint(.jsonObject, field: "format") }
        guard value.object != nil else { throw .wrongType(field: "format", expected: "\"json\" or a JSON Schema") }
        return OutputConstraint(.jsonSchema(value, isStrict: false), field: "format")
    }

    /// Anthropic's `output_config.format`, which was `output_format` before: a schema that is kept to strictly.
    static func anthropic(_ fields: inout FieldReader, _ name: String) throws(WireError) -> OutputConstraint? {
        guard let value = fields.value(name) else { return nil }
        var format = try FieldReader(value, at: fields.field(name))
        guard try format.requiredString("type") == "json_schema" else {
            throw .outOfRange(field: format.field("type"), expected: "json_schema")
        }
        let schema = try format.required("schema")
        guard schema.object != nil else { throw .wrongType(field: format.field("schema"), expected: "an object") }
        try format.finish()
        return OutputConstraint(.jsonSchema(schema, isStrict: true), field: format.field("schema"))
    }

    private static func forms(
        _ fields: inout FieldReader, prefix: String
    ) throws(WireError) -> [OutputConstraint] {
        var found: [OutputConstraint] = []
        if var schema = fields.value(prefix + "json") {
            let field = fields.field(prefix + "json")
            // vLLM takes the text of a schema, too.
            if let text = schema.string {
                do { schema = try JSON(parsing: text) } catch {
                    throw .wrongType(field: field, expected: "a JSON Schema")
                }
            }
            guard schema.object != nil || schema.bool != nil else {
                throw .wrongType(field: field, expected: "a JSON Schema")
            }
            found.append(OutputConstraint(.jsonSchema(schema, isStrict: false), field: field))
        }
        if let pattern = try fields.string(prefix + "regex") {
            found.append(OutputConstraint(.regex(pattern), field: fields.field(prefix + "regex")))
        }
        if let elements = try fields.array(prefix + "choice", limit: choicesLimit) {
            let field = fields.field(prefix + "choice")
            var choices: [String] = []
            for (index, element) in elements.enumerated() {
                guard let text = element.string else {
                    throw .wrongType(field: "\(field)[\(index)]", expected: "a string")
                }
                choices.append(text)
            }
            found.append(OutputConstraint(.choice(choices), field: field))
        }
        if let grammar = try fields.string(prefix + "grammar") {
            found.append(OutputConstraint(.grammar(grammar), field: fields.field(prefix + "grammar")))
        }
        return found
    }

    // MARK: a worker's request

    init(_ json: JSON, at path: String) throws(WireError) {
        var fields = try FieldReader(json, at: path)
        field = try fields.requiredString("field")
        let form = try fields.requiredString("form")
        switch form {
        case "json_object": self.form = .jsonObject
        case "json_schema":
            self.form = .jsonSchema(try fields.required("value"), isStrict: try fields.bool("strict") ?? false)
        case "regex": self.form = .regex(try fields.requiredString("value"))
        case "choice":
            let elements = try fields.array("value", limit: Self.choicesLimit) ?? []
            self.form = .choice(elements.compactMap(\.string))
        case "grammar": self.form = .grammar(try fields.requiredString("value"))
        default: throw .outOfRange(field: fields.field("form"), expected: "a form of constraint")
        }
        try fields.finish()
    }

    var json: JSON {
        let members: [(String, JSON?)] =
            switch form {
            case .jsonObject: [("form", "json_object")]
            case .jsonSchema(let schema, let isStrict):
                [("form", "json_schema"), ("value", schema), ("strict", isStrict ? true : nil)]
            case .regex(let pattern): [("form", "regex"), ("value", .string(pattern))]
            case .choice(let choices): [("form", "choice"), ("value", .array(choices.map(JSON.string)))]
            case .grammar(let text): [("form", "grammar"), ("value", .string(text))]
            }
        return .compact(members + [("field", .string(field))])
    }
}
