import HadalJSON

/// A name for a served model together with defaults of its own: what Ollama's `create` makes where no weights are uploaded.
public struct ModelVariant: Sendable, Hashable {
    public let name: ModelName
    /// The served model.
    public let base: String
    /// Seconds since 1970.
    public let created: Int
    public let defaults: ModelDefaults

    public init(name: ModelName, base: String, created: Int, defaults: ModelDefaults) {
        self.name = name
        self.base = base
        self.created = created
        self.defaults = defaults
    }

    /// Reads a file's text.
    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        name = try ModelName(try fields.requiredString("model"), at: "model")
        base = try fields.requiredString("from")
        created = try fields.int("created", in: 0...Int.max) ?? 0
        defaults = try ModelDefaults(&fields)
        try fields.finish()
    }

    public var json: JSON {
        .compact(
            [("model", .string(name.text)), ("from", .string(base)), ("created", .int(Int64(created)))]
                + defaults.members)
    }

    /// A line for each parameter, as Ollama's command shows them.
    var parametersText: String {
        pairs.map { name, value in name + String(repeating: " ", count: max(1, 31 - name.count)) + value }
            .joined(separator: "\n")
    }

    /// What it is made from, as one writes it for Ollama's command.
    var modelfile: String {
        func quoted(_ text: String) -> String { "\"\"\"\(text)\"\"\"" }
        var lines = ["FROM \(base)"] + pairs.map { "PARAMETER \($0) \($1)" }
        if !defaults.system.isEmpty { lines.append("SYSTEM \(quoted(defaults.system))") }
        lines += defaults.messages.map {
            "MESSAGE \($0["role"]?.string ?? "") \(quoted($0["content"]?.string ?? ""))"
        }
        lines += defaults.licenses.map { "LICENSE \(quoted($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One that is a list stands once for each of its values.
    private var pairs: [(name: String, value: String)] {
        defaults.parameters.members.flatMap { name, value in
            (value.array ?? [value]).map { (name: name, value: $0.text) }
        }
    }
}
