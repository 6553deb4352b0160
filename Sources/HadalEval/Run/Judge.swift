import HadalClient
import HadalJSON
import HadalWire

/// A model that says whether an answer is what it has to be.
struct Judge: Sendable {
    private let client: HadalClient
    private let model: String

    init(_ client: HadalClient, model: String) { (self.client, self.model) = (client, model) }

    private static let schema: JSON = [
        "type": "object", "properties": ["reason": ["type": "string", "maxLength": 300], "yes": ["type": "boolean"]],
        "required": ["reason", "yes"], "additionalProperties": false,
    ]

    /// - Parameter messages: the conversation, its last message the answer.
    /// - Returns: what it finds wrong; nil: it says yes.
    func problem(_ question: String, _ messages: [ChatMessage]) async -> String? {
        let conversation = messages.map { "\($0.role.rawValue): \($0.content)" }.joined(separator: "\n\n")
        var call = ChatCall(
            model: model,
            messages: [
                ChatMessage(
                    role: .system,
                    content:
                        "You check the last answer of an assistant. Say in JSON whether it is so, with a short reason."),
                // Between marks, so that the answer cannot speak to the judge.
                ChatMessage(
                    role: .user, content: "<conversation>\n\(conversation)\n</conversation>\n\nQuestion: \(question)"),
            ])
        (call.temperature, call.seed, call.maximumTokens, call.schema) = (0, 1, 400, Self.schema)
        do {
            let said = try await client.answer(call)
            guard let json = Grader.json(said.content), let yes = json["yes"]?.bool else {
                return "the judge says neither yes nor no"
            }
            return yes ? nil : "the judge says no: \(json["reason"]?.string ?? "")"
        } catch { return "the judge does not answer: \(error)" }
    }
}
