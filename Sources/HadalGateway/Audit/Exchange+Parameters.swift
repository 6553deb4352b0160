import HadalJSON
import HadalWire

extension Exchange.Question {
    /// As the model was asked, without a word of the client's: records stay when a person's texts are erased. Of what
    /// could hold words there is only how many elements, and of `text` and `infill` how many bytes.
    var parameters: JSON {
        var object = json.object ?? JSON.Object()
        // These have places of their own in a record.
        for name in ["id", "tenant", "seed"] { object[name] = nil }
        for (name, value) in object.members { object[name] = Self.shown(name, value) }
        return .object(object)
    }

    private static func shown(_ name: String, _ value: JSON) -> JSON {
        switch name {
        case "messages", "variables", "tools", "tokens", "inputs", "stop", "stop_token_ids", "logit_bias":
            .int(Int64(value.array?.count ?? value.object?.count ?? 0))
        case "text", "infill":
            .int(Int64(bytes(value)))
        case "constraint": value["form"] ?? .null
        // A function's name is the client's.
        case "tool_choice": value.string == nil ? "function" : value
        default: value
        }
    }

    private static func bytes(_ value: JSON) -> Int {
        value.string?.utf8.count ?? (value.object?.members ?? []).reduce(0) { $0 + bytes($1.value) }
    }
}
