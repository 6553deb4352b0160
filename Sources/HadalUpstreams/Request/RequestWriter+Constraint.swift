import HadalJSON
import HadalWire

extension RequestWriter {
    func constraint(_ shape: UpstreamCall.Shape) throws(WorkerFailure) -> Members {
        guard let constraint = request.constraint else { return [] }
        let field = constraint.field
        guard shape == .chat || takesFormsInCompletions(constraint.form) else {
            throw refusal(field, "this form of answer in conversations only")
        }
        switch constraint.form {
        case .jsonObject:
            try need(.jsonObject, field, "no demand for a JSON object")
            return [("response_format", ["type": "json_object"])]
        case .jsonSchema(let schema, let isStrict):
            try need(.jsonSchema, field, "no JSON Schema")
            if can.kind == .llamaCppPython {
                return [("response_format", ["type": "json_object", "schema": schema])]
            }
            if can.kind == .llamaServer, shape != .chat { return [("json_schema", schema)] }
            let named: JSON = ["name": "answer", "schema": schema, "strict": .bool(isStrict)]
            return [("response_format", ["type": "json_schema", "json_schema": named])]
        case .regex(let pattern):
            try need(.regex, field, "no regular expressions")
            return try guided("regex", .string(pattern), field)
        case .choice(let choices):
            try need(.choice, field, "no choices")
            switch can.guidedForm {
            case .sgLang: return [("regex", .string(Self.pattern(choices)))]
            case .grammar: return [("grammar", .string(Self.grammar(choices)))]
            default: return try guided("choice", .array(choices.map(JSON.string)), field)
            }
        case .grammar(let text):
            try need(.grammar, field, "no grammars")
            return try guided("grammar", .string(text), field)
        }
    }

    private func takesFormsInCompletions(_ form: OutputConstraint.Form) -> Bool {
        switch can.kind {
        case .vLLM, .sgLang, .hadal: true
        case .llamaServer: form != .jsonObject
        case .llamaCppPython: if case .grammar = form { true } else if case .choice = form { true } else { false }
        case .openAI, .deepSeek, .ollama, .other: false
        }
    }

    private func guided(_ name: String, _ value: JSON, _ field: String) throws(WorkerFailure) -> Members {
        switch can.guidedForm {
        case .structuredOutputs: [("structured_outputs", .object(JSON.Object([(name, value)])))]
        case .guided: [("guided_" + name, value)]
        case .sgLang: [(name == "grammar" ? "ebnf" : name, value)]
        case .grammar where name == "grammar": [("grammar", value)]
        case .grammar, nil: throw refusal(field, "no such form of answer")
        }
    }

    /// Any of the texts, as a regular expression.
    static func pattern(_ choices: [String]) -> String {
        "(" + choices.map(escaped).joined(separator: "|") + ")"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if "\\^$.|?*+()[]{}".unicodeScalars.contains(scalar) { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Any of the texts, in llama.cpp's notation.
    static func grammar(_ choices: [String]) -> String {
        let literals = choices.map { text in
            var literal = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\n": literal += "\\n"
                case "\r": literal += "\\r"
                case "\t": literal += "\\t"
                case "\"", "\\": literal += "\\\(scalar)"
                default: literal.unicodeScalars.append(scalar)
                }
            }
            return "\"\(literal)\""
        }
        return "root ::= " + literals.joined(separator: " | ")
    }
}
