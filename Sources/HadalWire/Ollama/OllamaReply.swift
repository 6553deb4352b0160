import Foundation
import HadalJSON

/// Ollama's answers. Times are nanoseconds.
public enum OllamaReply {
    /// The version of Ollama whose API this is; clients ask before they use what came later.
    public static let version = "0.13.0"

    /// What a model tells clients of itself.
    public struct Model: Sendable {
        public var name: String
        public var created: Date
        /// nil while its worker is starting.
        public var model: WorkerModel?
        /// nil: the model is as it was given.
        public var variant: ModelVariant?

        public init(name: String, created: Date, model: WorkerModel?, variant: ModelVariant?) {
            self.name = name
            self.created = created
            self.model = model
            self.variant = variant
        }

        private var details: JSON {
            let family = JSON.string(model?.architecture ?? "")
            return [
                "parent_model": .string(variant?.base ?? ""), "format": "", "family": family, "families": [family],
                "parameter_size": .string(model.map { Model.size($0.parameters) } ?? ""), "quantization_level": "",
            ]
        }

        /// `7.6B`
        private static func size(_ count: Int) -> String {
            switch count {
            case 1_000_000_000...: String(format: "%.1fB", Double(count) / 1e9)
            case 1_000_000...: String(format: "%.1fM", Double(count) / 1e6)
            default: String(format: "%.1fK", Double(count) / 1e3)
            }
        }

        /// An element of `/api/tags`.
        public var listed: JSON {
            [
                "name": .string(name), "model": .string(name), "modified_at": .string(time(created)),
                "size": .int(Int64(model?.weightBytes ?? 0)), "digest": .string(model?.fingerprint ?? ""),
                "details": details,
            ]
        }

        /// An element of `/api/ps`. Models stay loaded; the year is the one that Ollama writes for that.
        public var running: JSON {
            guard var object = listed.object else { return .null }
            object["modified_at"] = nil
            object["expires_at"] = "2318-01-01T00:00:00Z"
            object["size_vram"] = 0
            object["context_length"] = .int(Int64(model?.contextLength ?? 0))
            return .object(object)
        }

        /// The answer of `/api/show`.
        public var shown: JSON {
            let architecture = model?.architecture ?? ""
            var capabilities: [JSON] = []
            if let abilities = model?.abilities {
                if abilities.contains(.completion) { capabilities.append("completion") }
                if abilities.contains(.chat) { capabilities += ["tools", "thinking"] }
                if abilities.contains(.infill) { capabilities.append("insert") }
                if abilities.contains(.embedding) { capabilities.append("embedding") }
            }
            var information = JSON.Object([
                ("general.architecture", .string(architecture)),
                ("general.parameter_count", .int(Int64(model?.parameters ?? 0))),
                ("\(architecture).context_length", .int(Int64(model?.contextLength ?? 0))),
                ("\(architecture).vocab_size", .int(Int64(model?.vocabularySize ?? 0))),
            ])
            if let dimensions = model?.embeddingDimensions {
                information["\(architecture).embedding_length"] = .int(Int64(dimensions))
            }
            let defaults = variant?.defaults ?? ModelDefaults()
            return .compact([
                ("license", defaults.licenses.isEmpty ? nil : .string(defaults.licenses.joined(separator: "\n"))),
                ("modelfile", .string(variant?.modelfile ?? "FROM \(name)\n")),
                ("parameters", .string(variant?.parametersText ?? "")), ("template", ""),
                ("system", defaults.system.isEmpty ? nil : .string(defaults.system)), ("details", details),
                ("messages", defaults.messages.isEmpty ? nil : .array(defaults.messages)),
                ("model_info", .object(information)), ("capabilities", .array(capabilities)),
                ("modified_at", .string(time(created))),
            ])
        }
    }

    static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// A piece of an answer, or all of it.
    public struct Piece: Sendable {
        public var content = ""
        public var thinking = ""
        public var calls: [Choice.ToolCall] = []

        public init() {}

        public init(_ choice: Choice) {
            content = choice.content
            thinking = choice.reasoning
            calls = choice.calls
        }

        var members: [(String, JSON?)] {
            let calls = calls.map { call -> JSON in
                [
                    "function": [
                        "index": .int(Int64(call.index)), "name": .string(call.name),
                        "arguments": (try? JSON(parsing: call.arguments)) ?? [:],
                    ]
                ]
            }
            return [
                ("thinking", thinking.isEmpty ? nil : .string(thinking)),
                ("tool_calls", calls.isEmpty ? nil : .array(calls)),
            ]
        }
    }

    /// A line of the answer.
    ///
    /// - Parameters:
    ///   - end: what the last line tells beside: why, and the counts.
    public static func line(
        _ piece: Piece, model: String, isChat: Bool, now: Date, end: [(String, JSON?)]? = nil
    ) -> JSON {
        let content: [(String, JSON?)] =
            isChat
            ? [
                (
                    "message",
                    .compact([("role", "assistant"), ("content", .string(piece.content))] + piece.members)
                )
            ] : [("response", .string(piece.content))] + piece.members
        return .compact(
            [("model", .string(model)), ("created_at", .string(time(now)))] + content + [("done", .bool(end != nil))]
                + (end ?? []))
    }

    /// The last line's members.
    public static func end(_ summary: GenerationSummary, totalSeconds: Double) -> [(String, JSON?)] {
        func nanoseconds(_ seconds: Double) -> JSON { .int(Int64(seconds * 1e9)) }
        return [
            ("done_reason", summary.finish == .length ? "length" : "stop"),
            ("total_duration", nanoseconds(totalSeconds)), ("load_duration", 0),
            ("prompt_eval_count", .int(Int64(summary.usage.promptTokens))),
            ("prompt_eval_duration", nanoseconds(summary.firstTokenSeconds)),
            ("eval_count", .int(Int64(summary.usage.completionTokens))),
            ("eval_duration", nanoseconds(summary.decodeSeconds)),
        ]
    }

    /// A line of what is told while something is done with a model.
    public static func status(_ status: String) -> JSON { ["status": .string(status)] }

    /// For requests that ask for nothing but the model to be there.
    public static let loaded: [(String, JSON?)] = [("done_reason", "load")]

    public static func embeddings(
        _ embeddings: Embeddings, model: String, isSingle: Bool, totalSeconds: Double
    ) -> JSON {
        let vectors = embeddings.vectors.map { JSON.array($0.floats.map { .double(Double($0)) }) }
        if isSingle { return ["embedding": vectors.first ?? []] }
        return [
            "model": .string(model), "embeddings": .array(vectors),
            "total_duration": .int(Int64(totalSeconds * 1e9)), "load_duration": 0,
            "prompt_eval_count": .int(Int64(embeddings.promptTokens)),
        ]
    }
}

extension ErrorObject {
    /// `{"error": "…"}`
    public var ollamaJSON: JSON { ["error": .string(message)] }
}
