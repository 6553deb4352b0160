import Foundation
import TestSupport

/// Python from the environment that `make setup` makes.
enum Python {
    struct Missing: Error, CustomStringConvertible {
        let description = "\(interpreter) is missing: run `make setup` first"
    }

    private static let interpreter = SharedData.repository.appending(path: ".venv/bin/python").path

    /// One of the scripts beside this file, with pipes to it.
    static func start(_ script: String) throws -> (process: Process, input: FileHandle, output: FileHandle) {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else { throw Missing() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = [URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: script).path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, input.fileHandleForWriting, output.fileHandleForReading)
    }
}
