import Foundation
import Synchronization

/// A program of this package that a test runs, and may kill.
public final class Victim: Sendable {
    private let process: Mutex<Process?> = Mutex(nil)

    public init() {}

    /// - Parameters:
    ///   - program: the name of its target; it lies beside the tests.
    ///   - output: what it writes goes there; nil: to where the tests write.
    /// - Returns: its exit status; nil where it was killed.
    public func run(_ program: String, _ arguments: [String], output: FileHandle? = nil) async throws -> Int32? {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: program)
        process.arguments = arguments
        if let output { process.standardOutput = output }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try self.process.withLock { held in
                    try process.run()
                    held = process
                }
            } catch { continuation.resume(throwing: error) }
        }
        self.process.withLock { $0 = nil }
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }

    public func kill() {
        process.withLock { process in
            if let process { Foundation.kill(process.processIdentifier, SIGKILL) }
        }
    }
}
