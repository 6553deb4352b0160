import HadalJSON
import HadalWire

/// A worker's request as one upstream is asked it: where to, and the body. What the upstream cannot do is refused here,
/// before anything is sent.
///
/// Three things of a worker's request are the gateway's own and stay here: `id`, `priority` and `startSeconds`.
/// `tenant` goes on where the upstream keeps what it caches apart by it.
struct UpstreamCall: Sendable {
    enum Shape: Sendable { case chat, completion, infill }

    var path: String
    var body: JSON.Object
    var shape: Shape
    /// How many alternatives were asked for; nil: no log-probabilities.
    var topLogProbabilities: Int?
    var toolNames: [String]
    /// Texts that end the answer.
    var stopTexts: [String]
    /// How long the prompt is, where nobody tells: exact for token ids, else a guess.
    var promptTokens: Int

    /// - Parameters:
    ///   - hasOwnSeed: whether a client counts on the seed. Else it is left out where the upstream has none.
    /// - Throws: what the upstream has not been seen to do, as `unsupported`.
    init(
        _ request: WorkerRequest, model: String, upstream: String, _ can: UpstreamCapabilities, hasOwnSeed: Bool
    ) throws(WorkerFailure) {
        let writer = RequestWriter(request: request, upstream: upstream, can: can)
        topLogProbabilities = request.topLogProbabilities
        toolNames = request.tools.active.isEmpty ? [] : request.tools.names
        stopTexts = request.stop.texts ?? []
        promptTokens = Self.length(of: request.prompt)
        var members: [(String, JSON?)] = [("model", .string(model))]
        switch request.prompt {
        case .messages(let messages, let variables):
            shape = .chat
            path = "/v1/chat/completions"
            try writer.need(.chat, "messages", "no conversations")
            members += try writer.messages(messages)
            members += try writer.thinking(variables)
            members += try writer.tools()
            if request.continuesLast, can.kind == .deepSeek { path = "/beta/chat/completions" }
        case .infill(let before, let after):
            let isNative = can.kind == .llamaServer
            shape = isNative ? .infill : .completion
            path = isNative ? "/infill" : can.kind == .deepSeek ? "/beta/completions" : "/v1/completions"
            try writer.need(.infill, "suffix", "no filling of gaps")
            members +=
                isNative
                ? [("input_prefix", .string(before)), ("input_suffix", .string(after)), ("prompt", "")]
                : [("prompt", .string(before)), ("suffix", .string(after))]
        case .plain(let plain):
            shape = .completion
            path = "/v1/completions"
            try writer.need(.completion, "prompt", "no plain prompts")
            switch plain {
            case .text(let text): members.append(("prompt", .string(text)))
            case .tokens(let tokens):
                try writer.need(.tokenPrompts, "prompt", "no token ids as a prompt")
                members.append(("prompt", .array(tokens.map { .int(Int64($0)) })))
            }
        }
        if shape != .chat { try writer.refuseOfConversations() }
        members += try writer.sampling(hasOwnSeed: hasOwnSeed)
        members += try writer.stops()
        members += try writer.constraint(shape)
        members += try writer.logProbabilities(shape)
        members += try writer.length(shape)
        members += writer.stream(shape)
        body = JSON.Object(members.compactMap { member in member.1.map { (member.0, $0) } })
    }

    /// Four bytes a token where nothing better is known.
    static func length(of prompt: WorkerRequest.Prompt) -> Int {
        switch prompt {
        case .plain(.tokens(let tokens)): tokens.count
        case .plain(.text(let text)): (text.utf8.count + 3) / 4
        case .infill(let before, let after): (before.utf8.count + after.utf8.count + 3) / 4
        case .messages(let messages, _):
            messages.reduce(0) { $0 + 4 + (($1["content"]?.string ?? "").utf8.count + 3) / 4 }
        }
    }
}
