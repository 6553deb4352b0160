import Foundation
import HadalJSON
import Subprocess
import Synchronization

// Subprocess takes paths of the one that there is.
#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Runs a program for each message, without a shell; it reads the message as JSON from its standard input. Exit code 0
/// is success, 75 (EX_TEMPFAIL) asks for another try, every other one means that there is no use in one.
public struct CommandChannel: AlertChannel {
    private static let again: Int32 = 75
    private static let wordsBytesMax = 4096

    public let kind = "command"
    private let program: String
    private let arguments: [String]

    /// - Parameters:
    ///   - name: for errors.
    ///   - command: the program's path, absolute, and its arguments.
    /// - Throws: `AlertError.channel`.
    public init(name: String, command: [String]) throws(AlertError) {
        guard let program = command.first, program.hasPrefix("/") else {
            throw .channel(name, field: "command", problem: "begins with the absolute path of a program")
        }
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw .channel(
                name, field: "command", problem: "names \(AlertError.line(program)), which cannot be executed")
        }
        guard command.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .channel(name, field: "command", problem: "has a zero byte in an argument")
        }
        (self.program, arguments) = (program, Array(command.dropFirst()))
    }

    public func send(_ message: AlertMessage) async throws(AlertError) {
        let input = try CommandInput.pipe(of: message.json.bytes)
        defer { close(input) }
        var options = PlatformOptions()
        // What it starts in turn ends with it when its time is over.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let words = Mutex<[UInt8]>([])
        let status: TerminationStatus
        do {
            let result = try await Subprocess.run(
                .path(.init(program)), arguments: Arguments(arguments), environment: Self.environment,
                platformOptions: options,
                input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
                output: .discarded, error: .sequence
            ) { execution in
                for try await bytes in execution.standardError {
                    let bytes = bytes.withUnsafeBytes { Array($0) }
                    words.withLock { $0 = ($0 + bytes).suffix(Self.wordsBytesMax) }
                }
            }
            status = result.terminationStatus
        } catch {
            throw .delivery(problem: "\(program) cannot be run: \(AlertError.line("\(error)"))", isFinal: false)
        }
        guard status != .exited(0) else { return }
        let said = String(decoding: words.withLock { $0 }, as: UTF8.self).trimmingCharacters(
            in: .whitespacesAndNewlines)
        throw .delivery(
            problem: "\(program) ends with \(Self.text(status))" + (said.isEmpty ? "" : ": \(AlertError.line(said))"),
            isFinal: status != .exited(Self.again))
    }

    /// Without what the gateway has in its environment: keys and passwords among it.
    private static var environment: Environment {
        let kept = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"]
        let own = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        return .custom(Dictionary(uniqueKeysWithValues: own.map { (Environment.Key(stringLiteral: $0), $1) }))
    }

    private static func text(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}
