import HadalJSON

/// Writes a generation as the events of `/v1/responses`: items that begin, grow and end, one after the other, each event
/// numbered.
public struct ResponsesStream: Sendable {
    private enum Open {
        case reasoning(String)
        case text(String, [GeneratedToken])
        case call(Choice.ToolCall)
    }

    private let head: ReplyHead
    private let repeated: JSON.Object
    private var items: [JSON] = []
    private var open: Open?
    private var number = 0

    public init(_ head: ReplyHead, repeating repeated: JSON.Object) {
        self.head = head
        self.repeated = repeated
    }

    private mutating func event(_ type: String, _ members: [(String, JSON)]) -> ServerSentEvent {
        defer { number += 1 }
        let data = JSON.Object([("type", .string(type)), ("sequence_number", .int(Int64(number)))] + members)
        return ServerSentEvent(name: type, data: JSON.object(data).text)
    }

    private var place: [(String, JSON)] { [("output_index", .int(Int64(items.count)))] }

    private func place(of kind: String) -> [(String, JSON)] {
        [("item_id", .string(ResponsesItem.id(kind, head, items.count)))] + place
    }

    public mutating func opening() -> [ServerSentEvent] {
        let response = ResponsesReply.response(head, repeating: repeated, status: "in_progress", [])
        return ["response.created", "response.in_progress"].map { event($0, [("response", response)]) }
    }

    public mutating func events(_ delta: GenerationDelta) -> [ServerSentEvent] {
        switch delta.part {
        case .reasoning:
            guard !delta.text.isEmpty else { return [] }
            var events: [ServerSentEvent] = []
            if case .reasoning(let text) = open {
                open = .reasoning(text + delta.text)
            } else {
                events = close()
                events.append(
                    event(
                        "response.output_item.added",
                        place + [("item", ResponsesItem.reasoning(head, items.count, "", status: "in_progress"))]))
                events.append(
                    event(
                        "response.content_part.added",
                        place(of: "rs") + [("content_index", 0), ("part", Self.reasoningPart(""))]))
                open = .reasoning(delta.text)
            }
            return events + [
                event(
                    "response.reasoning_text.delta",
                    place(of: "rs") + [("content_index", 0), ("delta", .string(delta.text))])
            ]
        case .content, .broken:
            guard !delta.text.isEmpty || !delta.tokens.isEmpty else { return [] }
            var events: [ServerSentEvent] = []
            if case .text(let text, let tokens) = open {
                open = .text(text + delta.text, tokens + delta.tokens)
            } else {
                guard !delta.text.isEmpty else { return [] }
                events = beginText()
                open = .text(delta.text, delta.tokens)
            }
            let members: [(String, JSON)] = [
                ("content_index", 0), ("delta", .string(delta.text)),
                ("logprobs", ResponsesItem.logProbabilities(delta.tokens)),
            ]
            return events + [event("response.output_text.delta", place(of: "msg") + members)]
        case .call(let index, let name):
            var events: [ServerSentEvent] = []
            if let name {
                events = close()
                let call = Choice.ToolCall(index: index, name: name, arguments: "")
                events.append(
                    event(
                        "response.output_item.added",
                        place + [("item", ResponsesItem.call(head, items.count, call, status: "in_progress"))]))
                open = .call(call)
            }
            guard case .call(var call) = open, !delta.text.isEmpty else { return events }
            call.arguments += delta.text
            open = .call(call)
            return events + [
                event("response.function_call_arguments.delta", place(of: "fc") + [("delta", .string(delta.text))])
            ]
        }
    }

    private static func reasoningPart(_ text: String) -> JSON {
        ["type": "reasoning_text", "text": .string(text)]
    }

    private mutating func beginText() -> [ServerSentEvent] {
        var events = close()
        let item = ResponsesItem.message(head, items.count, [], status: "in_progress")
        events.append(event("response.output_item.added", place + [("item", item)]))
        events.append(
            event(
                "response.content_part.added",
                place(of: "msg") + [("content_index", 0), ("part", ResponsesItem.text("", []))]))
        return events
    }

    /// Ends the item that is open.
    private mutating func close(status: String = "completed") -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        let item: JSON
        switch open {
        case nil: return []
        case .reasoning(let text):
            item = ResponsesItem.reasoning(head, items.count, text, status: status)
            events.append(
                event(
                    "response.reasoning_text.done", place(of: "rs") + [("content_index", 0), ("text", .string(text))]))
            events.append(
                event(
                    "response.content_part.done",
                    place(of: "rs") + [("content_index", 0), ("part", Self.reasoningPart(text))]))
        case .text(let text, let tokens):
            let part = ResponsesItem.text(text, tokens)
            item = ResponsesItem.message(head, items.count, [part], status: status)
            let logProbabilities = ResponsesItem.logProbabilities(tokens)
            events.append(
                event(
                    "response.output_text.done",
                    place(of: "msg") + [("content_index", 0), ("text", .string(text)), ("logprobs", logProbabilities)]))
            events.append(
                event("response.content_part.done", place(of: "msg") + [("content_index", 0), ("part", part)]))
        case .call(let call):
            item = ResponsesItem.call(head, items.count, call, status: status)
            events.append(
                event(
                    "response.function_call_arguments.done",
                    place(of: "fc") + [("name", .string(call.name)), ("arguments", .string(call.arguments))]))
        }
        events.append(event("response.output_item.done", place + [("item", item)]))
        items.append(item)
        open = nil
        return events
    }

    /// - Returns: the last events, and the response as a whole.
    public mutating func closing(_ summary: GenerationSummary) -> (events: [ServerSentEvent], response: JSON) {
        // Every answer has a message, be it an empty one.
        var events = items.isEmpty && open == nil ? emptyText() : []
        let isCut = summary.finish.isCut
        events += close(status: isCut ? "incomplete" : "completed")
        let response = ResponsesReply.ended(head, repeating: repeated, items, summary)
        events.append(event(isCut ? "response.incomplete" : "response.completed", [("response", response)]))
        return (events, response)
    }

    private mutating func emptyText() -> [ServerSentEvent] {
        let events = beginText()
        open = .text("", [])
        return events
    }

    public mutating func failure(_ error: ErrorObject) -> [ServerSentEvent] {
        let told: JSON = [
            "code": .string(error.status == 429 ? "rate_limit_exceeded" : "server_error"),
            "message": .string(error.message),
        ]
        let response = ResponsesReply.response(head, repeating: repeated, status: "failed", items, error: told)
        return [event("response.failed", [("response", response)])]
    }
}
