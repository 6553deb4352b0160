import HadalJSON

/// The items that a response is made of.
enum ResponsesItem {
    static func reasoning(_ head: ReplyHead, _ index: Int, _ text: String, status: String = "completed") -> JSON {
        [
            "type": "reasoning", "id": .string(id("rs", head, index)), "summary": [],
            "content": text.isEmpty ? [] : [["type": "reasoning_text", "text": .string(text)]],
            "status": .string(status),
        ]
    }

    static func message(_ head: ReplyHead, _ index: Int, _ content: [JSON], status: String = "completed") -> JSON {
        [
            "type": "message", "id": .string(id("msg", head, index)), "status": .string(status), "role": "assistant",
            "content": .array(content),
        ]
    }

    static func text(_ text: String, _ tokens: [GeneratedToken]) -> JSON {
        [
            "type": "output_text", "text": .string(text), "annotations": [],
            "logprobs": logProbabilities(tokens),
        ]
    }

    static func call(
        _ head: ReplyHead, _ index: Int, _ call: Choice.ToolCall, status: String = "completed"
    ) -> JSON {
        [
            "type": "function_call", "id": .string(id("fc", head, index)),
            "call_id": .string(head.callID(choice: 0, call: call.index)), "name": .string(call.name),
            "arguments": .string(call.arguments), "status": .string(status),
        ]
    }

    static func id(_ kind: String, _ head: ReplyHead, _ index: Int) -> String {
        "\(kind)_\(index)\(head.own)"
    }

    /// Empty where none were asked for.
    static func logProbabilities(_ tokens: [GeneratedToken]) -> JSON {
        LogProbabilities.chat(content: tokens, reasoning: [])["content"] ?? []
    }
}

/// The answers of `/v1/responses`.
public enum ResponsesReply {
    public static func whole(
        _ head: ReplyHead, repeating repeated: JSON.Object, _ choice: Choice, _ summary: GenerationSummary
    ) -> JSON {
        var items: [JSON] = []
        if !choice.reasoning.isEmpty { items.append(ResponsesItem.reasoning(head, items.count, choice.reasoning)) }
        if !choice.content.isEmpty || choice.calls.isEmpty {
            let text = ResponsesItem.text(choice.content, choice.contentTokens)
            items.append(ResponsesItem.message(head, items.count, [text]))
        }
        for call in choice.calls { items.append(ResponsesItem.call(head, items.count, call)) }
        if summary.finish.isCut, var last = items.popLast()?.object {
            last["status"] = "incomplete"
            items.append(.object(last))
        }
        return ended(head, repeating: repeated, items, summary)
    }

    static func ended(
        _ head: ReplyHead, repeating repeated: JSON.Object, _ items: [JSON], _ summary: GenerationSummary
    ) -> JSON {
        let reason: JSON = summary.finish == .contentFilter ? "content_filter" : "max_output_tokens"
        return response(
            head, repeating: repeated, status: summary.finish.isCut ? "incomplete" : "completed", items,
            usage: summary.usage, incomplete: summary.finish.isCut ? ["reason": reason] : .null)
    }

    static func response(
        _ head: ReplyHead, repeating repeated: JSON.Object, status: String, _ items: [JSON], usage: Usage? = nil,
        incomplete: JSON = .null, error: JSON = .null
    ) -> JSON {
        var object = JSON.Object([
            ("id", .string(head.id)), ("object", "response"), ("created_at", .int(Int64(head.created))),
            ("status", .string(status)), ("error", error), ("incomplete_details", incomplete),
            ("model", .string(head.model)), ("output", .array(items)),
        ])
        if let usage { object["usage"] = self.usage(usage) }
        for key in repeated.keys { object[key] = repeated[key] }
        return .object(object)
    }

    private static func usage(_ usage: Usage) -> JSON {
        [
            "input_tokens": .int(Int64(usage.promptTokens)),
            "input_tokens_details": [
                "cached_tokens": .int(Int64(usage.cachedTokens)), "cache_write_tokens": 0,
            ],
            "output_tokens": .int(Int64(usage.completionTokens)),
            "output_tokens_details": ["reasoning_tokens": .int(Int64(usage.reasoningTokens))],
            "total_tokens": .int(Int64(usage.promptTokens + usage.completionTokens)),
        ]
    }
}

extension FinishReason {
    /// Whether something is missing at the answer's end.
    var isCut: Bool { self == .length || self == .contentFilter }
}
