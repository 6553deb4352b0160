import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import Testing

/// The real program: `hadal serve MODEL`, or without one, with the worker it starts.
struct HadalProcess: Sendable {
    let port: Int
    let process: Int32
    /// What the program tells people to try: the path and body of a request.
    let example: (path: String, body: String)

    /// Built beside the tests.
    static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("hadal").path

    var serving: Serving { Serving(port: port, socket: "") }

    /// Starts the server on a free port, waits until it says that it is ready, and after `body` until it has ended: by
    /// itself where `body` sees to that, else by SIGTERM.
    static func serve<Value: Sendable>(
        _ model: String, _ further: [String] = [], _ body: @escaping @Sendable (HadalProcess) async throws -> Value
    ) async throws -> (value: Value, status: TerminationStatus) {
        try await serve([model] + further, body)
    }

    /// - Parameters:
    ///   - arguments: beside the address.
    ///   - errors: where the log goes.
    static func serve<Value: Sendable>(
        _ arguments: [String], errors: FileDescriptorOutput = .currentStandardError,
        _ body: @escaping @Sendable (HadalProcess) async throws -> Value
    ) async throws -> (value: Value, status: TerminationStatus) {
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(20))]
        let data = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: data) }
        let result = try await Subprocess.run(
            .path(.init(executable)),
            arguments: .init(["serve", "--listen", "127.0.0.1:0"] + arguments),
            environment: environment(data.path),
            platformOptions: platform,
            input: .none, output: .sequence, error: errors
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            while let line = try await lines.next() {
                // Whatever else it prints, this line comes when it is ready.
                guard let match = line.firstMatch(of: /curl http:\/\/127\.0\.0\.1:(\d+)(\S+) .*-d '(.*)'/),
                    let port = Int(match.1)
                else { continue }
                let hadal = HadalProcess(
                    port: port, process: execution.processIdentifier.value, example: (String(match.2), String(match.3)))
                let value = try await body(hadal)
                try? execution.send(signal: .terminate)
                while try await lines.next() != nil {}
                return Optional(value)
            }
            return nil
        }
        return (try #require(result.closureResult), result.terminationStatus)
    }

    /// With a data directory of its own, so that nothing of the machine's user takes part; empty: none.
    private static func environment(_ data: String) -> Environment {
        .inherit.updating(["HADAL_DATA": data, "HADAL_CONFIG": ""])
    }

    /// Runs the program to its end, without what this process's environment says of configuration and data.
    static func run(
        _ arguments: [String]
    ) async throws -> (status: TerminationStatus, output: String, errors: String) {
        let result = try await Subprocess.run(
            .path(.init(executable)), arguments: .init(arguments), environment: environment(""),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    /// Runs the program with something to read.
    static func talk(_ arguments: [String], _ input: String) async throws -> (output: String, errors: String) {
        let result = try await Subprocess.run(
            .path(.init(executable)), arguments: .init(arguments), input: try standardInput(input + "\n"),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.standardOutput, result.standardError)
    }

    /// The processes that this one has started.
    var workers: [Int32] {
        let path = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return threads.flatMap { thread -> [Int32] in
            let text = try? String(contentsOfFile: "\(path)/\(thread)/children", encoding: .utf8)
            return (text ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }
}

/// A program's standard input, from a file: the writer of a pipe ends this process (swift-subprocess 1.0.2) where the program
/// ends before it has read all.
func standardInput(_ text: String) throws -> FileDescriptorInput {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-input-\(UUID().uuidString)")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return .fileDescriptor(try .open(FilePath(url.path), .readOnly), closeAfterSpawningProcess: true)
}
