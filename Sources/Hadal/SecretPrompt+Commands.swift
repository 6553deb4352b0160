import HadalTerminal

extension SecretPrompt {
    /// Asks at the terminal that the command was started at.
    /// - Parameter advice: what to do where there is none.
    static func ask(_ question: String, advice: String) throws -> String {
        guard Terminal.standardInput.isTerminal else {
            throw CommandFailure("there is no terminal to ask at; \(advice)")
        }
        guard let typed = try SecretPrompt().ask(question), !typed.isEmpty else {
            throw CommandFailure("nothing was typed, and nothing was changed")
        }
        return typed
    }

    /// Asks for something new, which has to be typed twice.
    static func askTwice(_ question: String, advice: String) throws -> String {
        let typed = try ask(question, advice: advice)
        guard try ask("The same again: ", advice: advice) == typed else {
            throw CommandFailure("the two are not the same; nothing was changed. Try again")
        }
        return typed
    }
}
