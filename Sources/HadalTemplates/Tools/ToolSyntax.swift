/// How a model family writes tool calls.
public enum ToolSyntax: Sendable, Hashable, CaseIterable {
    /// `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>NAME<｜tool▁sep｜>JSON<｜tool▁call▁end｜><｜tool▁calls▁end｜>`
    case deepSeekV31
    /// The same with `function<｜tool▁sep｜>NAME`, a line break and the JSON in a fence.
    case deepSeekR1
    /// `<｜DSML｜function_calls>`, with an element for each argument.
    case deepSeekV32
    /// `<｜DSML｜tool_calls>`, else as V3.2.
    case deepSeekV4
    /// `<tool_call>{"name": …, "arguments": …}</tool_call>`: Qwen, Hermes.
    case hermes
    /// `{"name": …, "parameters": …}` as the whole answer.
    case llama
    /// `<|tool_calls_section_begin|><|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>JSON…`
    case kimi

    /// The syntax that a chat template writes for earlier calls; nil where it writes none that is known.
    init?(template source: String) {
        if source.contains("｜DSML｜") {
            self = source.contains("'tool_calls>") || source.contains("｜DSML｜tool_calls>") ? .deepSeekV4 : .deepSeekV32
        } else if source.contains("<｜tool▁sep｜>") {
            self = source.contains("```json") ? .deepSeekR1 : .deepSeekV31
        } else if source.contains("<|tool_calls_section_begin|>") {
            self = .kimi
        } else if source.contains("<tool_call>") {
            self = .hermes
        } else if source.contains("<|python_tag|>")
            || (source.contains("{\"name\": ") && source.contains("\"parameters\": "))
        {
            self = .llama
        } else {
            return nil
        }
    }

    /// The marks around calls, where the family has them.
    var marks: ToolMarks? {
        switch self {
        case .deepSeekV31, .deepSeekR1: .deepSeek
        case .kimi: .kimi
        case .deepSeekV32, .deepSeekV4, .hermes, .llama: nil
        }
    }

    /// Texts that begin a call wherever they stand, and of which nothing else is the beginning: they end the reasoning too,
    /// where a model forgets to.
    public var openings: [String] {
        switch self {
        case .deepSeekV31, .deepSeekR1, .kimi: [marks!.callsBegin]
        case .deepSeekV32, .deepSeekV4: ["<\(DSML.token)function_calls>", "<\(DSML.token)tool_calls>"]
        case .hermes, .llama: []
        }
    }

    /// Control tokens that are part of the syntax. They must not be left out of the text that is parsed.
    public var controlTexts: [String] {
        switch self {
        case .deepSeekV31, .deepSeekR1:
            // Models distilled from R1 may fall back to what their base model learned.
            marks!.all + ToolSyntax.hermes.controlTexts
        case .kimi: marks!.all
        case .deepSeekV32, .deepSeekV4: [DSML.token]
        case .hermes: ["<tool_call>", "</tool_call>"]
        case .llama: ["<|python_tag|>"]
        }
    }

    /// What the answer begins with when it has to be a call; of the tool `name`, where that is decided. It ends where
    /// tokens end, so that the model goes on as it was trained to.
    public func prefill(name: String?) -> String {
        switch self {
        case .deepSeekV31:
            ToolMarks.deepSeek.callsBegin + ToolMarks.deepSeek.callBegin
                + (name.map { $0 + ToolMarks.deepSeek.separator } ?? "")
        case .deepSeekR1:
            ToolMarks.deepSeek.callsBegin + ToolMarks.deepSeek.callBegin + "function" + ToolMarks.deepSeek.separator
                + (name.map { $0 + "\n```json\n" } ?? "")
        case .kimi:
            ToolMarks.kimi.callsBegin + ToolMarks.kimi.callBegin + "functions."
                + (name.map { $0 + ":0" + ToolMarks.kimi.separator } ?? "")
        case .deepSeekV32, .deepSeekV4:
            "\n\n<\(DSML.token)\(self == .deepSeekV4 ? "tool_calls" : "function_calls")>\n<\(DSML.token)invoke name=\""
                + (name.map { $0 + "\">\n" } ?? "")
        case .hermes: "<tool_call>\n{\"name\": \"" + (name.map { $0 + "\", \"arguments\":" } ?? "")
        case .llama: "{\"name\": \"" + (name.map { $0 + "\", \"parameters\":" } ?? "")
        }
    }

