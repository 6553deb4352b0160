import HadalJSON
import HadalWire

/// Trials whose proof is in what is answered.
extension UpstreamTrials {
    mutating func logProbabilities() async throws {
        let reader = TokenReader(top: 1)
        if features.contains(.chat),
            let json = try await ask(chat(nil, [("logprobs", true), ("top_logprobs", 1)], tokens: 2)),
            let choice = json["choices"]?[0], let tokens = try? reader.tokens(of: choice),
            tokens.contains(where: { $0.chosen != nil })
        {
            features.insert(.chatLogProbabilities)
        }
        if features.contains(.completion), let json = try await ask(completion("Hello", [("logprobs", 1)], tokens: 2)),
            let choice = json["choices"]?[0], let tokens = try? reader.tokens(of: choice),
            tokens.contains(where: { $0.chosen != nil })
        {
            features.insert(.completionLogProbabilities)
        }
    }

    /// Two seeds, twice each, where there is much to choose from.
    mutating func seeds() async throws {
        for seed in [11, 12] {
            var texts: [String] = []
            for _ in 0..<2 {
                let extra: Members = [("seed", .int(Int64(seed))), ("temperature", 1.0)]
                let request = either("Write down twenty random words.", extra, tokens: 24)
                guard let json = try await ask(request) else { return }
                let message = json["choices"]?[0]?["message"]
                texts.append(
                    Self.text(json) + (message?["reasoning_content"]?.string ?? message?["reasoning"]?.string ?? ""))
            }
            guard texts[0] == texts[1], !texts[0].isEmpty else { return }
        }
        features.insert(.seeds)
    }

    /// Token ids, and gaps.
    mutating func prompts() async throws {
        if features.contains(.completion) {
            let ids: JSON = [5, 6, 7, 8, 9, 10, 11]
            // Who takes them for text counts more.
            if try await ask(completion(ids))?["usage"]?["prompt_tokens"]?.int == 7 { features.insert(.tokenPrompts) }
        }
        try await infill()
    }

    private mutating func infill() async throws {
        let before = "def add(a, b):\n    return "
        let after = "\n\n\nif __name__ == \"__main__\":\n    print(add(40, 2), \"is the answer to all questions\")\n"
        switch identity.kind {
        case .llamaServer:
            let answer = try await http.exchange(
                "/infill", ["input_prefix": .string(before), "input_suffix": .string(after), "n_predict": 4])
            if answer.status == 200, answer.json?["content"]?.string != nil { features.insert(.infill) }
        case .deepSeek:
            let (_, body) = completion(.string(before), [("suffix", .string(after))], tokens: 4)
            if try await ask(("/beta/completions", body)) != nil { features.insert(.infill) }
        default:
            guard features.contains(.completion) else { return }
            let plain = try await ask(completion(.string(before), [], tokens: 4))
            let filled = try await ask(completion(.string(before), [("suffix", .string(after))], tokens: 4))
            // The suffix must have become a part of the prompt, and not of the text.
            guard let short = plain?["usage"]?["prompt_tokens"]?.int,
                let long = filled?["usage"]?["prompt_tokens"]?.int, long >= short + 8,
                !Self.text(filled).hasSuffix(after)
            else { return }
            features.insert(.infill)
        }
    }

    // MARK: tokens

    mutating func tokens() async throws {
        let calls = TokenCalls(model: http.settings.model, kind: identity.kind)
        let text = "Hadal lies below 6000 meters."
        var request = TokenizeRequest(WorkerRequest(id: "probe", prompt: .plain(.text(text))))
        request.addsSpecialTokens = false
        guard let tokenize = try calls.tokenize(request) else { return }
        guard let elements = try await ask(tokenize)?["tokens"]?.array else { return }
        let ids = elements.compactMap { ($0.int ?? $0["id"]?.int).flatMap(Int32.init(exactly:)) }
        guard !ids.isEmpty, ids.count == elements.count else { return }
        features.insert(.tokenize)
        let json = try await ask(calls.detokenize(DetokenizeRequest(tokens: ids)))
        let back = (json?["prompt"] ?? json?["text"] ?? json?["content"])?.string ?? ""
        if back.contains("6000 meters") { features.insert(.detokenize) }
    }

    /// Asks for more than any context has: many servers tell in their refusal what fits. Only those that refuse before
    /// they compute are asked so.
    mutating func contextLength() async throws -> Int? {
        guard identity.kind == .llamaCppPython else { return nil }
        let (path, body) = either(String(repeating: " a", count: 1 << 18))
        let answer = try await http.exchange(path, body)
        guard answer.status != 200, let text = answer.json?["error"]?["message"]?.string,
            let match = text.firstMatch(of: /maximum context length is (\d+)/)
        else { return nil }
        return Int(match.1).flatMap { $0 > 0 ? $0 : nil }
    }
}
