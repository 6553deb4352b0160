import HadalJSON

/// What the model's answer must say in a member of its JSON.
struct AnswerCondition: Sendable {
    let path: AnswerPath
    /// For numbers, and texts that are numbers.
    let range: NumberRange?
    /// For texts, numbers, true and false.
    let values: [NamePattern]
    /// Where the answer is no JSON or has no such member.
    let ifMissing: Bool

    /// Whether one of the values the path leads to fits; nil where it leads nowhere.
    func holds(for answer: JSON) -> Bool? {
        let found = path.values(in: answer)
        return found.isEmpty ? nil : found.contains { fits($0) }
    }

    private func fits(_ value: JSON) -> Bool {
        if let range {
            guard let number = value.double ?? value.string.flatMap({ Double($0) }) else { return false }
            guard range.contains(number) else { return false }
        }
        guard !values.isEmpty else { return true }
        let text: String? =
            switch value {
            case .string(let text): text
            case .null, .bool, .int, .double: value.text
            case .array, .object: nil
            }
        return text.map { text in values.contains { $0.matches(text) } } ?? false
    }
}

/// A place in JSON: `$.risk.score`, `alerts[0].level`, `alerts[*].level`, `['risk score']`.
struct AnswerPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
        /// Each element of an array, each member of an object.
        case each
    }

    let text: String
    let steps: [Step]

    /// - Returns: nil for what is no path.
    init?(_ text: String) {
        self.text = text
        var steps: [Step] = []
        var rest = Substring(text)
        if rest.hasPrefix("$") {
            rest.removeFirst()
        } else if !rest.hasPrefix("[") {
            rest = "." + rest
        }
        while let first = rest.first {
            rest.removeFirst()
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                guard let step = Self.bracket(rest[..<end]) else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard first == ".", !name.isEmpty, !name.contains("]") else { return nil }
                steps.append(name == "*" ? .each : .member(String(name)))
                rest = rest[name.endIndex...]
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    private static func bracket(_ text: Substring) -> Step? {
        if text == "*" { return .each }
        if let number = Int(text), number >= 0 { return .element(number) }
        guard text.count > 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return nil
        }
        return .member(String(text.dropFirst().dropLast()))
    }

    func values(in json: JSON) -> [JSON] {
        var values = [json]
        for step in steps {
            values = values.flatMap { value -> [JSON] in
                switch step {
                case .member(let name): value[name].map { [$0] } ?? []
                case .element(let index): value[index].map { [$0] } ?? []
                case .each: value.array ?? value.object?.members.map(\.value) ?? []
                }
            }
        }
        return values
    }
}

/// The JSON in a model's answer.
enum AnswerText {
    /// The whole text, or else the first block between ``` marks that is JSON; nil where there is none.
    static func json(in text: String) -> JSON? {
        if let json = try? JSON(parsing: text) { return json }
        let pieces = text.split(separator: "```", omittingEmptySubsequences: false)
        for index in stride(from: 1, to: pieces.count, by: 2) {
            // The language may stand behind the mark.
            let block = pieces[index].drop { $0.isLetter }
            if let json = try? JSON(parsing: String(block)) { return json }
        }
        return nil
    }
}
