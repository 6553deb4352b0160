import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The official clients, from the Python environment that `make setup` makes.
enum PythonClient {
    static let interpreter = SharedData.repository.appendingPathComponent(".venv/bin/python").path

    /// Runs topics of one of the scripts beside this file; what they print is part of the failure.
    static func run(
        _ script: String = "openai_client.py", base: String, model: String, _ topics: [String]
    ) async throws {
        let script = SharedData.repository.appendingPathComponent("Tests/ServingTests/\(script)").path
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
            Issue.record("\(interpreter) is missing: run `make setup` first")
            return
        }
        let result = try await Subprocess.run(
            .path(.init(interpreter)), arguments: .init([script, base, model] + topics),
            output: .string(limit: 1 << 20),
            error: .combinedWithOutput)
        #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
    }
}
