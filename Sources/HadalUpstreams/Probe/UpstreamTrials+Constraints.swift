import HadalJSON
import HadalWire

/// Answers that no model gives of its own accord prove that a constraint holds.
extension UpstreamTrials {
    private static let question = "Write a short poem about the sea."

    mutating func constraints() async throws {
        // Reasoning comes first, and needs room.
        let room = features.contains(.reasoning) ? 2048 : 128
        try await jsonForms(room)
        guard !isHosted else { return }
        for form in forms {
            var proven: Set<UpstreamFeature> = []
            for (feature, constraint, holds) in Self.samples(form) {
                let json = try await ask(either(Self.question, Self.members(form, constraint), tokens: room))
                if let json, holds(Self.text(json)) { proven.insert(feature) }
            }
            guard !proven.isEmpty else { continue }
            guidedForm = form
            features.formUnion(proven)
            // Both are written by the others.
            if form == .sgLang, proven.contains(.regex) { features.insert(.choice) }
            if form == .grammar { features.insert(.choice) }
            return
        }
    }

    private var isHosted: Bool { [.openAI, .deepSeek, .ollama].contains(identity.kind) }

    private var forms: [UpstreamCapabilities.GuidedForm] {
        switch identity.kind {
        case .vLLM, .hadal: [.structuredOutputs, .guided]
        case .sgLang: [.sgLang]
        case .llamaServer, .llamaCppPython: [.grammar]
        default: UpstreamCapabilities.GuidedForm.allCases
        }
    }

    private mutating func jsonForms(_ room: Int) async throws {
        let object: Members = [("response_format", ["type": "json_object"])]
        if features.contains(.chat) || identity.kind != .llamaServer {
            let wrong: Members = [("response_format", ["type": "hadal"])]
            let isKnown = try await ask(either("Answer in JSON.", wrong)) == nil
            let json = isKnown ? try await ask(either("Answer in JSON: what is 1 + 1?", object, tokens: room)) : nil
            if let json {
                let isCut = json["choices"]?[0]?["finish_reason"]?.string == "length"
                if isCut || (try? JSON(parsing: Self.text(json)))?.object != nil { features.insert(.jsonObject) }
            }
        }
        let schema: JSON = [
            "type": "object", "properties": ["word": ["type": "string", "enum": ["hadal-7"]]], "required": ["word"],
            "additionalProperties": false,
        ]
        let named: JSON = ["name": "answer", "schema": schema, "strict": true]
        let format: JSON =
            identity.kind == .llamaCppPython
            ? ["type": "json_object", "schema": schema] : ["type": "json_schema", "json_schema": named]
        let json = try await ask(either(Self.question, [("response_format", format)], tokens: room))
        if (try? JSON(parsing: Self.text(json)))?["word"] == "hadal-7" { features.insert(.jsonSchema) }
    }

    private typealias Sample = (UpstreamFeature, (String, JSON), @Sendable (String) -> Bool)

    private static func samples(_ form: UpstreamCapabilities.GuidedForm) -> [Sample] {
        let regex: Sample = (.regex, ("regex", "hadal[0-9]{3}"), { $0.wholeMatch(of: /hadal[0-9]{3}/) != nil })
        let grammar: Sample = (.grammar, ("grammar", "root ::= \"hadal-g\""), { $0 == "hadal-g" })
        let choice: Sample = (
            .choice, ("choice", ["hadal-a", "hadal-b"]), { ["hadal-a", "hadal-b"].contains($0) }
        )
        return switch form {
        case .structuredOutputs, .guided: [regex, choice, grammar]
        case .sgLang: [regex, grammar]
        case .grammar: [grammar]
        }
    }

    private static func members(_ form: UpstreamCapabilities.GuidedForm, _ sample: (String, JSON)) -> Members {
        switch form {
        case .structuredOutputs: [("structured_outputs", .object(JSON.Object([sample])))]
        case .guided: [("guided_" + sample.0, sample.1)]
        case .sgLang: [(sample.0 == "grammar" ? "ebnf" : sample.0, sample.1)]
        case .grammar: [sample]
        }
    }
}