    /// What stands before the arguments of a call of `name`, in the ways this family writes it.
    public func argumentOpenings(name: String) -> [String] {
        switch self {
        case .deepSeekV31, .deepSeekR1, .hermes, .llama:
            // Calls after the first begin likewise.
            [String(prefill(name: name).dropFirst(marks?.callsBegin.count ?? 0))]
        case .kimi:
            (0..<16).map { "\(ToolMarks.kimi.callBegin)functions.\(name):\($0)\(ToolMarks.kimi.separator)" }
        case .deepSeekV32, .deepSeekV4: ["<\(DSML.token)invoke name=\"\(name)\">"]
        }
    }

    /// How arguments are written that are elements; nil where they are one piece of JSON.
    public var argumentElements: ArgumentElements? {
        switch self {
        case .deepSeekV32, .deepSeekV4: ArgumentElements()
        case .deepSeekV31, .deepSeekR1, .hermes, .llama, .kimi: nil
        }
    }

    /// What follows the arguments before any mark.
    public var argumentEnding: String {
        switch self {
        case .hermes, .llama: "}"
        case .deepSeekR1: "\n```"
        case .deepSeekV32, .deepSeekV4: "</\(DSML.token)invoke>"
        case .deepSeekV31, .kimi: ""
        }
    }

    /// One call as the family writes it, for the instructions of templates that know of no tools.
    func example(name: String, arguments: String) -> String {
        switch self {
        case .deepSeekV31: prefill(name: name) + arguments + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
        case .deepSeekR1: prefill(name: name) + arguments + "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
        case .kimi: prefill(name: name) + arguments + "<|tool_call_end|><|tool_calls_section_end|>"
        case .hermes: prefill(name: name) + " " + arguments + "}\n</tool_call>"
        case .llama: prefill(name: name) + " " + arguments + "}"
        // Their encoders write instructions of their own.
        case .deepSeekV32, .deepSeekV4: ToolSyntax.hermes.example(name: name, arguments: arguments)
        }
    }
}

/// The texts around an argument in DSML.
public struct ArgumentElements: Sendable, Hashable {
    public let opening = "<\(DSML.token)parameter name=\""
    /// The names that `ToolCallParser` reads, and more than any tool has.
    public let names = "[^\"=>]{0,256}"
    public let beforeText = "\" string=\"true\">"
    public let beforeValue = "\" string=\"false\">"
    public let closing = "</\(DSML.token)parameter>"
    /// Of the closing; the rarest one.
    public let rareScalar: Unicode.Scalar = "｜"
    public let separator = "\n"
}

/// The texts around calls and their parts.
struct ToolMarks: Sendable, Hashable {
    let callsBegin: String
    let callBegin: String
    let separator: String
    let callEnd: String
    let callsEnd: String

    static let deepSeek = ToolMarks(
        callsBegin: "<｜tool▁calls▁begin｜>", callBegin: "<｜tool▁call▁begin｜>", separator: "<｜tool▁sep｜>",
        callEnd: "<｜tool▁call▁end｜>", callsEnd: "<｜tool▁calls▁end｜>")
    static let kimi = ToolMarks(
        callsBegin: "<|tool_calls_section_begin|>", callBegin: "<|tool_call_begin|>",
        separator: "<|tool_call_argument_begin|>", callEnd: "<|tool_call_end|>", callsEnd: "<|tool_calls_section_end|>")

    var all: [String] { [callsBegin, callBegin, separator, callEnd, callsEnd] }
}
