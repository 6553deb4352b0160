import HadalJSON

extension ValueType<Bool> {
    static var boolean: ValueType {
        .scalar("true or false", example: "true") { text, _ throws(WrongValue) in
            switch text {
            case "true": return true
            case "false": return false
            default:
                throw WrongValue(
                    problem: "\(quoted(text)) is neither true nor false",
                    advice: "write true or false: yes, no, on and off are read differently by different programs")
            }
        } json: {
            .bool($0)
        }
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable<String> {
    /// One of a few words.
    static var choice: ValueType {
        let names = Value.allCases.map(\.rawValue)
        let name = names.count > 1 ? names.dropLast().joined(separator: ", ") + " or " + names.last! : names[0]
        return .scalar(name, example: names[0]) { text, _ throws(WrongValue) in
            guard let choice = Value(rawValue: text) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is none of the choices",
                    advice: Suggestion.nearest(to: text, among: names).map { "did you mean '\($0)'?" }
                        ?? "write \(name)")
            }
            return choice
        } json: {
            .string($0.rawValue)
        }
    }
}

extension ValueType<String> {
    /// Any text of a line.
    static func text(_ name: String = "text", example: String) -> ValueType {
        .scalar(name, example: example) { text, _ throws(WrongValue) in
            guard !text.isEmpty, text.utf8.count <= 4096, !text.contains(where: \.isNewline) else {
                throw WrongValue(
                    problem: text.isEmpty ? "an empty text" : "\(quoted(text)) is not one line of at most 4096 bytes",
                    advice: "write \(name), such as \(example)")
            }
            return text
        } json: {
            .string($0)
        }
    }

    /// A text without spaces, in which only some characters may stand.
    static func word(
        _ name: String, example: String, _ isAllowed: @escaping @Sendable (Character) -> Bool
    ) -> ValueType {
        .scalar(name, example: example) { text, _ throws(WrongValue) in
            guard !text.isEmpty, text.utf8.count <= 1024, text.allSatisfy(isAllowed) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no \(name)", advice: "write one such as \(example)")
            }
            return text
        } json: {
            .string($0)
        }
    }

    /// What computes a model.
    static var device: ValueType {
        .scalar("cpu, cuda, cuda:1 or cuda:UUID", example: "cuda") { text, _ throws(WrongValue) in
            guard text == "cpu" || text.wholeMatch(of: /cuda(:(\d{1,4}|(GPU|MIG)-[-0-9A-Za-z\/]{1,80}))?/) != nil else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no device", advice: "write cpu, cuda, cuda:1 or cuda:GPU-…")
            }
            return text
        } json: {
            .string($0)
        }
    }

    /// The name of an environment variable (POSIX.1-2024, 3.216).
    static var environmentName: ValueType {
        .word("name of an environment variable", example: "HADAL_PASSPHRASE") {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
        }
    }
}
