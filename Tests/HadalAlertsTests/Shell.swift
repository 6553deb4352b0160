import Foundation

enum Shell {
    /// What a program says to its input.
    static func output(_ command: [String], input: [UInt8] = []) async throws -> String {
        try await offPool { try run(command, input) }
    }

    private static func run(_ command: [String], _ input: [UInt8]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let (inward, outward) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (inward, outward, outward)
        try process.run()
        try inward.fileHandleForWriting.write(contentsOf: input)
        try inward.fileHandleForWriting.close()
        let output = try outward.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
