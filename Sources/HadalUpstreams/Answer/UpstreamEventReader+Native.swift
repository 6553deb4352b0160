import HadalJSON
import HadalWire

/// llama.cpp's own stream, in which it fills gaps.
extension UpstreamEventReader {
    mutating func native(_ chunk: JSON) throws(NotUnderstood) -> [WorkerEvent] {
        guard let text = chunk["content"]?.string else { throw NotUnderstood("an event without content") }
        var events = start()
        var tokens: [GeneratedToken] = (chunk["tokens"]?.array ?? []).compactMap { element in
            element.int.flatMap(Int32.init(exactly:)).map { GeneratedToken(id: $0) }
        }
        try append(.content, text, &tokens, to: &events)
        guard chunk["stop"]?.bool == true else { return events }
        let evaluated = chunk["tokens_evaluated"]?.int ?? 0
        let predicted = chunk["tokens_predicted"]?.int ?? 0
        try readUsage([
            "prompt_tokens": .int(Int64(evaluated)), "completion_tokens": .int(Int64(predicted)),
        ])
        let type = chunk["stop_type"]?.string
        let isCut = type == "limit" || chunk["stopped_limit"]?.bool == true
        events += try end(isCut ? "length" : "stop", ["stop_reason": chunk["stopping_word"] ?? .null])
        isDone = true
        return events
    }
}
