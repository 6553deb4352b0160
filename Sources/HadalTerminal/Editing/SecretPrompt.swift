#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Asks a person for something that nobody may read over their shoulder: what they type is not shown.
public struct SecretPrompt: Sendable {
    private static let bytesLimit = 4096

    private let input: Terminal
    private let output: Terminal

    public init(input: Terminal = .standardInput, output: Terminal = .standardError) {
        self.input = input
        self.output = output
    }

    /// A line, without its end; nil where there is none. Ctrl-C ends the program as it does elsewhere, with the terminal as it
    /// was.
    /// - Throws: `TerminalError.system` where the input is no terminal, `.inputTooLong`.
    public func ask(_ question: String) throws -> String? {
        var original = termios()
        guard tcgetattr(input.descriptor, &original) == 0 else {
            throw TerminalError.system(call: "tcgetattr", descriptor: input.descriptor, code: errno)
        }
        var silent = original
        // Without ISIG Ctrl-C is a byte like others, and as VEOL it ends the line.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        let interrupt = withUnsafeMutableBytes(of: &silent.c_cc) { characters in
            characters[Int(VEOL)] = characters[Int(VINTR)]
            return characters[Int(VINTR)]
        }
        guard tcsetattr(input.descriptor, TCSAFLUSH, &silent) == 0 else {
            throw TerminalError.system(call: "tcsetattr", descriptor: input.descriptor, code: errno)
        }
        // Asked once nothing is shown any more: who types fast, or pastes, is not seen either.
        let line = Result {
            try output.write(question)
            return try readLine()
        }
        tcsetattr(input.descriptor, TCSAFLUSH, &original)
        try output.write("\n")
        var bytes = try line.get()
        if bytes.last == interrupt { raise(SIGINT) }
        guard bytes.last == UInt8(ascii: "\n") else {
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        }
        bytes.removeLast()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A terminal hands over a line at a time.
    private func readLine() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.bytesLimit + 1)
        while true {
            let count = read(input.descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw TerminalError.system(call: "read", descriptor: input.descriptor, code: errno)
            }
            guard count <= Self.bytesLimit else { throw TerminalError.inputTooLong(limitBytes: Self.bytesLimit) }
            return Array(bytes[..<count])
        }
    }
}
