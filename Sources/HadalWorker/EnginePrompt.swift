import HadalEngine
import HadalJSON
import HadalTemplates
import HadalTokenization
import HadalWire

extension EngineBackend {
    /// What a request's prompt is to the engine, and how its answer is to be read.
    struct Prompt {
        var tokens: [Int32]
        var startsInReasoning = false
        var constraintStart = GenerationConstraint.Start.now
        /// Nil where the answer cannot be a call.
        var tools: AnswerParser.Tools?
        var stopTokens: Set<Int32> = []
        var shownTokens: Set<Int32> = []
    }

    func prompt(_ request: WorkerRequest) throws -> Prompt {
        switch request.prompt {
        case .messages(let messages, let variables): return try chat(messages, variables, request)
        case .infill(let before, let after):
            guard let fillInMiddle else {
                throw WorkerFailure(
                    .unsupported,
                    "\(host.name) has no tokens for filling gaps (fill in the middle); leave out the suffix",
                    field: "suffix")
            }
            return Prompt(
                tokens: host.infillPrompt(before: before, after: after, fillInMiddle),
                stopTokens: fillInMiddle.stopTokens)
        case .plain(.text(let text)): return Prompt(tokens: host.textPrompt(text))
        case .plain(.tokens(let tokens)): return Prompt(tokens: tokens)
        }
    }

    private func chat(_ messages: [JSON], _ variables: JSON.Object, _ request: WorkerRequest) throws -> Prompt {
        guard let toolFormat else { throw EngineError.noChatTemplate(model: host.name) }
        var messages = messages
        var continuation: PromptContinuation?
        if request.continuesLast, let last = messages.popLast() {
            continuation = .message(
                reasoning: last["reasoning_content"]?.string, content: last["content"]?.string ?? "")
        }
        let definitions = request.tools.active
        var tools: AnswerParser.Tools?
        if !definitions.isEmpty {
            tools = AnswerParser.Tools(
                toolFormat.syntax, names: Set(request.tools.names), isSingle: !request.tools.isParallel)
            if let prefill = prefill(request.tools.choice, toolFormat.syntax), continuation == nil {
                tools?.prefill = prefill
                continuation = .markup(prefill)
            }
        }
        let prepared = toolFormat.prepared(messages: messages, tools: definitions)
        let prompt = try host.chatPrompt(
            messages: prepared.messages, tools: prepared.tools, variables: variables, continuation: continuation,
            ownTexts: definitions.isEmpty ? [] : toolFormat.ownTexts)
        let shown = tools == nil ? [] : toolFormat.syntax.controlTexts.compactMap { host.tokenizer.id(of: $0) }
        return Prompt(
            tokens: prompt.tokens, startsInReasoning: prompt.startsInReasoning,
            constraintStart: host.constraintStart(prompt, thinks: variables["thinking"]?.bool), tools: tools,
            shownTokens: Set(shown))
    }

    /// Who must call a tool finds the call begun. That leaves no room for reasoning, which a grammar that begins after it
    /// would.
    private func prefill(_ choice: ToolChoice, _ syntax: ToolSyntax) -> String? {
        switch choice {
        case .none, .auto: nil
        case .required: syntax.prefill(name: nil)
        case .function(let name): syntax.prefill(name: name)
        }
    }

    // MARK: tokens alone

    public func tokenize(_ request: TokenizeRequest) async throws(WorkerFailure) -> TokenizedPrompt {
        let tokens: [Int32]
        do {
            if case .plain(.text(let text)) = request.request.prompt, !request.addsSpecialTokens {
                tokens = host.tokenizer.encode(text, parsesSpecial: false)
            } else {
                tokens = try prompt(request.request).tokens
            }
        } catch {
            throw WorkerFailure(engine: error)
        }
        return TokenizedPrompt(
            tokens: tokens, texts: tokens.map { String(decoding: host.tokenizer.bytes(of: $0), as: UTF8.self) })
    }

    public func detokenize(_ request: DetokenizeRequest) async throws(WorkerFailure) -> String {
        let size = host.tokenizer.vocabularySize
        guard let wrong = request.tokens.first(where: { $0 >= size }) else {
            return host.tokenizer.decode(request.tokens)
        }
        throw WorkerFailure(
            .invalidRequest, "token \(wrong) is not in the vocabulary (0 to \(size - 1))", field: "tokens")
    }
}
