import HadalJSON

/// Whether and which tool the answer has to call.
public enum ToolChoice: Sendable, Hashable {
    case none, auto, required
    case function(String)
}

/// The tools of a request: definitions, and what is asked of the model about them.
public struct ToolSettings: Sendable, Hashable {
    public static let toolsLimit = 512
    /// OpenAI's limit of 64 is too little for what clients of MCP servers make up.
    public static let nameLimit = 128

    /// In OpenAI's shape: `{"type": "function", "function": {"name", "description", "parameters", "strict"}}`.
    public var definitions: [JSON] = []
    public var choice = ToolChoice.auto
    /// Whether the answer may hold several calls.
    public var isParallel = true

    public init() {}

    /// Those that the model may call.
    public var active: [JSON] { choice == .none ? [] : definitions }

    /// Those whose arguments are held to their schema, by their place in `definitions`.
    public var strict: [(index: Int, name: String, parameters: JSON)] {
        guard choice != .none else { return [] }
        return definitions.enumerated().compactMap { index, definition in
            guard let function = definition["function"], function["strict"]?.bool == true,
                let name = function["name"]?.string
            else { return nil }
            return (index, name, function["parameters"] ?? [:])
        }
    }

    public var names: [String] { definitions.compactMap { $0["function"]?["name"]?.string } }

    /// Takes `tools`, `tool_choice` and `parallel_tool_calls` out of a request.
    init(_ fields: inout FieldReader) throws(WireError) {
        for (index, element) in (try fields.array("tools", limit: Self.toolsLimit) ?? []).enumerated() {
            let path = "\(fields.field("tools"))[\(index)]"
            try add(try Self.function(in: element, at: path), at: path + ".function")
        }
        isParallel = try fields.bool("parallel_tool_calls") ?? true
        guard let value = fields.value("tool_choice") else { return }
        if value["type"] == "allowed_tools" {
            try restrict(to: value, at: fields.field("tool_choice"))
        } else {
            choice = try Self.choice(value, at: fields.field("tool_choice"))
        }
        try checkChoice(at: fields.field("tool_choice"))
    }

    /// - Parameter path: where the function's members stand.
    mutating func add(_ function: JSON, at path: String) throws(WireError) {
        if let name = function["name"]?.string, names.contains(name) {
            throw .outOfRange(field: path + ".name", expected: "a name that no other tool has")
        }
        definitions.append(["type": "function", "function": function])
    }

    /// The choice must be possible with these tools.
    func checkChoice(at path: String) throws(WireError) {
        if definitions.isEmpty, choice != .none, choice != .auto {
            throw .outOfRange(field: path, expected: "left out, or none, where there are no tools")
        }
        if case .function(let name) = choice, !names.contains(name) {
            throw .outOfRange(field: path, expected: "a function among the tools")
        }
    }

    /// The function of `{"type": "function", "function": …}`.
    private static func function(in json: JSON, at path: String) throws(WireError) -> JSON {
        var fields = try FieldReader(json, at: path)
        let type = try fields.requiredString("type")
        guard type == "function" else {
            throw .unsupported(
                field: fields.field("type"), problem: "tools of type \"\(type)\" are not supported, only \"function\"")
        }
        let inner = try function(try fields.required("function"), at: fields.field("function"))
        try fields.finish()
        return inner
    }

    /// A function with all that templates read.
    static func function(_ json: JSON, at path: String) throws(WireError) -> JSON {
        var fields = try FieldReader(json, at: path)
        let name = try fields.requiredString("name")
        guard isName(name) else {
            throw .outOfRange(
                field: fields.field("name"),
                expected: "1 to \(nameLimit) of the characters A-Z, a-z, 0-9, _, -, ., : and /")
        }
        let description = try fields.string("description")
        let parameters = fields.value("parameters")
        if let parameters, parameters.object == nil {
            throw .wrongType(field: fields.field("parameters"), expected: "a JSON Schema that is an object")
        }
        let strict = try fields.bool("strict")
        try fields.finish()
        return .compact([
            ("name", .string(name)), ("description", description.map(JSON.string)),
            ("parameters", parameters ?? ["type": "object", "properties": [:]]), ("strict", strict.map(JSON.bool)),
        ])
    }

    /// Names stand in prompts among marks, so they hold nothing that could be one.
    static func isName(_ name: String) -> Bool {
        (1...nameLimit).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ":"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// Leaves only the tools that `{"type": "allowed_tools", "allowed_tools": {"mode", "tools"}}` names.
    private mutating func restrict(to json: JSON, at path: String) throws(WireError) {
        var fields = try FieldReader(json, at: path)
        fields.ignore(["type"])
        var allowed = try FieldReader(try fields.required("allowed_tools"), at: fields.field("allowed_tools"))
        choice = try Self.choice(.string(try allowed.requiredString("mode")), at: allowed.field("mode"))
        var names: Set<String> = []
        for (index, tool) in (try allowed.array("tools", limit: Self.toolsLimit) ?? []).enumerated() {
            guard let name = tool["function"]?["name"]?.string, self.names.contains(name) else {
                throw .outOfRange(field: "\(allowed.field("tools"))[\(index)]", expected: "a function among the tools")
            }
            names.insert(name)
        }
        try allowed.finish()
        try fields.finish()
        definitions.removeAll { !names.contains($0["function"]?["name"]?.string ?? "") }
    }

    private static func choice(_ json: JSON, at path: String) throws(WireError) -> ToolChoice {
        switch json {
        case "none": return .none
        case "auto": return .auto
        case "required": return .required
        case .string: throw .outOfRange(field: path, expected: "none, auto, required, or a function")
        default: break
        }
        var fields = try FieldReader(json, at: path)
        let type = try fields.requiredString("type")
        guard type == "function" else {
            throw .unsupported(
                field: fields.field("type"), problem: "a choice of type \"\(type)\" is not supported, only \"function\""
            )
        }
        var function = try FieldReader(try fields.required("function"), at: fields.field("function"))
        let name = try function.requiredString("name")
        try function.finish()
        try fields.finish()
        return .function(name)
    }

    // MARK: between gateway and worker

    /// The members of a worker's request.
    var members: [(String, JSON?)] {
        let choice: JSON? =
            switch choice {
            case .auto: nil
            case .none: "none"
            case .required: "required"
            case .function(let name): ["type": "function", "function": ["name": .string(name)]]
            }
        return [
            ("tools", definitions.isEmpty ? nil : .array(definitions)), ("tool_choice", choice),
            ("parallel_tool_calls", isParallel ? nil : false),
        ]
    }
}
