import ArgumentParser
import Foundation
import HadalTerminal

/// A password never stands among the arguments, where everybody on the machine can read it.
struct PasswordOption: ParsableArguments {
    private static let bytesLimit = 4096

    @Option(
        help: ArgumentHelp(
            "Read the password from a file's first line; '-' is standard input. Default: it is asked for.",
            valueName: "file"))
    var passwordFile: String?

    /// From the file, from standard input where that is no terminal, or from a person, who types it twice.
    func read(for user: String) throws -> String {
        if let passwordFile, passwordFile != "-" {
            guard let handle = FileHandle(forReadingAtPath: passwordFile) else {
                throw CommandFailure("\(passwordFile) cannot be read; name a file that holds the password")
            }
            return try firstLine(of: handle, passwordFile)
        }
        guard passwordFile == nil, Terminal.standardInput.isTerminal else {
            return try firstLine(of: .standardInput, "standard input")
        }
        return try SecretPrompt.askTwice("New password for \(user): ", advice: "give --password-file")
    }

    private func firstLine(of handle: FileHandle, _ name: String) throws -> String {
        let bytes = try handle.read(upToCount: Self.bytesLimit + 1) ?? Data()
        guard bytes.count <= Self.bytesLimit, let text = String(data: bytes, encoding: .utf8) else {
            throw CommandFailure("\(name) holds no password: it must be text of at most \(Self.bytesLimit) bytes")
        }
        let line = text.prefix { $0 != "\n" && $0 != "\r\n" }
        guard !line.isEmpty else { throw CommandFailure("\(name) is empty; write the password into its first line") }
        return String(line)
    }
}
